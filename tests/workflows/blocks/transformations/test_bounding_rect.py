import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections, Masks
from ocella.workflows.compile import compile_workflow


def segmented(*polygons: list[list[int]], size_hw: tuple[int, int] = (60, 80)) -> Detections:
    """An object for each polygon of pixels."""
    dense = np.zeros((len(polygons), *size_hw), np.uint8)
    for canvas, polygon in zip(dense, polygons, strict=True):
        cv2.fillPoly(canvas, [np.array(polygon, np.int32)], 1)
    n = len(polygons)
    return Detections(
        np.tile(np.array([[0, 0, 80, 60]], np.float32), (n, 1)),
        np.full(n, 0.8, np.float32),
        np.zeros(n, np.int64),
        ("court",),
        Masks.from_dense(dense.astype(bool)),
    )


DIAMOND = [[20, 10], [40, 30], [20, 50], [0, 30]]


def test_an_upright_rectangle_stays() -> None:
    found = segmented([[10, 20], [50, 20], [50, 40], [10, 40]])
    out = run_step("bounding_rect", {"predictions": found})["detections_with_rect"]
    assert sorted(map(tuple, out.data["rect"][0].tolist())) == [(10, 20), (10, 40), (50, 20), (50, 40)]
    assert sorted([out.data["width"][0], out.data["height"][0]]) == [20, 40]
    assert out.data["angle"][0] % 90 == 0
    assert out.xyxy.tolist() == [[10, 20, 50, 40]]
    assert out.masks == found.masks


def test_a_diamond_is_a_square_on_its_corner() -> None:
    out = run_step("roboflow_core/bounding_rect@v1", {"predictions": segmented(DIAMOND)})["detections_with_rect"]
    side = 20 * 2**0.5
    assert out.data["width"][0] == pytest.approx(side, abs=1.5)
    assert out.data["height"][0] == pytest.approx(side, abs=1.5)
    assert out.data["angle"][0] % 90 == pytest.approx(45, abs=2)
    assert out.xyxy == pytest.approx(np.array([[0, 10, 40, 50]]), abs=1)


def test_as_opencv_for_a_slanted_shape() -> None:
    points = [[10, 12], [60, 30], [52, 48], [30, 45]]
    found = segmented(points)
    assert found.masks is not None
    (outline,), _ = cv2.findContours(found.masks.dense()[0].astype(np.uint8), cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    _, size, angle = cv2.minAreaRect(outline)
    if angle < 0:  # OpenCV 5 turns the other way
        size, angle = size[::-1], angle + 90
    out = run_step("bounding_rect", {"predictions": found})["detections_with_rect"]
    assert (out.data["width"][0], out.data["height"][0], out.data["angle"][0]) == pytest.approx((*size, angle))
    inside = out.masks.dense()[0]
    assert (inside | ~found.masks.dense()[0]).mean() > 0.99


def test_the_largest_part_counts_and_an_empty_mask_goes() -> None:
    found = segmented(DIAMOND, DIAMOND)
    assert found.masks is not None
    dense = found.masks.dense()
    dense[0] = False
    dense[0, 2:6, 60:62] = True
    dense[0, 40:50, 60:78] = True
    dense[1] = False
    out = run_step("bounding_rect", {"predictions": found.replace(masks=Masks.from_dense(dense))})[
        "detections_with_rect"
    ]
    assert out.xyxy.tolist() == [[60, 40, 77, 49]]


def test_nothing_and_no_masks() -> None:
    out = run_step("bounding_rect", {"predictions": segmented()})["detections_with_rect"]
    assert (len(out), out.classes, out.data["rect"].shape) == (0, ("court",), (0, 4, 2))
    out = run_step("bounding_rect", {"predictions": Detections.empty(("court",))})["detections_with_rect"]
    assert (len(out), out.data["angle"].shape) == (0, (0,))
    with pytest.raises(InvalidValue, match="bounding_rect expected objects with masks, got boxes only"):
        run_step("bounding_rect", {"predictions": segmented(DIAMOND).replace(masks=None)})


def test_a_detector_has_no_masks() -> None:
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]}],
        "steps": [{"type": "bounding_rect", "name": "turned", "predictions": "$inputs.found"}],
        "outputs": [],
    }
    with pytest.raises(InvalidWorkflow, match="instance_segmentation_prediction"):
        compile_workflow(definition)
