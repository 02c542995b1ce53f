"""A part of an object labelled as another one of it."""

import numpy as np

from ocella.labeling.rule import Finding, Rule
from ocella.ops.iou import covered
from ocella.types import Detections

__all__ = ["UNITS"]


class Nested(Rule):
    """A box at least 95 % inside a more confident one of its class that is up to 4 times as large: a part, not another."""

    name = "nested"
    summary = "boxes inside a more confident one of their class, up to 4 times as large"

    def find(self, found: Detections, size_hw: tuple[int, int]) -> list[Finding]:  # noqa: ARG002  # the interface's
        """Rows nested in another of their class."""
        inside = covered(found.xyxy, found.xyxy)
        area = np.maximum(found.area, 1e-6)
        wrong = (
            (inside >= 0.95)
            & (found.class_id[:, None] == found.class_id[None])
            & (found.confidence[None] > found.confidence[:, None])
            & (area[None] <= 4 * area[:, None])
        )
        np.fill_diagonal(wrong, val=False)
        return [
            Finding(int(i), f"inside a more confident '{found.names[i]}' ({inside[i, np.argmax(wrong[i])]:.0%} of it)")
            for i in np.flatnonzero(wrong.any(axis=1))
        ]


UNITS = (Nested(),)
