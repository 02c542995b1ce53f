"""Messages to Slack."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ocella.types import Image
from ocella.workflows.blocks.sinks._base import Notice, Sink
from ocella.workflows.blocks.sinks._message import as_file, filled
from ocella.workflows.blocks.sinks._web import send
from ocella.workflows.kinds import Secret
from ocella.workflows.query import Operations

__all__ = ["UNITS"]


class SlackNotification(Sink):
    """Write a message into a channel; {{ $parameters.name }} in it are values of `message_parameters`. With attachments
    (texts, bytes, images) the channel is given by its id, and the message is their comment. `slack_url` is Slack's API.
    """

    type = "slack_notification@v1"
    ignored: ClassVar[frozenset[str]] = frozenset({"cooldown_session_key"})
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowParameter", "name": "token", "kind": ["secret"]},
            {"type": "WorkflowParameter", "name": "count", "default_value": 3},
        ],
        "steps": [
            {
                "type": "slack_notification",
                "name": "tell",
                "slack_token": "$inputs.token",
                "channel": "#alerts",
                "message": "{{ $parameters.n }} cars",
                "message_parameters": {"n": "$inputs.count"},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    slack_token: Secret
    channel: str
    message: str
    message_parameters_operations: dict[str, Operations] = {}  # a default, never changed
    cooldown_seconds: Annotated[float, Field(ge=0, le=900)] = 5
    slack_url: str = "https://slack.com/api"

    def run(
        self,
        message_parameters: dict[str, Any] = {},  # noqa: B006  # never changed
        attachments: dict[str, str | bytes | Image] = {},  # noqa: B006
    ) -> Notice:
        """One message."""
        held = self.held_back()
        if held is not None:
            return held
        text = filled(self.message, message_parameters, self.message_parameters_operations)
        files = [as_file(name, value) for name, value in attachments.items()]
        slack = _Slack(self.slack_url.rstrip("/"), self.slack_token, private=self.private)
        channel = self.channel

        def work() -> str:
            if files:
                slack.share(channel, text, files)
            else:
                slack.call("chat.postMessage", json={"channel": channel, "text": text})
            return "Notification sent."

        return Notice(*self.start(work))


class _Slack:
    """Slack's web API."""

    def __init__(self, url: str, token: str, *, private: bool) -> None:
        self.url, self.private = url, private
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, **content: Any) -> Mapping[str, Any]:
        """One method; Slack answers with status 200 also where it refuses."""
        answer = send("POST", f"{self.url}/{method}", private=self.private, timeout=30, headers=self.headers, **content)
        said = answer.checked().json()
        if not isinstance(said, Mapping) or not said.get("ok"):
            why = said.get("error", "no reason given") if isinstance(said, Mapping) else "no JSON"
            raise ConnectionError(f"Slack refuses {method}: {why}.")
        return said

    def share(self, channel: str, text: str, files: list[tuple[str, bytes, str]]) -> None:
        """Upload files, then show them in the channel."""
        shared = []
        for name, content, _ in files:
            place = self.call("files.getUploadURLExternal", data={"filename": name, "length": str(len(content))})
            send("POST", str(place["upload_url"]), private=self.private, timeout=60, content=content).checked()
            shared.append({"id": place["file_id"], "title": name})
        self.call(
            "files.completeUploadExternal", json={"files": shared, "channel_id": channel, "initial_comment": text}
        )


UNITS = (SlackNotification,)
