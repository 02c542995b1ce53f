"""Where images lie in a network's input, and what their pixels become."""

import threading
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.models.onnx.letterbox import IMAGENET, Fit, ImageInput
from ocella.types import Image

FITS: tuple[Fit, ...] = ("letterbox", "corner", "stretch", "shorter", "crop")
SIZES = st.tuples(st.integers(1, 400), st.integers(1, 400))


def noise(height: int, width: int, seed: int = 0) -> Image:
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize(
    ("fit", "scale", "offset", "inner"),
    [
        ("letterbox", (0.25, 0.25), (0, 8), (16, 32)),
        ("corner", (0.25, 0.25), (0, 0), (16, 32)),
        ("stretch", (0.25, 0.5), (0, 0), (32, 32)),
        ("shorter", (0.5, 0.5), (-16, 0), (32, 64)),
        ("crop", (1, 1), (-48, -16), (64, 128)),
    ],
)
def test_where_an_image_lies(fit: Fit, scale: Any, offset: Any, inner: Any) -> None:
    place = ImageInput((32, 32), fit=fit).place((64, 128))
    assert (place.scale_xy, place.offset_xy, place.inner_hw) == (scale, offset, inner)


@given(size=SIZES, wanted=SIZES, fit=st.sampled_from(FITS))
def test_boxes_come_back_to_where_they_were(size: tuple[int, int], wanted: tuple[int, int], fit: Fit) -> None:
    place = ImageInput(wanted, fit=fit).place(size)
    height, width = size
    box = np.array([[0, 0, width, height], [width * 0.25, height * 0.5, width * 0.5, height * 0.625]])
    there = box * np.tile(place.scale_xy, 2) + np.tile(place.offset_xy, 2)
    np.testing.assert_allclose(place.boxes(there), box, atol=1e-3)
    np.testing.assert_allclose(place.points(there.reshape(-1, 2)), box.reshape(-1, 2), atol=1e-3)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3000, 4000), (37, 91)])
def test_any_image_fills_the_input(fit: Fit, size: tuple[int, int]) -> None:
    taken = ImageInput((64, 96), fit=fit)
    taken.batch([Image(np.full((64, 96, 3), 255, np.uint8))])  # nothing of an image before may be left
    pixels, (place,) = taken.batch([Image(np.zeros((*size, 3), np.uint8))])
    assert pixels.shape == (1, 3, 64, 96)
    assert set(np.unique(pixels).tolist()) <= {0.0, float(np.float32(114) * np.float32(1 / 255))}
    assert place.size_hw == size


def test_a_letterbox_is_the_resized_image_in_grey() -> None:
    image = noise(50, 100)
    pixels, (place,) = ImageInput((64, 64)).batch([image])
    expected = np.full((64, 64, 3), 114, np.float64)
    expected[16:48] = cv2.resize(image.pixels, (64, 32), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(pixels[0], expected.transpose(2, 0, 1) / 255, atol=1e-6)
    assert place.offset_xy == (0, 16)


def test_channels_are_normalised_in_their_order() -> None:
    image = Image(np.full((8, 8, 3), (10, 20, 30), np.uint8))
    mean, std = (1.0, 2.0, 3.0), (2.0, 4.0, 5.0)
    pixels, _ = ImageInput((8, 8), rgb=False, factor=1, mean=mean, std=std).batch([image])
    np.testing.assert_allclose(pixels[0, :, 0, 0], [(30 - 1) / 2, (20 - 2) / 4, (10 - 3) / 5], atol=1e-6)
    pixels, _ = ImageInput((8, 8), mean=IMAGENET[0], std=IMAGENET[1]).batch([image])
    expected = (np.array([10, 20, 30]) / 255 - IMAGENET[0]) / IMAGENET[1]
    np.testing.assert_allclose(pixels[0, :, 3, 3], expected, atol=1e-6)


def test_padding_is_normalised_as_pixels_are() -> None:
    pixels, _ = ImageInput((8, 8), mean=(0.5,) * 3, std=(0.25,) * 3, pad=0).batch([noise(4, 8)])
    np.testing.assert_allclose(pixels[0, :, :2], -2, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_types_and_order_of_axes(dtype: str) -> None:
    image, factor = noise(16, 16), 1.0 if dtype == "uint8" else 1 / 255
    first, _ = ImageInput((16, 16), dtype=dtype, factor=factor).batch([image])
    last, _ = ImageInput((16, 16), dtype=dtype, factor=factor, channels_last=True).batch([image])
    assert first.dtype == last.dtype == dtype
    np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), last)
    np.testing.assert_allclose(last[0], image.pixels * factor, atol=1e-3)


def test_one_channel_is_grey() -> None:
    image = noise(16, 16)
    pixels, _ = ImageInput((16, 16), channels=1, mean=(0.0,), std=(1.0,), factor=1).batch([image])
    np.testing.assert_array_equal(pixels[0, 0], cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY))


def test_the_middle_is_cut_out_without_scaling() -> None:
    image = noise(10, 20)
    pixels, (place,) = ImageInput((4, 4), fit="crop", factor=1).batch([image])
    np.testing.assert_array_equal(pixels[0].transpose(1, 2, 0), image.pixels[3:7, 8:12])
    np.testing.assert_allclose(place.boxes(np.array([[0, 0, 4, 4]])), [[8, 3, 12, 7]])


def test_a_window_is_kept_and_boxes_are_of_the_whole_image() -> None:
    image = noise(20, 40)
    taken = ImageInput((10, 20), fit="stretch", factor=1, window=(25, 50, 75, 100))
    pixels, (place,) = taken.batch([image])
    np.testing.assert_array_equal(pixels[0].transpose(1, 2, 0), image.pixels[10:20, 10:30])
    np.testing.assert_allclose(place.boxes(np.array([[0, 0, 20, 10]])), [[10, 10, 30, 20]])


def test_a_batch_is_its_images_one_by_one() -> None:
    taken = ImageInput((32, 48))
    images = [noise(20, 30, 1), noise(64, 10, 2), noise(1, 1, 3)]
    together = taken.batch(images)[0].copy()
    for i, image in enumerate(images):
        np.testing.assert_array_equal(together[i], taken.batch([image])[0][0])


def test_threads_do_not_share_their_arrays() -> None:
    taken, seen = ImageInput((64, 64)), []

    def work(value: int) -> None:
        image = Image(np.full((64, 64, 3), value, np.uint8))
        for _ in range(50):
            pixels, _ = taken.batch([image])
            seen.append((float(pixels.min()), float(pixels.max()), value / 255))

    threads = [threading.Thread(target=work, args=(v,)) for v in (0, 100, 255)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 150
    assert all(abs(low - v) < 1e-6 and abs(high - v) < 1e-6 for low, high, v in seen)
