from pathlib import Path

import numpy as np
import pytest
from tests.small_models import paint

from ocella.errors import InvalidValue, NotFound
from ocella.models.detection.exemplar_image import read_exemplar


@pytest.mark.parametrize(
    ("part", "box"),
    [
        ("", None),
        ("#xywh=10,20,30,40", [10, 20, 40, 60]),
        ("#xywh=0,0,96,64", [0, 0, 96, 64]),
        ("#xywh=1.5,2,3,4.5", [1.5, 2, 4.5, 6.5]),
    ],
)
def test_an_image_and_where_the_thing_is(tmp_path: Path, part: str, box: list[float] | None) -> None:
    image, found = read_exemplar(f"{paint(tmp_path / 'a #1.png', ('red', 10, 20, 40, 60))}{part}")
    assert image.size_hw == (64, 96)
    assert found is None if box is None else np.asarray(found).tolist() == box


@pytest.mark.parametrize("part", ["#xywh=", "#xywh=1,2,3", "#xywh=1,2,3,4,5", "#xywh=a,b,c,d", "#xywh=nan,0,5,5"])
def test_numbers_that_are_no_box(tmp_path: Path, part: str) -> None:
    with pytest.raises(InvalidValue, match=r"four numbers|inside the image of 96 x 64"):
        read_exemplar(f"{paint(tmp_path / 'a.png')}{part}")


@pytest.mark.parametrize("part", ["-1,0,5,5", "0,0,97,5", "0,60,5,5", "5,5,0,5"])
def test_a_box_lies_inside(tmp_path: Path, part: str) -> None:
    with pytest.raises(InvalidValue, match="inside the image of 96 x 64"):
        read_exemplar(f"{paint(tmp_path / 'a.png')}#xywh={part}")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_exemplar(f"{tmp_path / 'none.png'}#xywh=0,0,5,5")
