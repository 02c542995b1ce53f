"""Messages by e-mail."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Image
from ocella.workflows.blocks.sinks._base import Notice, Sink
from ocella.workflows.blocks.sinks._message import as_file, as_list, filled
from ocella.workflows.kinds import Secret
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

_TIMEOUT = 30.0


class EmailNotification(Sink):
    """Send an e-mail by your mail server; {{ $parameters.name }} in it are values of `message_parameters`. Attachments are
    texts, bytes and images by file name. `encryption`: from the first byte on port 465, else by STARTTLS; with "none"
    nothing is encrypted, and no password is sent.
    """

    type = "email_notification@v2"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowParameter", "name": "password", "kind": ["secret"]},
        ],
        "steps": [
            {
                "type": "email_notification",
                "name": "tell",
                "email_provider": "Custom SMTP",
                "subject": "Gate",
                "message": "The gate is open.",
                "sender_email": "camera@example.com",
                "receiver_email": "guard@example.com",
                "smtp_server": "mail.example.com",
                "sender_email_password": "$inputs.password",
                "attachments": {"gate.jpg": "$inputs.image"},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    subject: str
    message: str
    receiver_email: str | list[str]
    email_provider: Literal["Custom SMTP", "Roboflow Managed API Key"] = "Custom SMTP"
    smtp_server: str | None = None
    sender_email: str | None = None
    sender_email_password: Secret | None = None
    cc_receiver_email: str | list[str] | None = None
    bcc_receiver_email: str | list[str] | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 465
    encryption: Literal["auto", "none"] = "auto"
    message_parameters_operations: dict[str, Operations] = {}  # a default, never changed

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """A server of one's own is needed."""
        needed = ("smtp_server", "sender_email")
        found = [(name, "a value of your mail server", f"Give '{name}'.") for name in needed if not step.get(name)]
        if step.get("email_provider") == "Roboflow Managed API Key":
            say = "Mail goes through your own server: smtp_server, sender_email, sender_email_password."
            found.insert(0, ("email_provider", "'Custom SMTP'", say))
        if step.get("receiver_email") == []:
            found.append(("receiver_email", "at least one address", "Say who gets the mail."))
        return found

    def run(
        self,
        message_parameters: dict[str, Any] = {},  # noqa: B006  # never changed
        attachments: dict[str, str | bytes | Image] = {},  # noqa: B006
    ) -> Notice:
        """One e-mail."""
        held = self.held_back()
        if held is not None:
            return held
        text = filled(self.message, message_parameters, self.message_parameters_operations)
        mail = self._mail(text, [as_file(name, value) for name, value in attachments.items()])
        server = _Server(
            self.smtp_server or "", self.smtp_port, self.sender_email or "", self.sender_email_password or "",
            encrypted=self.encryption == "auto", private=self.private,
        )  # fmt: skip
        return Notice(*self.start(lambda: server.send(mail)))

    def _mail(self, text: str, files: list[tuple[str, bytes, str]]) -> EmailMessage:
        mail = EmailMessage()
        fields = {
            "Subject": [self.subject],
            "From": [self.sender_email or ""],
            "To": as_list(self.receiver_email),
            "Cc": as_list(self.cc_receiver_email),
            "Bcc": as_list(self.bcc_receiver_email),
        }
        try:
            for name, values in fields.items():
                if values:
                    mail[name] = ", ".join(values)
        except ValueError as error:  # a line break, which would begin another field
            raise InvalidValue(f"The mail's addresses or subject cannot be written: {error}.") from error
        mail.set_content(text)
        for name, content, kind in files:
            main, _, sub = kind.partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        return mail


class _Server:
    """One mail server and an account on it."""

    def __init__(self, host: str, port: int, user: str, password: str, *, encrypted: bool, private: bool) -> None:
        self.host, self.port, self.user, self.password = host, port, user, password
        self.encrypted, self.private = encrypted, private

    def send(self, mail: EmailMessage) -> str:
        """Hand the mail over; raises ConnectionError."""
        from ocella.workflows.fetch import check_host

        check_host(self.host, self.port, private=self.private)
        try:
            with self._connected() as server:
                if self.password and self.encrypted:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except smtplib.SMTPException as error:
            raise ConnectionError(f"{self.host} did not take the mail: {error}.") from error
        return "Notification sent."

    def _connected(self) -> smtplib.SMTP:
        if not self.encrypted:
            return smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)
        context = ssl.create_default_context()
        if self.port == smtplib.SMTP_SSL_PORT:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)
        try:
            server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server


UNITS = (EmailNotification,)
