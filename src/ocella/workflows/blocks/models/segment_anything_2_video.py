"""Objects followed through a video, by Segment Anything 2."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ocella.types import Detections, Image, Masks
from ocella.workflows.block import source_of
from ocella.workflows.blocks.models._detector import named
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelBlock, ModelId
from ocella.workflows.kinds import Instances, Unit

__all__ = ["UNITS"]


@dataclass
class _Followed:
    """One video source: what was last shown, pictures on their way to the model, what it says of them; frames since then,
    and the next number for a track.
    """

    shown: Detections | None = None
    frames: deque[Image] = field(default_factory=deque)
    answers: Iterator[Detections] | None = None
    seen: int = 0
    tracks: int = 0
    next_track: int = 0
    index: int = -1

    def arriving(self) -> Iterator[Image]:
        """Pictures as they come; it is asked for one only when one is there."""
        while True:
            yield self.frames.popleft()


class SegmentAnything2Video(ModelBlock):
    """Follow objects through a video with the outlines of SAM 2. `boxes` show it what to follow: in the first frame that has
    any, in every frame, or every `prompt_interval` frames, as `prompt_mode` says. A track keeps the number that its box has,
    else gets a new one. Objects less sure than `threshold` are left out.
    """

    type = "segment_anything_2_video@v1"
    output = "predictions"
    stateful = True
    example = example_on_images("segment_anything_2_video", "predictions")
    _tasks = ("track",)

    model_id: ModelId = "sam2video/small"
    prompt_mode: Literal["first_frame", "every_n_frames", "every_frame"] = "first_frame"
    prompt_interval: Annotated[int, Field(ge=1)] = 30
    threshold: Unit = 0.0

    def setup(self) -> None:
        """No source has been seen."""
        self._sources: dict[str, _Followed] = {}

    def run(self, images: Image, boxes: Detections | None = None) -> Instances:
        """The objects in this frame."""
        state = self._state(images)
        with self.leased(self.model_id) as model:
            if boxes is not None and len(boxes) and self._is_shown(state):
                self._show(state, boxes, model)
            if state.shown is None or state.answers is None:
                return Detections.empty().replace(masks=Masks.empty(images.size_hw)).on(images)
            state.frames.append(images)
            state.seen += 1
            try:
                found = next(state.answers)
            except BaseException:
                del self._sources[source_of(images)]  # what failed cannot go on
                raise
        return named(self._as_shown(found, state)).on(images)

    def _state(self, image: Image) -> _Followed:
        """What is known of the image's source; a video that begins again is a new one."""
        index = -1 if image.moment is None else image.moment.index
        state = self._sources.get(source_of(image))
        if state is None or index < state.index:
            state = self._sources[source_of(image)] = _Followed()
        state.index = index
        return state

    def _is_shown(self, state: _Followed) -> bool:
        """Whether this frame's boxes are to be looked at."""
        if state.shown is None or self.prompt_mode == "every_frame":
            return True
        return self.prompt_mode == "every_n_frames" and state.seen >= self.prompt_interval

    def _show(self, state: _Followed, boxes: Detections, model: Any) -> None:
        state.shown, state.seen, state.frames = boxes, 0, deque()
        state.answers = model.predict(state.arriving(), boxes.xyxy)
        state.tracks = state.next_track
        if boxes.track_id is None:
            state.next_track += len(boxes)

    def _as_shown(self, found: Detections, state: _Followed) -> Detections:
        """With the classes and tracks of the boxes; the model numbers objects by the rows of what it was shown."""
        shown, rows = state.shown, found.track_id
        assert shown is not None
        assert rows is not None
        tracks = rows + state.tracks if shown.track_id is None else shown.track_id[rows]
        kept = found.replace(
            class_id=shown.class_id[rows], classes=shown.classes, track_id=np.asarray(tracks, np.int64)
        )
        return kept[kept.confidence >= self.threshold]


UNITS = (SegmentAnything2Video,)
