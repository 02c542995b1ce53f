"""Boxes that leave the image."""

from ocella.labeling.rule import Finding, Rule
from ocella.ops.boxes import clip
from ocella.types import Detections

__all__ = ["UNITS"]


class OutOfFrame(Rule):
    """A box reaching over the border is clipped to it; one wholly outside is rejected."""

    name = "out-of-frame"
    summary = "boxes that leave the image: clipped, or rejected when nothing is inside"

    def find(self, found: Detections, size_hw: tuple[int, int]) -> list[Finding]:
        """Rows beyond the border by more than a hundredth of a pixel."""
        inside = clip(found.xyxy, size_hw)
        out: list[Finding] = []
        for i, (box, cut) in enumerate(zip(found.xyxy, inside, strict=True)):
            if abs(box - cut).max() > 0.01:
                empty = (cut[2:] <= cut[:2]).any()
                out.append(
                    Finding(i, "outside the image", "reject")
                    if empty
                    else Finding(i, "reached over the border", "clip")
                )
        return out


UNITS = (OutOfFrame(),)
