"""Events sent to an event service."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from ocella.errors import InvalidValue
from ocella.types import Classification, Detections, Image
from ocella.workflows.blocks.sinks._base import delivered
from ocella.workflows.blocks.sinks._events import EventSink, annotations, posted
from ocella.workflows.blocks.sinks._message import as_bytes
from ocella.workflows.kinds import Secret

__all__ = ["UNITS"]


class Told(NamedTuple):
    """How it went; the id that the service gave, where it was asked at once."""

    error_status: bool
    throttling_status: bool
    event_id: str
    message: str


class RoboflowVisionEvents(EventSink):
    """Send an event with its pictures to an event service of yours at `event_store_url` (its /v2/events), with `api_key` where
    it wants one. The hosted service is not supported.
    """

    type = "roboflow_vision_events@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_vision_events",
                "name": "tell",
                "solution": "line-1",
                "event_type": "custom",
                "custom_value": "a dent",
                "input_image": "$inputs.image",
                "write_to_event_store": True,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    event_type: Literal["quality_check", "inventory_count", "safety_alert", "custom", "operator_feedback"]
    solution: str
    related_event_id: str | None = None
    feedback: Literal["correct", "incorrect", "inconclusive"] | None = None
    write_to_event_store: bool = False
    event_store_url: str = "http://localhost:8001"
    api_key: Secret | None = None
    cooldown_seconds: float = 1

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Only a service of one's own."""
        if step.get("write_to_event_store", False) is False:
            return [("write_to_event_store", "true", "Events go to a service of yours: set it, and 'event_store_url'.")]
        return []

    def run(
        self,
        input_image: Image | None = None,
        output_image: Image | None = None,
        predictions: Detections | Classification | None = None,
    ) -> Told:
        """One event."""
        if not self.write_to_event_store:
            raise InvalidValue("'write_to_event_store' expected true, got false: the hosted service is not supported.")
        held = self.held_back()
        if held is not None:
            return Told(held.error_status, held.throttling_status, "", held.message)
        images = (("base64Image", output_image), ("inputBase64Image", input_image))
        entry: dict[str, Any] = {key: b64encode(as_bytes(i)).decode() for key, i in images if i is not None}
        if entry:
            entry |= {"label": "workflow", **annotations([predictions])}
        event = {
            "inference_timestamp": self.services.now().isoformat(),
            "solution": self.solution,
            "event_schema": self.event_type,
            "event_data": self.facts(self.event_type),
            "images": [entry] if entry else [],
            **({"custom_metadata": self.metadata()} if self.custom_metadata else {}),
            **({"displayImagePosition": 0} if entry else {}),
        }
        url, key, private, given = self.event_store_url, self.api_key or "", self.private, list[str]()

        def work() -> str:
            given.append(posted(url, event, api_key=key, private=private, timeout=30))
            return "Event sent."

        if self.fire_and_forget:
            error, throttled, message = self.start(work)
            return Told(error, throttled, "", message)
        sent = delivered(work)
        return Told(sent.error_status, False, given[0] if given else "", sent.message)  # the outputs, in their order


UNITS = (RoboflowVisionEvents,)
