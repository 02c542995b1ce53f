from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections, Image, Keypoints, Masks, Origin, Skeleton

IMAGE = Image(np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8), Origin("photo.jpg"))
SLANTED = [[100, 40], [200, 40], [260, 180], [40, 180]]
SQUARE = [[50, 50], [149, 50], [149, 149], [50, 149]]


def found(*boxes: list[float], **columns: Any) -> Detections:
    n = len(boxes)
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(xyxy, np.ones(n, np.float32), np.zeros(n, np.int64), ("thing",), **columns)


def corrected(polygons: Any, predictions: Detections | None = None, **fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"images": IMAGE} if predictions is None else {"images": IMAGE, "predictions": predictions}
    fields = {"transformed_rect_width": 100, "transformed_rect_height": 100, **fields}
    return dict(run_step("perspective_correction", values, perspective_polygons=polygons, **fields))


def reference(width: int = 100, height: int = 100) -> np.ndarray:
    to = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(np.array(SLANTED, np.float32), to))


@pytest.mark.parametrize(
    "polygons",
    [SLANTED, [SLANTED], [[SLANTED, [[0, 0], [9, 0], [9, 9], [0, 9]]]], [SLANTED[2:] + SLANTED[:2]], [SLANTED[::-1]]],
)
def test_boxes_and_picture_as_opencv(polygons: Any) -> None:
    made = corrected(polygons, found([120, 60, 160, 150]), warp_image=True)
    corners = np.array([[[120, 60], [160, 60], [160, 150], [120, 150]]], np.float32)
    moved = cv2.perspectiveTransform(corners, reference())[0]
    wanted = np.rint([*moved.min(axis=0), *moved.max(axis=0)])
    assert made["corrected_coordinates"].xyxy.tolist() == [wanted.tolist()]
    warped = cv2.warpPerspective(IMAGE.pixels, reference(), (100, 100))
    assert np.abs(made["warped_image"].pixels.astype(int) - warped).mean() < 0.5
    assert made["corrected_coordinates"].size_hw == made["warped_image"].size_hw == (100, 100)
    assert made["corrected_coordinates"].origin == made["warped_image"].origin == Origin("photo.jpg")


def test_masks_and_keypoints_move_along() -> None:
    mask = np.zeros((1, 200, 300), bool)
    mask[0, 60:80, 60:90] = True
    mask[0, 65:75, 70:80] = False
    points = Keypoints(
        np.array([[[100, 60]]], np.float32), np.ones((1, 1), np.float32), np.ones((1, 1), bool), Skeleton(("tip",))
    )
    thing = found([60, 60, 90, 80], masks=Masks.from_dense(mask), keypoints=points)
    made = corrected([SQUARE], thing)["corrected_coordinates"]
    wanted = np.zeros((1, 100, 100), bool)
    wanted[0, 10:30, 10:40] = True
    wanted[0, 15:25, 20:30] = False
    assert (made.masks.dense() == wanted).all()
    assert made.keypoints.xy.tolist() == [[[50, 10]]]
    assert made.xyxy.tolist() == [[10, 10, 39, 29]]


def test_extended_to_hold_every_box() -> None:
    outside = found([170, 60, 200, 90])  # 51 pixels to the right of a square of 99
    made = corrected([SQUARE], outside, extend_perspective_polygon_by_detections_anchor="ALL", warp_image=True)
    width = 100 + round(51 / 99 * 100)
    assert (made["extended_transformed_rect_width"], made["extended_transformed_rect_height"]) == (width, 100)
    assert made["warped_image"].size_hw == (100, width)
    left, top, right, bottom = made["corrected_coordinates"].xyxy[0]
    assert right == pytest.approx(width - 1, abs=1)
    assert (top, bottom, left) == (10, 40, pytest.approx(120, abs=1))


def test_extended_to_hold_one_point() -> None:
    below = found([90, 140, 110, 200])
    fields = {"extend_perspective_polygon_by_detections_anchor": "BOTTOM_CENTER"}
    made = corrected([SQUARE], below, **fields)
    assert made["extended_transformed_rect_height"] == 100 + round(51 / 99 * 100)
    assert corrected([SQUARE], found(), **fields)["extended_transformed_rect_height"] == 100


def test_without_objects() -> None:
    made = corrected([SLANTED])
    assert made["corrected_coordinates"] is None
    assert (made["warped_image"].pixels == IMAGE.pixels).all()
    empty = corrected([SLANTED], found())["corrected_coordinates"]
    assert (len(empty), empty.classes) == (0, ("thing",))


@pytest.mark.parametrize("polygons", [[], [[[0, 0], [9, 9]]], [[[0, 0], [5, 5], [9, 9], [3, 3]]], ["zone"]])
def test_wrong_polygons(polygons: Any) -> None:
    with pytest.raises(InvalidValue, match="polygon"):
        corrected(polygons)


def test_an_unknown_anchor() -> None:
    with pytest.raises(InvalidWorkflow, match="extend_perspective"):
        corrected([SLANTED], extend_perspective_polygon_by_detections_anchor="EVERYTHING")
