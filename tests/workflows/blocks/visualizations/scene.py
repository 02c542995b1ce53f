"""A picture with three objects, and what supervision draws on it."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.workflows.running import run_step

from ocella.types import COCO_PERSON, Detections, Image, Keypoints, Masks, Moment, Origin, SegmentationMap

__all__ = ["CLASSES", "IMAGE", "OBJECTS", "SIZE", "boxes", "drawn", "frame", "supervision", "with_supervision"]

Pixels = npt.NDArray[np.uint8]
SIZE = (160, 220)
CLASSES = ("cat", "dog", "bird")
_RANDOM = np.random.default_rng(3)
IMAGE = Image(_RANDOM.integers(0, 256, (*SIZE, 3), np.uint8), Origin("photo.png"), Moment("gate", 0, 0.0))
_ROWS, _COLUMNS = np.mgrid[: SIZE[0], : SIZE[1]]


def _ellipse(x: float, y: float, a: float, b: float) -> npt.NDArray[np.bool_]:
    return np.asarray(((_COLUMNS - x) / a) ** 2 + ((_ROWS - y) / b) ** 2 <= 1)


# a ring, a small one that overlaps it, and one of two parts that is cut off by the image's border
_DENSE = np.array(
    [
        _ellipse(70, 80, 45, 40) & ~_ellipse(70, 80, 15, 12),
        _ellipse(105, 70, 20, 12),
        _ellipse(215, 100, 30, 30) | _ellipse(180, 20, 6, 5),
    ]
)
OBJECTS = Detections(
    np.array([[25.7, 40.2, 115.9, 120.6], [85.0, 58.5, 125.2, 82.4], [174.3, 15.6, 219.8, 130.1]], np.float32),
    np.array([0.912, 0.5, 0.337], np.float32),
    np.array([2, 0, 2]),
    CLASSES,
    Masks.from_dense(_DENSE),
    Keypoints(
        _RANDOM.uniform(20, 140, (3, 17, 2)).astype(np.float32),
        np.ones((3, 17), np.float32),
        _RANDOM.random((3, 17)) > 0.3,
        COCO_PERSON,
    ),
    np.array([7, 30, -1]),
    {"area_px": np.array([10.0, 2.5, np.nan]), "time_in_zone": np.array([3.456, 0.0, 12.0])},
)


def boxes(xyxy: Any, class_id: Any = 0, classes: tuple[str, ...] = ("a",), **columns: Any) -> Detections:
    """Objects of full confidence in those boxes."""
    box = np.array(xyxy, np.float32)
    return Detections(box, np.ones(len(box), np.float32), np.broadcast_to(class_id, len(box)), classes, **columns)


def drawn(family: str, found: Detections | SegmentationMap = OBJECTS, image: Image = IMAGE, **fields: Any) -> Pixels:
    """Pixels of what a block makes of objects; the image that went in stays as it was."""
    before = image.pixels.copy()
    made = run_step(f"{family}_visualization", {"image": image, "predictions": found}, **fields)["image"]
    assert made.moment == image.moment
    if image.origin.source:
        assert made.origin == image.origin
    assert (image.pixels == before).all()
    return np.asarray(made.pixels)


def frame(index: int, source: str = "gate", level: int = 0) -> Image:
    """A plain picture of a video."""
    return Image(np.full((*SIZE, 3), level, np.uint8), moment=Moment(source, index, index / 10))


def supervision() -> Any:
    """The library, or the test is left out."""
    return pytest.importorskip("supervision")


def with_supervision(annotator: Any, found: Detections = OBJECTS, image: Image = IMAGE, **more: Any) -> Pixels:
    """Pixels of what an annotator makes of the same objects; it works on blue, green, red."""
    scene = np.ascontiguousarray(image.pixels[..., ::-1])
    return np.asarray(annotator.annotate(scene, found.to_supervision(), **more))[..., ::-1]
