"""One object labelled twice."""

import numpy as np

from ocella.labeling.rule import Finding, Rule
from ocella.ops.iou import iou
from ocella.types import Detections

__all__ = ["UNITS"]


class Duplicate(Rule):
    """Of two boxes with IoU over 0.7, of the same or of different prompts or classes, the less confident one goes."""

    name = "duplicate"
    summary = "two boxes on one object (IoU over 0.7), across prompts and classes: the less confident one"

    def find(self, found: Detections, size_hw: tuple[int, int]) -> list[Finding]:  # noqa: ARG002  # the interface's
        """Rows that a more confident one covers."""
        order = np.argsort(-found.confidence, kind="stable")
        overlap = iou(found.xyxy, found.xyxy)
        gone: dict[int, Finding] = {}
        for place, i in enumerate(order.tolist()):
            for j in order[place + 1 :].tolist():
                if i not in gone and j not in gone and overlap[i, j] > 0.7:
                    margin = found.confidence[i] - found.confidence[j]
                    reason = f"the same object as a '{found.names[i]}' (IoU {overlap[i, j]:.2f}, {margin:.2f} less confident)"
                    gone[j] = Finding(j, reason)
        return [gone[j] for j in sorted(gone)]


UNITS = (Duplicate(),)
