"""Boxes too small to learn from."""

import numpy as np

from ocella.labeling.rule import Finding, Rule
from ocella.types import Detections

__all__ = ["UNITS"]


class Tiny(Rule):
    """A box with a side under 3 pixels, or under 1/200 of the image's longer side."""

    name = "tiny"
    summary = "boxes with a side under 3 px or 1/200 of the image"

    def find(self, found: Detections, size_hw: tuple[int, int]) -> list[Finding]:
        """Rows that are too small."""
        sides = found.xyxy[:, 2:] - found.xyxy[:, :2]
        wrong = sides.min(axis=1) < max(3.0, max(size_hw) / 200)
        return [Finding(int(i), f"only {sides[i, 0]:.1f} x {sides[i, 1]:.1f} px") for i in np.flatnonzero(wrong)]


UNITS = (Tiny(),)
