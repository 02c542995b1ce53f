"""Pictures inside the page."""

import io
import re
import subprocess
import sys
from base64 import b64decode
from typing import Any

import numpy as np
import PIL.Image
import pytest

from ocella.errors import InvalidValue
from ocella.reports.gallery import gallery, pair, picture
from ocella.reports.markup import Html
from ocella.types import Image


def plain(height: int, width: int, colour: tuple[int, int, int] = (200, 30, 60)) -> Image:
    return Image(np.full((height, width, 3), colour, np.uint8))


def decoded(made: str) -> PIL.Image.Image:
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', made)
    assert found
    return PIL.Image.open(io.BytesIO(b64decode(found[1])))


@pytest.mark.parametrize(
    ("size", "max_side", "wanted"),
    [
        ((600, 1200), 480, (480, 240)),
        ((1200, 600), 100, (50, 100)),
        ((30, 40), 480, (40, 30)),
        ((1, 5000), 480, (480, 1)),
    ],
)
def test_pictures_shrink_and_never_grow(size: tuple[int, int], max_side: int, wanted: Any) -> None:
    made = picture(plain(*size), "x", max_side=max_side)
    assert decoded(made).size == wanted
    assert f'width="{wanted[0]}" height="{wanted[1]}"' in made


def test_colours_are_red_green_blue() -> None:
    held = np.asarray(decoded(picture(plain(40, 40)))).reshape(-1, 3)
    assert np.abs(held.astype(int) - (200, 30, 60)).max() <= 3


def test_a_thin_coloured_line_keeps_its_colour() -> None:
    pixels = np.full((64, 64, 3), 255, np.uint8)
    pixels[:, 31:33] = (255, 0, 0)
    red, green, blue = np.asarray(decoded(picture(Image(pixels))))[20, 31].astype(int)
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize(
    ("caption", "alt", "wanted"),
    [
        ("dog <1>", None, 'alt="dog &lt;1&gt;"'),
        ("", None, 'alt="Picture"'),
        (Html("<b>x</b>"), None, 'alt="Picture"'),
        ("x", "", 'alt=""'),
    ],
)
def test_alternative_text(caption: str, alt: str | None, wanted: Any) -> None:
    assert wanted in picture(plain(8, 8), caption, alt=alt)


def test_quality_sets_the_size() -> None:
    noise = Image(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8))
    assert len(picture(noise, quality=40)) < 0.7 * len(picture(noise, quality=90))
    assert picture(noise) == picture(noise)


@pytest.mark.parametrize("wrong", [{"max_side": 0}, {"quality": 0}, {"quality": 101}])
def test_wrong_settings_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidValue, match="max_side"):
        picture(plain(8, 8), "", **wrong)  # type: ignore[arg-type]


def test_grids_and_pairs() -> None:
    one, two = picture(plain(8, 8), "people"), picture(plain(8, 8), "student")
    assert gallery([one, two]) == f'<div class="gallery">{one}{two}</div>'
    assert gallery([], empty="Nothing was labelled.") == '<p class="empty">Nothing was labelled.</p>'
    assert pair(one, two, "<a>") == f'<figure class="pair">{one}{two}<figcaption>&lt;a&gt;</figcaption></figure>'


def test_pillow_is_loaded_on_use_only() -> None:
    asked = (
        "import sys, ocella.reports.gallery, ocella.reports.plot, ocella.reports.page; sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
