import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.hostile import Hostile, encoded, make, picture, png

from ocella.errors import NotFound, Unreadable
from ocella.media.load import load, read_size
from ocella.types import ImageRef

# kinds whose pixels are not the picture's colours, or not the picture's at all
OTHER = ("equal stems", "unusual name", "decomposed name", "no suffix", "gray", "alpha", "palette", "clear", "1 bit")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Hostile]]:
    folder = tmp_path_factory.mktemp("hostile")
    return folder, make(folder, links=False)


def test_every_good_file_gives_its_picture_and_size(hostile: tuple[Path, list[Hostile]]) -> None:
    folder, rows = hostile
    good = [row for row in rows if row.good]
    assert len(good) > 70
    for row in good:
        image = load(folder / row.name)
        assert image.size_hw == row.size_hw, row
        assert read_size(folder / row.name) == row.size_hw, row
        if not any(word in row.kind for word in OTHER) and not row.name.startswith("deep/"):
            off = np.abs(image.pixels.astype(int) - picture(*image.size_hw)).mean()
            assert off < 4, (row, off)


def test_every_bad_file_is_refused_by_name_by_both(hostile: tuple[Path, list[Hostile]]) -> None:
    folder, rows = hostile
    bad = [row for row in rows if not row.good]
    assert len(bad) > 20
    for row in bad:
        for read in (load, read_size):
            with pytest.raises(Unreadable) as caught:
                read(folder / row.name)
            assert row.name.rsplit("/", 1)[-1] in str(caught.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("broken/empty.jpg", "0 bytes"),
        ("broken/cut.jpg", "cut off"),
        ("broken/cut-progressive.jpg", "cut off"),
        ("broken/padded.jpg", "cut off"),
        ("broken/cut.png", "cut off"),
        ("broken/huge.png", "pixels"),
        ("broken/huge.gif", "pixels"),
        ("deep/nan.tif", "nan"),
        ("foreign/text.jpg", "not an image"),
    ],
)
def test_refusals_say_why(hostile: tuple[Path, list[Hostile]], name: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        load(hostile[0] / name)


@pytest.mark.parametrize("name", ["gray16.png", "gray16.tif", "gray16be.tif", "float.tif", "int32.tif"])
def test_deep_images_are_scaled_to_eight_bits(hostile: tuple[Path, list[Hostile]], name: str) -> None:
    want = picture()[:, :, :1].repeat(3, axis=2)
    np.testing.assert_array_equal(load(hostile[0] / "deep" / name).pixels, want)


@pytest.mark.parametrize(("value", "want"), [(0, 0), (128, 0), (129, 1), (256, 1), (32896, 128), (65535, 255)])
def test_sixteen_bits_are_divided_by_257(value: int, want: Any) -> None:
    image = load(encoded("PNG", np.full((2, 2), value, np.uint16)))
    assert image.pixels.tolist() == [[[want] * 3] * 2] * 2


def test_dark_sixteen_bit_images_stay_dark() -> None:
    assert load(encoded("TIFF", np.full((2, 2), 200, np.uint16))).pixels.max() == 1


def test_sixteen_bit_rgb_is_scaled_not_cut() -> None:
    pixels = load(png(np.full((3, 2, 3), 65535, np.uint16))).pixels
    assert pixels.shape == (3, 2, 3)
    assert pixels.min() == 255


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize(("alpha", "want"), [(0, 255), (255, 40), (51, 212)])
def test_alpha_lies_over_white(mode: str, alpha: int, want: Any) -> None:
    fill = (40, alpha) if mode == "LA" else (40, 40, 40, alpha)
    assert load(encoded("PNG", Pillow.new(mode, (3, 2), fill))).pixels.tolist() == [[[want] * 3] * 3] * 2


def test_a_clear_colour_becomes_white() -> None:
    data = encoded("PNG", np.full((1, 1, 3), 7, np.uint8), transparency=(7, 7, 7))
    assert load(data).pixels.tolist() == [[[255] * 3]]


def test_the_first_frame_of_an_animation_counts() -> None:
    black, white = Pillow.new("RGB", (4, 4), "black"), Pillow.new("RGB", (4, 4), "white")
    for kind in ("GIF", "PNG", "TIFF"):
        assert load(encoded(kind, black, save_all=True, append_images=[white])).pixels.max() == 0


def test_sources_of_every_kind_are_the_same(tmp_path: Path) -> None:
    data = encoded("PNG")
    path = tmp_path / "a.png"
    path.write_bytes(data)
    for source in (path, str(path), data, ImageRef("a", path), ImageRef("b", data=data)):
        np.testing.assert_array_equal(load(source).pixels, picture())
    assert load(ImageRef("b", data=data)).origin.source == "b"


def test_missing_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="gone"):
        load(tmp_path / "gone.png")
    with pytest.raises(Unreadable):
        load(tmp_path)


def test_the_pixel_limit_is_a_setting() -> None:
    assert load(encoded("PNG"), max_pixels=48 * 64).size_hw == (48, 64)
    for read in (load, read_size):
        with pytest.raises(Unreadable, match="64 x 48"):
            read(encoded("PNG"), max_pixels=48 * 64 - 1)


def test_filters_for_warnings_are_left_as_they_were() -> None:
    before = list(warnings.filters)
    load(encoded("PNG"))
    assert list(warnings.filters) == before


WHOLE = {
    kind: encoded(kind, np.ascontiguousarray(picture()[:24, :32]))
    for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "TGA")
}


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damaged_files_give_an_image_or_a_refusal_and_nothing_else(kind: str, data: Any) -> None:
    damaged = bytearray(WHOLE[kind])
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255)), max_size=6), label="changes"
    ):
        damaged[at] = value
    cut = data.draw(st.integers(0, len(damaged)), label="length")
    sizes = [_size_or_none(read, bytes(damaged[:cut])) for read in (_loaded_size, read_size)]
    assert sizes[0] == sizes[1]


def _loaded_size(data: bytes, *, max_pixels: int) -> tuple[int, int]:
    return load(data, max_pixels=max_pixels).size_hw


def _size_or_none(read: Callable[..., tuple[int, int]], data: bytes) -> tuple[int, int] | None:
    try:
        return read(data, max_pixels=10**6)
    except Unreadable:
        return None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "BMP", "WEBP", "TIFF", "PPM"]), st.floats(0, 0.97))
def test_a_file_that_lost_its_end_is_never_half_a_picture(kind: str, share: float) -> None:
    cut = WHOLE[kind][: int(len(WHOLE[kind]) * share)]
    with pytest.raises(Unreadable):
        load(cut)
    with pytest.raises(Unreadable):
        read_size(cut)
