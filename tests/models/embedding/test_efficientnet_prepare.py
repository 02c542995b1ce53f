import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocella.models.embedding.efficientnet_prepare import efficientnet_prepare
from ocella.types import Image


def plain(height: int, width: int, colour: tuple[int, int, int]) -> Image:
    return Image(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)).copy())


@given(size_hw=st.tuples(st.integers(1, 400), st.integers(1, 400)), side=st.sampled_from([(224, 224), (64, 96)]))
@settings(max_examples=40)
def test_one_colour_stays_that_colour_in_any_size(size_hw: tuple[int, int], side: tuple[int, int]) -> None:
    out = efficientnet_prepare(plain(*size_hw, (255, 127, 0)), side)
    assert out.shape == (3, *side)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out[0], 1)
    np.testing.assert_allclose(out[1], 0)
    np.testing.assert_allclose(out[2], -127 / 128)


def test_channels_are_red_green_blue() -> None:
    out = efficientnet_prepare(plain(10, 10, (200, 100, 50)), (32, 32))
    assert out[:, 0, 0].tolist() == pytest.approx([73 / 128, -27 / 128, -77 / 128])


@pytest.mark.parametrize(("height", "width"), [(256, 256), (512, 512)])
def test_the_middle_seven_eighths_are_seen(height: int, width: int) -> None:
    border = height // 16
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[border:-border, border:-border] = 0
    out = efficientnet_prepare(Image(pixels), (224, 224))
    np.testing.assert_allclose(out, -127 / 128)


def test_of_a_wide_image_the_middle_square_is_seen() -> None:
    pixels = np.zeros((100, 300, 3), np.uint8)
    pixels[:, 100:200] = 255
    out = efficientnet_prepare(Image(pixels), (64, 64))
    np.testing.assert_allclose(out, 1)


def test_the_image_is_not_changed() -> None:
    image = plain(20, 20, (9, 9, 9))
    efficientnet_prepare(image, (32, 32))
    assert image == plain(20, 20, (9, 9, 9))
