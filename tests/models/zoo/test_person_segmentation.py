import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import ocella_starter
from ocella.media.load import load as load_image
from ocella.models.load import load
from ocella.models.tasks import Detector, Segmenter, SemanticSegmenter
from ocella.types import Image, Ontology

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
OUTLINES = json.loads((PHOTOS / "outlines.json").read_text(encoding="utf-8"))["outlines"]
Mask = npt.NDArray[np.bool_]


@cache
def photo(name: str) -> Image:
    return load_image(PHOTOS / name)


@cache
def outline(file: str) -> Mask:
    """The hand-drawn mask of a photograph."""
    (ring,) = (o["ring"] for o in OUTLINES if o["file"] == file)
    canvas = np.zeros(photo(file).size_hw, np.uint8)
    cv2.fillPoly(canvas, [np.array(ring, np.int32)], 1)
    return canvas > 0


def overlap(one: Mask, two: Mask) -> float:
    return float((one & two).sum() / (one | two).sum())


@cache
def in_box() -> Segmenter:
    model = load("person-segmentation", device="cpu", threads=1)
    assert isinstance(model, Segmenter)
    return model


@cache
def as_map() -> SemanticSegmenter:
    model = load("person-segmentation-map", device="cpu", threads=1)
    assert isinstance(model, SemanticSegmenter)
    return model


def box_of(mask: Mask) -> npt.NDArray[np.float32]:
    ys, xs = np.nonzero(mask)
    return np.array([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)


@pytest.mark.parametrize("file", ["astronaut.png", "camera.png"])
def test_the_mask_in_a_person_s_box_is_the_one_drawn_by_hand(file: str) -> None:
    (masks,) = in_box().predict([photo(file)], [box_of(outline(file))])
    assert overlap(masks.dense()[0], outline(file)) > 0.85


@pytest.mark.parametrize("file", ["astronaut.png", "camera.png"])
def test_detector_and_segmenter_joined_make_that_mask(file: str) -> None:
    model = load("nanodet-g+person-segmentation", device="cpu", threads=1)
    assert isinstance(model, Detector)
    (found,) = model.predict([photo(file)], Ontology.of("person"))
    assert found.names == ["person"]
    assert found.masks is not None
    assert overlap(found.masks.dense()[0], outline(file)) > 0.85


@pytest.mark.parametrize(("file", "at_least"), [("astronaut.png", 0.7), ("camera.png", 0.88)])
def test_the_map_of_the_whole_picture(file: str, at_least: float) -> None:
    (found,) = as_map().predict([photo(file)])
    assert found.classes == ("background", "person")
    assert overlap(found.class_id == 1, outline(file)) > at_least


@pytest.mark.parametrize("file", ["page.png", "rocket.jpg", "temple.jpg"])
def test_a_picture_without_anyone_is_background(file: str) -> None:
    (found,) = as_map().predict([photo(file)])
    assert found.share()["person"] < 0.02


def test_a_mask_stays_within_its_box() -> None:
    box = np.array([[150.5, 40.5, 300.5, 200.5]], np.float32)
    (masks,) = in_box().predict([photo("astronaut.png")], [box])
    dense = masks.dense()[0]
    assert dense[80:120, 200:240].all()
    dense[40:201, 150:301] = False
    assert not dense.any()


def test_each_box_has_its_own_mask() -> None:
    image = photo("astronaut.png")
    whole = box_of(outline("astronaut.png"))[0]
    boxes = np.array([whole, [400, 20, 500, 120], [0, 0, 0, 0], [-50, -50, -10, -10], [600, 600, 700, 700]], np.float32)
    (masks,) = in_box().predict([image], [boxes])
    share = masks.dense().reshape(5, -1).sum(axis=1)
    assert share[0] > 50_000
    assert share[2:].tolist() == [0, 0, 0]


def test_its_classes_say_what_it_can_mask() -> None:
    assert in_box().card.classes == ("person",)
    assert in_box().card.sha256 == as_map().card.sha256 != ""
