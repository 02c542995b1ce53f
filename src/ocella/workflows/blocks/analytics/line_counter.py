"""How many objects crossed a line."""

from typing import Any, NamedTuple

import numpy as np

from ocella.errors import InvalidValue
from ocella.ops.anchors import Anchor, anchors
from ocella.ops.zones import as_path, beside, side
from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.tracking.definitions import metadata_as_image, tracked_example
from ocella.workflows.tracking.memory import BySource, Forgetful, tracks_of

__all__ = ["UNITS"]


class Crossed(NamedTuple):
    """Crossings so far, and the objects that crossed in this frame."""

    count_in: int
    count_out: int
    detections_in: Detections
    detections_out: Detections


class _Line:
    """One video's counts, and the side on which each track was last."""

    def __init__(self) -> None:
        self.points: Any = None
        self.count_in = self.count_out = 0
        self.left: Forgetful[int, bool | None] = Forgetful(lambda: None)


class LineCounter(Block):
    """Count tracked objects that cross a line of two points. An object crosses when all four corners of its box, or its
    `triggering_anchor`, were on one side between the ends of the line and then are on the other. Going from the right of the
    line's direction to its left counts as in.
    """

    type = "line_counter@v2"
    stateful = True
    example = tracked_example(
        {"type": "line_counter", "name": "count", "line_segment": [[0, 240], [640, 240]]}, "count_in"
    )

    line_segment: list[Any]
    triggering_anchor: Anchor | None = None

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 has the metadata of the video and counts by the centre."""
        return metadata_as_image(step, triggering_anchor="CENTER") if version < 2 else step

    def setup(self) -> None:
        """No video was seen yet."""
        self._lines: BySource[_Line] = BySource(_Line)

    def run(self, image: Image | Moment, detections: Detections) -> Crossed:
        """Counts with this frame."""
        tracks = tracks_of(detections, "line_counter")
        line = self._lines.of(image)
        ends = as_path(self.line_segment, "line_segment", 2, 2)
        if (ends[0] == ends[1]).all():
            raise InvalidValue(f"line_segment must be two different points, got {self.line_segment}. Draw it longer.")
        if line.points is None or (line.points != ends).any():
            line.points = ends
            line.left = Forgetful(lambda: None)
        names: list[Anchor] = [self.triggering_anchor] if self.triggering_anchor else list(_CORNERS)
        points = np.stack([anchors(detections, name) for name in names])
        left = side(points, *ends)
        whole = left.all(axis=0) | ~left.any(axis=0)
        clear = np.flatnonzero(whole & beside(points, *ends).all(axis=0)).tolist()
        went_in, went_out = np.zeros(len(tracks), bool), np.zeros(len(tracks), bool)
        for row in clear:
            before, now = line.left[tracks[row]], bool(left[0, row])
            line.left[tracks[row]] = now
            if before is not None and before != now:
                (went_in if now else went_out)[row] = True
        line.count_in += int(went_in.sum())
        line.count_out += int(went_out.sum())
        return Crossed(line.count_in, line.count_out, detections[went_in], detections[went_out])


_CORNERS: tuple[Anchor, ...] = ("TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT")

UNITS = (LineCounter,)
