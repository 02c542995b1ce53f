from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.ops.draw import draw
from ocella.ops.palette import class_color
from ocella.types import (
    COCO_PERSON,
    Answer,
    Classification,
    DepthMap,
    Detections,
    Image,
    Keypoints,
    Masks,
    Origin,
    SegmentationMap,
    TextLines,
)


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


def keypoints(xy: Any, confidence: Any, visible: Any) -> Keypoints:
    return Keypoints(xy, confidence, visible, COCO_PERSON)


def scores(confidence: Any, classes: tuple[str, ...]) -> Classification:
    return Classification(confidence, classes)


def class_map(class_id: Any, classes: tuple[str, ...]) -> SegmentationMap:
    return SegmentationMap(class_id, classes)


GREY = Image(np.full((200, 300, 3), 128, np.uint8), Origin("photo.jpg", (3, 4)))
BOX = detections([[100, 80, 200, 160]], [0.9], [1], ("cat", "dog"))


def changed(value: object) -> np.ndarray:
    result = draw(GREY, value)  # type: ignore[arg-type]  # anything, to test the refusal too
    assert (result.size_hw, result.origin) == (GREY.size_hw, GREY.origin)
    assert (GREY.pixels == 128).all()
    return np.asarray((result.pixels != 128).any(axis=2))


def test_a_box_has_its_class_color_inside_its_edges_and_a_label_above() -> None:
    result = draw(GREY, BOX).pixels
    assert tuple(result[120, 100]) == tuple(result[120, 199]) == tuple(result[159, 150]) == class_color(1)
    touched = changed(BOX)
    assert touched[68:80, 102:140].mean() > 0.95
    assert not touched[90:150, 110:190].any()
    assert not touched[165:].any()
    assert not touched[:, 205:].any()


def test_a_label_stays_in_the_image() -> None:
    edge = detections([[-5, 0, 40, 30], [280, 180, 300, 200]], [1, 1], [0, 1], ("cat", "a dog with a long name"))
    assert changed(edge)[:, :120].any()
    full = detections([[0, 0, 300, 200]] * 60, np.ones(60), np.zeros(60, int), ("cat",))
    assert changed(full).any()
    long = detections([[10, 10, 20, 20]], [1], [0], ("x" * 500,))
    assert changed(long).any()


def test_masks_are_half_transparent_and_keep_holes() -> None:
    dense = np.zeros((1, 200, 300), bool)
    dense[0, 90:150, 110:190] = True
    dense[0, 110:130, 140:160] = False
    result = draw(GREY, BOX.replace(masks=Masks.from_dense(dense))).pixels
    mixed = [(128 + v) / 2 for v in class_color(1)]
    np.testing.assert_allclose(result[100, 120], mixed, atol=1)
    assert tuple(result[120, 150]) == (128, 128, 128)
    with pytest.raises(InvalidValue, match=r"\(200, 300\), got \(5, 5\)"):
        draw(GREY, BOX.replace(masks=Masks.from_dense(np.zeros((1, 5, 5), bool))))


def test_keypoints_that_are_visible_and_the_edges_between_them() -> None:
    xy = np.zeros((1, 17, 2))
    xy[0, 5], xy[0, 7], xy[0, 9] = (120, 100), (180, 100), (180, 140)
    seen = np.zeros((1, 17), bool)
    seen[0, [5, 7]] = True
    touched = changed(BOX.replace(keypoints=keypoints(xy, seen, seen)))
    assert touched[100, 118:182].all()
    assert not touched[110:150, 110:190].any()


def test_classification_shows_the_five_best() -> None:
    touched = changed(scores(np.linspace(0, 1, 9), tuple(f"class {i}" for i in range(9))))
    assert touched[:60, :50].mean() > 0.95
    assert not touched[100:].any()


def test_text_lines_and_any_script() -> None:
    quad = np.array([[[50, 90], [150, 90], [150, 110], [50, 110]]], np.float32)
    lines = TextLines(quad, ("Grüße 犬",), np.ones(1, np.float32))
    touched = changed(lines)
    assert touched[100, 50]
    assert touched[90, 60:140].all()


def test_segmentation_map_leaves_unlabelled_pixels() -> None:
    class_id = np.full((200, 300), -1)
    class_id[100:] = 1
    touched = changed(class_map(class_id, ("sky", "road")))
    assert touched[100:].all()
    assert not touched[60:100].any()
    with pytest.raises(InvalidValue, match="class map"):
        draw(GREY, class_map([[0]], ("sky",)))


@pytest.mark.parametrize("value", [Detections.empty(("a",)), TextLines.empty(), class_map(np.full((200, 300), -1), ())])
def test_nothing_changes_nothing(value: object) -> None:
    assert not changed(value).any()


def test_small_images_and_other_values() -> None:
    assert draw(Image(np.zeros((1, 1, 3), np.uint8)), scores([1], ("cat",))).size_hw == (1, 1)
    assert draw(Image(np.zeros((3, 2, 3), np.uint8)), BOX).size_hw == (3, 2)
    with pytest.raises(InvalidValue, match=r"one of Detections, Classification, .*, got Answer"):
        changed(Answer("yes"))


def test_near_is_red_and_far_is_blue() -> None:
    depth = np.tile(np.linspace(1, 9, 300, dtype=np.float32), (200, 1))
    pixels = draw(GREY, DepthMap(depth, metric=True)).pixels.astype(int)
    left, right = pixels[150, 10], pixels[150, 290]
    assert left[0] > left[2] + 50
    assert right[2] > right[0]
    with pytest.raises(InvalidValue, match="must be of the image's"):
        draw(GREY, DepthMap(depth[:5]))
