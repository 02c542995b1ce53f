import difflib
import json
import logging
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

import ocella_starter
from ocella.media.load import load as load_image
from ocella.models.load import load
from ocella.models.tasks import TextReader
from ocella.types import Image, TextLines

PHOTOS = Path(ocella_starter.__file__).parent / "photos"


@cache
def reader() -> TextReader:
    model = load("pp-ocr", device="cpu", threads=1)
    assert isinstance(model, TextReader)
    return model


@cache
def page() -> TextLines:
    (found,) = reader().predict([load_image(PHOTOS / "page.png")])
    return found


def sign(height: int, width: int, *lines: tuple[str, int, int]) -> Image:
    """Black words on white, the left end of their base line at x, y."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    for text, x, y in lines:
        cv2.putText(pixels, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
    return Image(pixels)


def test_the_printed_page_is_read_from_top_to_bottom() -> None:
    (printed,) = (p["text"] for p in json.loads((PHOTOS / "photos.json").read_text("utf-8")) if p["file"] == "page.png")
    likeness = difflib.SequenceMatcher(None, page().text, "\n".join(printed), autojunk=False).ratio()
    assert likeness > 0.85
    assert page().texts[0] == "Region-based segmentation"
    tops = page().polygons[:, 0, 1]
    assert (np.diff(tops) > -10).all()


def test_lines_lie_in_the_image_clockwise_from_top_left() -> None:
    height, width = load_image(PHOTOS / "page.png").size_hw
    assert ((page().polygons >= 0) & (page().polygons <= [width, height])).all()
    assert (page().polygons[:, 1, 0] > page().polygons[:, 0, 0]).all()
    assert (page().polygons[:, 3, 1] > page().polygons[:, 0, 1]).all()


def test_only_lines_that_it_is_sure_of() -> None:
    assert (page().confidence >= reader().card.threshold).all()
    assert (page().confidence <= 1).all()


def test_words_are_where_they_were_written() -> None:
    image = sign(240, 640, ("EXIT 12", 40, 70), ("Gate B", 380, 200))
    (found,) = reader().predict([image])
    assert found.texts == ("EXIT 12", "Gate B")
    for polygon, top in zip(found.polygons, (0, 120), strict=True):
        ys, xs = np.nonzero(image.pixels[top : top + 120, :, 0] < 128)
        expected = [xs.min(), top + ys.min(), xs.max(), top + ys.max()]
        np.testing.assert_allclose([*polygon.min(axis=0), *polygon.max(axis=0)], expected, atol=12)


def test_colours_are_not_swapped_in_the_result() -> None:
    pixels = np.array(sign(120, 420, ("STOP", 60, 80)).pixels)
    red = Image(np.where(pixels == 0, np.array([220, 0, 0], np.uint8), pixels))
    assert reader().predict([red])[0].texts == ("STOP",)


@pytest.mark.parametrize(("height", "width"), [(60, 900), (900, 60)])
def test_a_thin_strip_is_read_or_empty_and_stays_inside(height: int, width: int) -> None:
    (found,) = reader().predict([sign(height, width, ("TRACK", 8, 48))])
    assert ((found.polygons >= 0) & (found.polygons <= [width, height])).all()
    assert height > width or found.texts == ("TRACK",)


def test_it_leaves_the_root_logger_alone() -> None:
    reader()
    assert not [h for h in logging.getLogger().handlers if "rapidocr" in type(h).__module__]
