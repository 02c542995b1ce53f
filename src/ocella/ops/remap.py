"""Detections from one class list to another, by name."""

import numpy as np

from ocella.errors import Mismatch
from ocella.types import Detections

__all__ = ["remap"]


def remap(found: Detections, classes: tuple[str, ...]) -> Detections:
    """The same objects with class ids of `classes`; raises Mismatch where a used name is not in it."""
    if found.classes == classes:
        return found
    lost = sorted({n for n in found.names if n not in classes})
    if lost:
        raise Mismatch(
            f"Labels use the classes {lost}, which are not among {list(classes)}. Add them, or remove those labels."
        )
    ids = np.array([classes.index(n) for n in found.names], np.int64)
    return found.replace(class_id=ids, classes=classes)
