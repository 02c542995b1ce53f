"""Words and letters as one text."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects

__all__ = ["UNITS"]

Boxes = npt.NDArray[np.float64]
Lines = list[list[int]]

_WORD_GAP = 0.3


class StitchOcrDetections(Block):
    """Put words or letters, the classes of objects, into one text by where they are. `tolerance`: what begins within so many
    pixels is one line. `otsu`: lines by the height of letters, and spaces where gaps are clearly wider than others, times
    `otsu_threshold_multiplier`. `collimate`: each goes on after the one before it, within `collimate_tolerance` pixels, for
    slanted text. `delimiter` stands between words.
    """

    type = "stitch_ocr_detections@v2"
    output = "ocr_text"
    example = example_on_objects(
        {
            "type": "stitch_ocr_detections",
            "name": "text",
            "stitching_algorithm": "tolerance",
            "reading_direction": "left_to_right",
        },
        "ocr_text",
    )

    stitching_algorithm: Literal["tolerance", "otsu", "collimate"]
    reading_direction: Literal[
        "left_to_right", "right_to_left", "vertical_top_to_bottom", "vertical_bottom_to_top", "auto"
    ]
    tolerance: Annotated[int, Field(gt=0)] = 10
    delimiter: str = ""
    otsu_threshold_multiplier: Annotated[float, Field(gt=0)] = 1.0
    collimate_tolerance: Annotated[int, Field(ge=0)] = 10

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 knows one way."""
        return {"stitching_algorithm": "tolerance", **step} if version < 2 else step

    def run(self, predictions: Detections) -> str:
        """The text; empty where there is none."""
        if not len(predictions):
            return ""
        boxes = np.asarray(predictions.xyxy, np.float64)
        direction = _direction(boxes) if self.reading_direction == "auto" else self.reading_direction
        vertical, back = direction.startswith("vertical"), direction in ("right_to_left", "vertical_bottom_to_top")
        # along the line, then across it; backwards is forwards from the other side
        along, across = boxes[:, [1, 3] if vertical else [0, 2]], boxes[:, [0, 2] if vertical else [1, 3]]
        page = _Page(-along[:, ::-1] if back else along, across, predictions.names)
        between = " " if vertical else "\n"
        if self.stitching_algorithm == "otsu":
            texts = page.by_gaps(self.otsu_threshold_multiplier, self.delimiter)
        elif self.stitching_algorithm == "collimate":
            texts = page.by_following(self.collimate_tolerance, self.delimiter)
        else:
            texts, between = page.by_tolerance(self.tolerance, self.delimiter, back=back), self._around(between)
        return between.join(reversed(texts) if vertical and back else texts)

    def _around(self, between: str) -> str:
        return f"{self.delimiter}{between}{self.delimiter}"


class _Page:
    """Pieces of text, from where to where they reach `along` a line and `across` it, (n, 2) each."""

    def __init__(self, along: Boxes, across: Boxes, names: Sequence[str]) -> None:
        self.along, self.across, self.names = along, across, names
        self.middle, self.level = along.mean(axis=1), across.mean(axis=1)
        self.length, self.height = along[:, 1] - along[:, 0], across[:, 1] - across[:, 0]

    def by_tolerance(self, tolerance: int, delimiter: str, *, back: bool) -> list[str]:
        """Texts of lines: a new one begins `tolerance` across from where the one before began."""
        places = np.rint(self.across[:, 0])
        order = np.argsort(places, kind="stable").tolist()
        lines: Lines = [[order[0]]]
        for piece in order[1:]:
            if places[piece] - places[lines[-1][0]] >= tolerance:
                lines.append([])
            lines[-1].append(piece)
        starts = np.rint(self.along[:, 1 if back else 0])
        return [delimiter.join(self.names[i] for i in sorted(line, key=starts.__getitem__)) for line in lines]

    def by_gaps(self, multiplier: float, delimiter: str) -> list[str]:
        """Texts of lines, words apart where the gap is wider than within words."""
        lines = [sorted(line, key=self.middle.__getitem__) for line in self._levels()]
        gaps = {(a, b): self._gap(a, b) for line in lines for a, b in pairwise(line)}
        limit = _between_words(np.array(list(gaps.values()))) * multiplier
        return [self._words(line, gaps, limit, delimiter) for line in lines]

    def by_following(self, tolerance: int, delimiter: str) -> list[str]:
        """Texts of lines, each piece within `tolerance` of the one before it."""
        rest = np.argsort(self.middle, kind="stable").tolist()
        lines: Lines = []
        while rest:
            line = [rest.pop(0)]
            for piece in list(rest):
                near = max(self.height[line[-1]], self.height[piece]) / 2 + tolerance
                if abs(self.level[piece] - self.level[line[-1]]) < near:
                    line.append(piece)
                    rest.remove(piece)
            lines.append(line)
        lines.sort(key=lambda line: float(self.level[line].mean()))
        return [delimiter.join(self.names[i] for i in line) for line in lines]

    def _levels(self) -> Lines:
        """Lines by the middle of pieces, half a usual height apart."""
        order = np.argsort(self.level, kind="stable").tolist()
        limit = float(np.median(self.height)) / 2
        lines: Lines = [[order[0]]]
        for piece in order[1:]:
            if abs(self.level[piece] - self.level[lines[-1]].mean()) > limit:
                lines.append([])
            lines[-1].append(piece)
        return lines

    def _gap(self, a: int, b: int) -> float:
        """Room between two pieces, in mean lengths of them."""
        scale = float(self.length[a] + self.length[b]) / 2
        return (float(self.middle[b] - self.middle[a]) - scale) / scale if scale > 0 else 0.0

    def _words(self, line: list[int], gaps: dict[tuple[int, int], float], limit: float, delimiter: str) -> str:
        words = [[line[0]]]
        for a, b in pairwise(line):
            if gaps[a, b] > limit:
                words.append([])
            words[-1].append(b)
        return (delimiter or " ").join(delimiter.join(self.names[i] for i in word) for word in words)


def _direction(boxes: Boxes) -> str:
    width, height = (boxes[:, 2:] - boxes[:, :2]).mean(axis=0)
    return "left_to_right" if width > height else "vertical_top_to_bottom"


def _between_words(gaps: npt.NDArray[np.float64]) -> float:
    """What best parts gaps within words from those between (Otsu 1979); infinity where all are of one kind."""
    if len(gaps) < 2:
        return np.inf
    edges = np.histogram_bin_edges(gaps, bins=min(50, len(gaps)))
    limits = (edges[:-1] + edges[1:]) / 2
    best, spread, wide, apart = 0.0, 0.0, 0.0, 0.0
    for limit in limits.tolist():
        low, high = gaps[gaps <= limit], gaps[gaps > limit]
        if len(low) and len(high):
            step = float(high.mean() - low.mean())
            if len(low) * len(high) * step**2 > spread:
                best, spread, wide, apart = limit, len(low) * len(high) * step**2, float(high.mean()), step
    return best if wide > _WORD_GAP and apart > _WORD_GAP else np.inf


UNITS = (StitchOcrDetections,)
