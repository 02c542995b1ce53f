"""Boxes that several looks gave to one object, as one."""

from typing import Literal, get_args

import numpy as np

from ocella.errors import InvalidValue
from ocella.ops.fusion import fuse
from ocella.ops.nms import nms
from ocella.types import Detections

__all__ = ["Merge", "check_merge", "merged"]

Merge = Literal["nms", "wbf"]


def check_merge(merge: str) -> None:
    """Raise InvalidValue for a word that is none."""
    if merge not in get_args(Merge):
        raise InvalidValue(f"merge must be one of {', '.join(get_args(Merge))}, got {merge!r}.")


def merged(found: Detections, merge: Merge) -> Detections:
    """One row an object: its most confident box ("nms"), or the mean box and confidence of all ("wbf") with the other
    columns of the most confident.
    """
    check_merge(merge)
    if merge == "nms":
        return found[nms(found.xyxy, found.confidence, found.class_id)]
    fused = fuse(found.xyxy, found.confidence, found.class_id)
    return found[fused.lead].replace(xyxy=fused.xyxy, confidence=np.minimum(fused.confidence, 1))
