from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import ocella_starter
from ocella.media.load import load as load_image
from ocella.models.entry import zoo
from ocella.models.load import load
from ocella.models.tasks import KeypointDetector
from ocella.ops.crop import resize
from ocella.ops.iou import iou
from ocella.types import COCO_PERSON, Detections, Image

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
IN_PHOTO = {"nose": (224, 122), "left_eye": (247, 103), "right_eye": (205, 100), "left_shoulder": (304, 258)}
"""Where the points are in the astronaut's photograph, which was looked at; her left is at the right."""


@cache
def movenet() -> KeypointDetector:
    model = load("movenet-multipose", device="cpu", threads=1)
    assert isinstance(model, KeypointDetector)
    return model


@cache
def photo(name: str) -> Image:
    return load_image(PHOTOS / name)


def points(found: Detections, row: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    return dict(zip(COCO_PERSON.names, movenet().points(found).xy[row], strict=True))


def test_the_astronaut_s_face_and_shoulders_are_where_they_are() -> None:
    (found,) = movenet().predict([photo("astronaut.png")])
    assert found.names == ["person"]
    for name, expected in IN_PHOTO.items():
        assert np.linalg.norm(points(found)[name] - expected) < 20, name
    assert iou(np.array([[25, 13, 358, 511]]), found.xyxy)[0, 0] > 0.85


def test_what_is_out_of_the_picture_is_not_visible() -> None:
    (found,) = movenet().predict([photo("astronaut.png")])
    visible = dict(zip(COCO_PERSON.names, movenet().points(found).visible[0].tolist(), strict=True))
    assert all(visible[n] for n in ("nose", "left_eye", "right_eye", "left_shoulder", "right_shoulder"))
    assert not any(visible[n] for n in ("left_knee", "right_knee", "left_ankle", "right_ankle"))


def test_mirrored_left_and_right_change_places() -> None:
    image = photo("astronaut.png")
    (found,) = movenet().predict([Image(image.pixels[:, ::-1].copy())])
    assert abs(points(found)["right_eye"][0] - (image.width - IN_PHOTO["left_eye"][0])) < 20
    assert points(found)["right_eye"][0] < points(found)["left_eye"][0]


@pytest.mark.parametrize(
    ("top", "left", "height", "width"), [(0, 600, 512, 1200), (400, 0, 1000, 512), (40, 50, 600, 700)]
)
def test_points_are_in_the_pixels_of_any_canvas(top: int, left: int, height: int, width: int) -> None:
    canvas = np.full((height, width, 3), 110, np.uint8)
    canvas[top : top + 512, left : left + 512] = photo("astronaut.png").pixels
    (found,) = movenet().predict([Image(canvas)])
    assert len(found) == 1
    for name in ("nose", "left_eye", "right_eye"):
        assert np.linalg.norm(points(found)[name] - (left, top) - IN_PHOTO[name]) < 45, name


def test_several_people_come_most_confident_first() -> None:
    small = resize(photo("astronaut.png"), (400, 400)).pixels
    canvas = np.full((400, 1000, 3), 110, np.uint8)
    canvas[:, :400], canvas[:, 600:] = small, small[:, ::-1]
    (found,) = movenet().predict([Image(canvas)])
    assert len(found) == 2
    assert (np.diff(found.confidence) <= 0).all()
    assert sorted(x > 500 for x in movenet().points(found).xy[:, 0, 0]) == [False, True]


@pytest.mark.parametrize("file", ["page.png", "coffee.png", "temple.jpg"])
def test_where_nobody_is_nobody_is_found(file: str) -> None:
    (found,) = movenet().predict([photo(file)])
    assert len(found) == 0
    assert found.classes == ("person",)
    assert movenet().points(found).xy.shape == (0, 17, 2)


def test_its_card_is_the_zoo_s_with_a_hash() -> None:
    assert movenet().card.name == zoo.get("movenet-multipose").name
    assert len(movenet().card.sha256) == 64
