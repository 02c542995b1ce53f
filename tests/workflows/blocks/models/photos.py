"""The photographs that come with the install, and the outlines that a person drew in them."""

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import ocella_starter
from ocella.media.load import load
from ocella.types import Image

__all__ = ["outline", "overlap", "photo"]

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
OUTLINES = json.loads((PHOTOS / "outlines.json").read_text(encoding="utf-8"))["outlines"]
Mask = npt.NDArray[np.bool_]


@cache
def photo(name: str) -> Image:
    return load(PHOTOS / name)


@cache
def outline(name: str) -> Mask:
    """The mask of what a person drew around the main thing."""
    (ring,) = (o["ring"] for o in OUTLINES if o["file"] == name)
    canvas = np.zeros(photo(name).size_hw, np.uint8)
    cv2.fillPoly(canvas, [np.array(ring, np.int32)], 1)
    return canvas > 0


def overlap(one: Mask, two: Mask) -> float:
    return float((one & two).sum() / (one | two).sum())
