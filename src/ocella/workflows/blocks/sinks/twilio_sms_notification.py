"""Text messages by Twilio."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Image
from ocella.workflows.blocks.sinks._base import Notice, Sink
from ocella.workflows.blocks.sinks._message import filled
from ocella.workflows.blocks.sinks._web import send
from ocella.workflows.kinds import Secret
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

_CUT = "[...]"


class TwilioSmsNotification(Sink):
    """Send a text message from your Twilio account; {{ $parameters.name }} in it are values of `message_parameters`. Longer
    ones than `length_limit` are cut. `media_url` are addresses of pictures that Twilio can fetch. `twilio_url` is its API.
    """

    type = "twilio_sms_notification@v2"
    ignored: ClassVar[frozenset[str]] = frozenset({"cooldown_session_key"})
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowParameter", "name": "sid", "kind": ["secret"]},
            {"type": "WorkflowParameter", "name": "token", "kind": ["secret"]},
        ],
        "steps": [
            {
                "type": "twilio_sms_notification",
                "name": "tell",
                "sms_provider": "Custom Twilio",
                "twilio_account_sid": "$inputs.sid",
                "twilio_auth_token": "$inputs.token",
                "sender_number": "+15550100",
                "receiver_number": "+15550101",
                "message": "The gate is open.",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    receiver_number: str
    message: str
    sms_provider: Literal["Custom Twilio", "Roboflow Managed API Key"] = "Custom Twilio"
    twilio_account_sid: Secret | None = None
    twilio_auth_token: Secret | None = None
    sender_number: str | None = None
    message_parameters_operations: dict[str, Operations] = {}  # a default, never changed
    length_limit: Annotated[int, Field(ge=len(_CUT) + 2, le=1600)] = 1600
    twilio_url: str = "https://api.twilio.com"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 cut at 160 characters."""
        return {"length_limit": 160, **step} if version == 1 else step

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """An account of one's own is needed."""
        needed = ("twilio_account_sid", "twilio_auth_token", "sender_number")
        found = [(name, "a value of your Twilio account", f"Give '{name}'.") for name in needed if not step.get(name)]
        if step.get("sms_provider") == "Roboflow Managed API Key":
            say = "Messages go through your own account: its id, token and number."
            found.insert(0, ("sms_provider", "'Custom Twilio'", say))
        return found

    def run(
        self,
        message_parameters: dict[str, Any] = {},  # noqa: B006  # never changed
        media_url: str | list[Any] | Image | None = None,
    ) -> Notice:
        """One message."""
        pictures = [] if media_url is None else media_url if isinstance(media_url, list) else [media_url]
        if any(isinstance(picture, Image) for picture in pictures):
            raise InvalidValue(
                "'media_url' expected addresses that Twilio can fetch, got an image. Put it on a server of yours, and give its address."
            )
        held = self.held_back()
        if held is not None:
            return held
        text = _cut(filled(self.message, message_parameters, self.message_parameters_operations), self.length_limit)
        sid, token = self.twilio_account_sid or "", self.twilio_auth_token or ""
        url = f"{self.twilio_url.rstrip('/')}/2010-04-01/Accounts/{sid}/Messages.json"
        form = {"From": self.sender_number or "", "To": self.receiver_number, "Body": text}
        content: dict[str, Any] = {"data": {**form, "MediaUrl": pictures} if pictures else form, "auth": (sid, token)}
        private = self.private

        def work() -> str:
            send("POST", url, private=private, timeout=30, **content).checked()
            return "Notification sent."

        return Notice(*self.start(work))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1 - len(_CUT)]} {_CUT}"


UNITS = (TwilioSmsNotification,)
