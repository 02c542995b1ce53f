"""Objects of several crops, or of several models, on one image with one list of classes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocella.errors import InvalidValue
from ocella.ops.crop import to_root
from ocella.ops.remap import remap
from ocella.types import Detections, Origin

__all__ = ["alike", "placed", "shifted"]


def placed(found: Detections, origin: Origin, size_hw: tuple[int, int] | None) -> Detections:
    """Objects of a crop in pixels of the image of that origin and size, which may be a crop too. Raises InvalidValue where
    nobody knows where the crop was.
    """
    if found.origin is None:
        if len(found):
            raise InvalidValue(
                f"expected objects that know which part of the image they are on, got {len(found)} that do not. Take them from "
                "a model that ran on crops or slices."
            )
        return found.replace(origin=origin, size_hw=size_hw, masks=None)
    inner, outer = found.origin, origin
    offset = tuple((a - b) / s for a, b, s in zip(inner.offset_xy, outer.offset_xy, outer.scale_xy, strict=True))
    scale = tuple(a / b for a, b in zip(inner.scale_xy, outer.scale_xy, strict=True))
    return _moved(found, Origin(inner.source, (offset[0], offset[1]), (scale[0], scale[1])), origin, size_hw)


def shifted(
    found: Detections, left_top: tuple[float, float], origin: Origin, size_hw: tuple[int, int] | None
) -> Detections:
    """Objects of a crop whose corner lies there, in pixels of the image of that origin and size."""
    return _moved(found, Origin(origin.source, left_top), origin, size_hw)


def alike(parts: Sequence[Detections]) -> list[Detections]:
    """The same objects with one list of classes: the first's, and what the others know beyond it."""
    classes = tuple(dict.fromkeys(name for part in parts for name in part.classes))
    return [remap(part, classes) for part in parts]


def _moved(found: Detections, by: Origin, origin: Origin, size_hw: tuple[int, int] | None) -> Detections:
    if found.masks is not None and size_hw is None:
        raise InvalidValue("masks can be moved only onto an image whose size is known. Give predictions of an image.")
    moved = to_root(found, replace(by, root_hw=size_hw))
    if size_hw is not None:
        height, width = size_hw
        moved = moved.replace(xyxy=np.clip(moved.xyxy, 0, (width, height, width, height)))
    return moved.replace(origin=origin, size_hw=size_hw)
