from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.ops.crop import crop, part_of, resize, to_root
from ocella.types import COCO_PERSON, Detections, Image, Keypoints, Masks, Origin


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


def keypoints(xy: Any, confidence: Any, visible: Any) -> Keypoints:
    return Keypoints(xy, confidence, visible, COCO_PERSON)


RANDOM = np.random.default_rng(0)
IMAGE = Image(RANDOM.integers(0, 256, (40, 60, 3), np.uint8), Origin("photo.jpg"))


@pytest.mark.parametrize(
    ("window", "whole"),
    [
        ([5, 6, 20, 30], (5, 6, 20, 30)),
        ([5.2, 6.9, 19.1, 29.5], (5, 6, 20, 30)),
        ([-10, -10, 5, 5], (0, 0, 5, 5)),
        ([50, 30, 90, 90], (50, 30, 60, 40)),
    ],
)
def test_pixels_and_origin(window: list[float], whole: tuple[int, int, int, int]) -> None:
    x1, y1, x2, y2 = whole
    (part,) = crop(IMAGE, [window])
    assert (part.pixels == IMAGE.pixels[y1:y2, x1:x2]).all()
    assert part.origin == Origin("photo.jpg", (x1, y1), root_hw=(40, 60))


@pytest.mark.parametrize("window", [[60, 0, 70, 10], [-5, 0, 0, 10], [5, 5, 5, 5], [0, 0, 1], [0, 0, float("nan"), 9]])
def test_windows_refused(window: list[float]) -> None:
    with pytest.raises(InvalidValue, match="A window must"):
        crop(IMAGE, [window])


def test_resize_keeps_the_way_back() -> None:
    (part,) = crop(IMAGE, [[10, 4, 50, 24]])
    half = resize(part, (10, 10))
    assert half.size_hw == (10, 10)
    assert half.origin == Origin("photo.jpg", (10, 4), (4, 2), (40, 60))
    (deeper,) = crop(half, [[2, 3, 6, 9]])
    assert deeper.origin == Origin("photo.jpg", (18, 10), (4, 2), (40, 60))


def test_resize_averages_when_it_shrinks() -> None:
    board = Image(np.indices((8, 8)).sum(axis=0)[..., None].repeat(3, 2).astype(np.uint8) % 2 * 200)
    assert (resize(board, (4, 4)).pixels == 100).all()
    with pytest.raises(InvalidValue, match=r"at least \(1, 1\)"):
        resize(board, (0, 4))


def found(box: list[float], **columns: object) -> Detections:
    return detections([box], [0.5], [0], ("a",)).replace(**columns)


def test_boxes_and_keypoints_go_back_to_the_root() -> None:
    xy = np.full((1, 17, 2), 3)
    ones = np.ones((1, 17))
    inner = found([1, 2, 3, 4], keypoints=keypoints(xy, ones, ones > 0), data={"x": np.array([7])})
    root = to_root(inner, Origin("photo.jpg", (10, 20), (4, 2)))
    assert root.xyxy.tolist() == [[14, 24, 22, 28]]
    assert root.keypoints is not None
    assert root.keypoints.xy[0, 0].tolist() == [22, 26]
    assert root.data["x"].tolist() == [7]


def test_masks_need_the_size_of_the_root() -> None:
    dense = RANDOM.random((1, 20, 30)) < 0.5
    inner = found([0, 0, 30, 20], masks=Masks.from_dense(dense))
    (part,) = crop(IMAGE, [[25, 15, 55, 35]])
    assert to_root(inner, Origin("photo.jpg", (25, 15))).masks is None
    root = to_root(inner, Origin("photo.jpg", (25, 15)), IMAGE.size_hw)
    assert to_root(inner, part.origin) == root
    wanted = np.zeros((1, 40, 60), bool)
    wanted[:, 15:35, 25:55] = dense
    assert root.masks == Masks.from_dense(wanted)


@given(st.integers(0, 50), st.integers(0, 30), st.integers(1, 10), st.integers(1, 10), st.integers(1, 40))
def test_a_crop_of_a_resized_crop_finds_its_pixels_again(x: int, y: int, wide: int, tall: int, size: int) -> None:
    (part,) = crop(IMAGE, [[x, y, x + wide, y + tall]])
    small = resize(part, (size, size))
    back = to_root(found([0, 0, size, size]), small.origin)
    np.testing.assert_allclose(back.xyxy, [[x, y, x + wide, y + tall]], rtol=1e-5, atol=1e-4)


def test_pixels_are_shared_and_stay_read_only() -> None:
    (part,) = crop(IMAGE, [np.array([5, 6, 20, 30], np.float32)])
    assert np.shares_memory(part.pixels, IMAGE.pixels)
    assert not part.pixels.flags.writeable
    assert part_of(IMAGE, 5, 6, 20, 30) == part
