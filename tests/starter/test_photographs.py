"""The starter networks see what is in the photographs that come with them, prepared and decoded here by hand."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from PIL import Image

import ocella_starter

Array = npt.NDArray[Any]


def pixels(photograph: str, size: int) -> Array:
    with Image.open(ocella_starter.path(f"photos/{photograph}")) as image:
        return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR), np.float32)


def run(name: str, images: Array) -> list[Array]:
    session = onnxruntime.InferenceSession(ocella_starter.path(name), providers=["CPUExecutionProvider"])
    outputs: list[Array] = session.run(None, {"images": images})
    return outputs


def names(file: str) -> list[str]:
    return ocella_starter.path(file).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("photograph", "expected", "inside", "at_least"),
    [
        ("astronaut.png", "person", (0.45, 0.35), 0.6),
        ("coffee.png", "cup", (0.5, 0.45), 0.3),
        ("cat.png", "cat", (0.5, 0.5), 0.25),
    ],
)
def test_detector_finds_the_object_where_it_is(
    photograph: str, expected: str, inside: tuple[float, float], at_least: float
) -> None:
    bgr = pixels(photograph, 416)[:, :, ::-1]
    images = (bgr - np.array([103.53, 116.28, 123.675])) / np.array([57.375, 57.12, 58.395])
    scores, distances = run("nanodet-g", np.ascontiguousarray(images.transpose(2, 0, 1)[None], np.float32))
    column = scores[0, :, names("coco80.txt").index(expected)]
    cell = int(column.argmax())
    assert column[cell] >= at_least
    x1, y1, x2, y2 = box_of_cell(cell, distances[0, cell])
    assert x1 < inside[0] * 416 < x2
    assert y1 < inside[1] * 416 < y2
    assert min(x2 - x1, y2 - y1) > 100


def box_of_cell(cell: int, bins: Array) -> tuple[float, float, float, float]:
    for stride in (8, 16, 32):
        side = 416 // stride
        if cell < side * side:
            break
        cell -= side * side
    weights = np.exp(bins.reshape(4, 11))
    left, top, right, bottom = (weights * np.arange(11)).sum(axis=1) / weights.sum(axis=1) * stride
    x, y = (cell % side + 0.5) * stride, (cell // side + 0.5) * stride
    return x - left, y - top, x + right, y + bottom


@pytest.mark.parametrize(
    ("photograph", "expected"),
    [("cat.png", {"Egyptian cat", "tabby", "tiger cat"}), ("coffee.png", {"espresso"})],
)
def test_classifier_names_the_subject(photograph: str, expected: set[str]) -> None:
    images = ((pixels(photograph, 224) - 127) / 128).transpose(2, 0, 1)[None]
    features, logits = run("efficientnet-lite0", np.ascontiguousarray(images, np.float32))
    assert names("imagenet1k.txt")[int(logits[0].argmax())] in expected
    assert features.min() >= 0


def test_poses_find_the_face_above_the_shoulders() -> None:
    (poses,) = run("movenet-multipose", pixels("astronaut.png", 256).astype(np.int32)[None])
    person = poses[0, poses[0, :, 55].argmax()]
    points = person[:51].reshape(17, 3)
    nose, left_shoulder, right_shoulder = points[0], points[5], points[6]
    assert person[55] > 0.3
    assert np.all(points[[0, 5, 6], 2] > 0.3)
    assert nose[0] < min(left_shoulder[0], right_shoulder[0])
    assert right_shoulder[1] < nose[1] < left_shoulder[1]


def test_mask_covers_the_person_and_not_the_background() -> None:
    images = np.ascontiguousarray(pixels("astronaut.png", 256).transpose(2, 0, 1)[None] / 255, np.float32)
    (mask,) = run("person-segmentation", images)
    assert mask[0, 0, 60:100, 100:130].mean() > 0.9
    assert mask[0, 0, :60, 200:].mean() < 0.2
