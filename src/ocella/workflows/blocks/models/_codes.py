"""Codes that were read, as objects."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ocella.types import Detections, Image

__all__ = ["as_objects"]


def as_objects(corners: Sequence[Any], texts: Sequence[str], name: str, image: Image) -> Detections:
    """An object a code: the box around its corners, its text in the column `data` ("" where it could not be read)."""
    points = [np.asarray(c, np.float32).reshape(-1, 2) for c in corners]
    boxes = [[*p.min(axis=0), *p.max(axis=0)] for p in points]
    height, width = image.size_hw
    xyxy = np.clip(np.array(boxes, np.float32).reshape(-1, 4), 0, (width, height, width, height))
    column = np.empty(len(texts), object)
    column[:] = list(texts)
    count = len(xyxy)
    found = Detections(xyxy, np.ones(count, np.float32), np.zeros(count, np.int64), (name,), data={"data": column})
    return found.on(image)
