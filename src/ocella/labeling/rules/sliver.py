"""Boxes too thin to be an object."""

import numpy as np

from ocella.labeling.rule import Finding, Rule
from ocella.types import Detections

__all__ = ["UNITS"]


class Sliver(Rule):
    """A box more than 12 times as long as it is thick, and thinner than a fiftieth of the image."""

    name = "sliver"
    summary = "boxes over 12 times as long as thick and under 1/50 of the image thick"

    def find(self, found: Detections, size_hw: tuple[int, int]) -> list[Finding]:
        """Rows that are slivers."""
        sides = found.xyxy[:, 2:] - found.xyxy[:, :2]
        thin, long = sides.min(axis=1), sides.max(axis=1)
        wrong = (long > 12 * np.maximum(thin, 1e-6)) & (thin < min(size_hw) / 50)
        return [Finding(int(i), f"a sliver of {sides[i, 0]:.0f} x {sides[i, 1]:.0f} px") for i in np.flatnonzero(wrong)]


UNITS = (Sliver(),)
