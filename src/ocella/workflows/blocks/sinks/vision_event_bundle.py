"""Events kept as files, for a place without a network."""

import io
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple
from uuid import uuid4

from ocella.types import Classification, Detections, Image
from ocella.workflows.blocks.sinks._base import delivered
from ocella.workflows.blocks.sinks._events import EventSink, annotations
from ocella.workflows.blocks.sinks._files import place
from ocella.workflows.blocks.sinks._message import as_bytes

__all__ = ["UNITS"]

EventType = Literal["quality_check", "inventory_count", "safety_alert", "custom", "operator_feedback"]


class Bundled(NamedTuple):
    """How it went; id and file of the event, where it was written at once."""

    error_status: bool
    throttling_status: bool
    event_id: str
    bundle_path: str
    message: str


class VisionEventBundle(EventSink):
    """Write an event with its pictures into one file, event_<time>_<id>.tar.gz, below the operator's folder: payload.json and
    images/*.jpg. A file is there whole or not at all.
    """

    type = "vision_event_bundle@v1"
    _needs = "write-files"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "vision_event_bundle",
                "name": "keep",
                "target_directory": "events",
                "event_type": "quality_check",
                "qc_result": "fail",
                "input_image": "$inputs.image",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.keep.error_status"}],
    }

    target_directory: str
    event_type: EventType
    solution: str | None = None
    related_event_id: str | None = None
    feedback: Literal["correct", "incorrect", "inconclusive"] | None = None
    cooldown_seconds: float = 1

    def run(
        self,
        input_image: Image | None = None,
        output_image: Image | None = None,
        predictions: Detections | Classification | None = None,
    ) -> Bundled:
        """One event."""
        held = self.held_back()
        if held is not None:
            return Bundled(held.error_status, held.throttling_status, "", "", held.message)
        now, name = self.services.now(), str(uuid4())
        path = place(self.services, self.target_directory, f"event_{now.strftime('%Y%m%dT%H%M%S_%f')}_{name}.tar.gz")
        images: dict[str, bytes] = {}
        entry: dict[str, Any] = {}
        for key, image, quality in (("file", output_image, 85), ("inputFile", input_image, 95)):
            if image is not None:
                entry[key] = f"images/{uuid4()}.jpg"
                images[entry[key]] = as_bytes(image, quality)
        if entry:
            entry |= {"label": "workflow", **annotations([predictions])}
        event = {
            "bundleFormatVersion": 1,
            "eventId": name,
            "eventType": self.event_type,
            "timestamp": now.isoformat(),
            "images": [entry] if entry else [],
            **({"useCaseId": self.solution} if self.solution else {}),
            **{
                key: value
                for key, value in (("eventData", self.facts(self.event_type)), ("customMetadata", self.metadata()))
                if value
            },
            **({"displayImagePosition": 0} if entry else {}),
        }

        def work() -> str:
            _write(path, _packed(event, images, int(now.timestamp())))
            return "Event written."

        if self.fire_and_forget:
            error, throttled, message = self.start(work)
            return Bundled(error, throttled, "", "", message)
        sent = delivered(work)
        done = ("", "") if sent.error_status else (name, str(path))
        return Bundled(sent.error_status, False, *done, sent.message)  # the outputs, in their order


def _packed(event: Mapping[str, Any], images: Mapping[str, bytes], at: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in {"payload.json": json.dumps(event, indent=2).encode(), **images}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), at
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Beside its place first, then moved there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


UNITS = (VisionEventBundle,)
