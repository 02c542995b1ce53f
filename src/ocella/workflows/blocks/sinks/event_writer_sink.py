"""Events sent to an event service, with what several models found."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from ocella.types import Classification, Detections, Image
from ocella.workflows.blocks.sinks._base import delivered
from ocella.workflows.blocks.sinks._events import EventSink, annotations, posted
from ocella.workflows.blocks.sinks._message import as_bytes
from ocella.workflows.kinds import Instances, KeypointObjects, Objects, Secret

__all__ = ["UNITS"]


class Written(NamedTuple):
    """How it went; the id that the service gave, where it was asked at once."""

    error_status: bool
    event_id: str
    message: str


class EventWriterSink(EventSink):
    """Send an event with pictures, and what was found on them, to an event service of yours (its /v2/events), with `api_key`
    where it wants one.
    """

    type = "event_writer_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "event_writer_sink",
                "name": "tell",
                "event_ingestion_url": "http://localhost:8001",
                "event_schema": "inventory_count",
                "item_count": 3,
                "output_image": "$inputs.image",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    event_ingestion_url: str
    event_schema: Literal["quality_check", "inventory_count", "safety_alert", "custom"]
    image_label: str | None = None
    request_timeout: Annotated[float, Field(gt=0, le=600)] = 5
    api_key: Secret | None = None
    cooldown_seconds: float = 0

    def run(
        self,
        output_image: Image,
        input_image: Image | None = None,
        object_detections: Objects | None = None,
        classifications: Classification | None = None,
        instance_segmentations: Instances | None = None,
        keypoint_detections: KeypointObjects | None = None,
    ) -> Written:
        """One event."""
        held = self.held_back()
        if held is not None:
            return Written(held.error_status, "", held.message)
        found: list[Detections | Classification | None] = [
            object_detections, classifications, instance_segmentations, keypoint_detections
        ]  # fmt: skip
        images = (("base64Image", output_image), ("inputBase64Image", input_image))
        entry: dict[str, Any] = {key: b64encode(as_bytes(i)).decode() for key, i in images if i is not None}
        entry |= {"label": self.image_label or "workflow", **annotations(found)}
        event = {
            "inference_timestamp": self.services.now().isoformat(),
            "event_schema": self.event_schema,
            "event_data": self.facts(self.event_schema),
            "images": [entry],
            "displayImagePosition": 0,
            **({"custom_metadata": self.metadata()} if self.custom_metadata else {}),
        }
        url, key, private, given = self.event_ingestion_url, self.api_key or "", self.private, list[str]()
        timeout = self.request_timeout

        def work() -> str:
            given.append(posted(url, event, api_key=key, private=private, timeout=timeout))
            return "Event sent."

        if self.fire_and_forget:
            error, _, message = self.start(work)
            return Written(error, "", message)
        sent = delivered(work)
        return Written(sent.error_status, given[0] if given else "", sent.message)


UNITS = (EventWriterSink,)
