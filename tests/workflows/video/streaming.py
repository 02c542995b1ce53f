"""Small workflows and sources for tests of streams."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.media.sources.counted import number_of, numbered

from ocella.errors import Unreadable
from ocella.media.sources.source import Raw, Source
from ocella.types import Image, Moment
from ocella.workflows.block import Batch, Block
from ocella.workflows.compile import compile_workflow
from ocella.workflows.video.status import Counts, StreamStatus
from ocella.workflows.workflow import Workflow


class ReadNumber(Block):
    """The number in a counted frame; waits, and fails on numbers that `fails_on` divides."""

    type = "read_number@v1"
    output = "number"
    seconds: float = 0.0
    fails_on: int = 0

    def run(self, image: Image) -> int:
        if self.seconds:
            time.sleep(self.seconds)
        number = number_of(image.pixels)
        if self.fails_on and number % self.fails_on == 0:
            raise ValueError(f"does not like {number}")
        return number


class CountFrames(Block):
    """How many frames of the same source came, this one included."""

    type = "count_frames@v1"
    output = "count"
    stateful = True

    def setup(self) -> None:
        self.seen: dict[str, int] = {}

    def run(self, image: Image) -> int:
        assert image.moment is not None
        self.seen[image.moment.source] = self.seen.get(image.moment.source, 0) + 1
        return self.seen[image.moment.source]


class BatchSize(Block):
    """How many frames are run together."""

    type = "batch_size@v1"
    output = "size"

    def run(self, image: Batch[Image]) -> Batch[int]:
        return [len(image)] * len(image)


class SecondsOf(Block):
    """The seconds of a frame's metadata."""

    type = "seconds_of@v1"
    output = "seconds"

    def run(self, metadata: Moment) -> float:
        return metadata.seconds


def workflow(**fields: Any) -> Workflow:
    """number, count, size and seconds of each frame."""
    definition = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowVideoMetadata", "name": "video_metadata"},
        ],
        "steps": [
            {"type": "read_number@v1", "name": "read", "image": "$inputs.image", **fields},
            {"type": "count_frames@v1", "name": "count", "image": "$inputs.image"},
            {"type": "batch_size@v1", "name": "batch", "image": "$inputs.image"},
            {"type": "seconds_of@v1", "name": "time", "metadata": "$inputs.video_metadata"},
        ],
        "outputs": [
            {"type": "JsonField", "name": "number", "selector": "$steps.read.number"},
            {"type": "JsonField", "name": "count", "selector": "$steps.count.count"},
            {"type": "JsonField", "name": "size", "selector": "$steps.batch.size"},
            {"type": "JsonField", "name": "seconds", "selector": "$steps.time.seconds"},
        ],
    }
    return compile_workflow(definition, [ReadNumber, CountFrames, BatchSize, SecondsOf])


class Camera(Source):
    """A live source in memory: numbered frames at a steady rate; a number in `broken` cannot be decoded. It never ends unless
    `last` is given: then it hangs, as a dead camera does.
    """

    def __init__(self, name: str, fps: float, *, last: int | None = None, broken: frozenset[int] = frozenset()) -> None:
        super().__init__(name, is_live=True)
        self.rate, self.last, self.broken = fps, last, broken
        self.sent = 0
        self.hung = threading.Event()

    def connect(self) -> Iterator[Raw]:
        due = time.monotonic()
        while True:
            if self.last is not None and self.sent > self.last:
                self.hung.wait()
                return
            due += 1 / self.rate
            if self._stopped.wait(max(due - time.monotonic(), 0)):
                return
            number, self.sent = self.sent, self.sent + 1
            yield Raw(lambda number=number: self._decode(number), number / self.rate, self.rate)  # type: ignore[misc]

    def _decode(self, number: int) -> Any:
        if number in self.broken:
            raise Unreadable(f"frame {number} is broken")
        return numbered(number)


def add_up(counts: Counts) -> bool:
    """Whether every frame is accounted for."""
    return counts.read == counts.processed + counts.dropped + counts.failed + counts.waiting


def settled(status: StreamStatus) -> bool:
    """Whether every frame is accounted for and none waits, in sources and sinks."""
    sources = all(add_up(s.counts) and s.counts.waiting == 0 for s in status.sources)
    sinks = all(s.given == s.written + s.dropped + s.failed and s.waiting == 0 for s in status.sinks)
    return sources and sinks
