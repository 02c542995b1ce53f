from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow, Mismatch
from ocella.ops.crop import crop
from ocella.types import Detections, Image, Keypoints, Masks, Origin, Skeleton

IMAGE = Image(np.zeros((60, 80, 3), np.uint8), Origin("street"))
PARENT = Detections(
    np.array([[0, 0, 40, 60], [30.6, 10.2, 80, 60]]), np.array([0.9, 0.8]), np.array([0, 0]), ("shelf",)
).on(IMAGE)


def boxes(*rows: tuple[float, ...], names: tuple[str, ...] = ("a", "b")) -> Detections:
    table = np.array(rows).reshape(len(rows), 6)
    return Detections(table[:, :4], table[:, 4], table[:, 5].astype(int), names)


def roll(children: list[Any], parent: Detections = PARENT, **fields: Any) -> Any:
    return run_step("DetectionsListRollUp", {"parent_detection": parent, "child_detections": children}, **fields)


def test_children_without_origin_lie_from_their_parents_corner() -> None:
    said = roll([boxes((1, 2, 5, 6, 0.5, 0)), boxes((10, 10, 20, 20, 0.25, 1))])
    found = said["rolled_up_detections"]
    assert found.xyxy.tolist() == [[1, 2, 5, 6], [40, 20, 50, 30]]
    assert found.names == ["a", "b"]
    assert (found.origin, found.size_hw) == (IMAGE.origin, IMAGE.size_hw)
    corners = np.array(said["crop_zones"])
    assert corners[0].tolist() == [[0, 0], [40, 0], [40, 60], [0, 60]]
    assert np.allclose(corners[1], np.array([[30.6, 10.2], [80, 10.2], [80, 60], [30.6, 60]]))


def test_children_that_know_their_crop_need_no_counterpart() -> None:
    (part,) = crop(IMAGE, [(30, 10, 80, 60)])
    found = roll([boxes((10, 10, 20, 20, 0.25, 1)).on(part)])["rolled_up_detections"]
    assert found.xyxy.tolist() == [[40, 20, 50, 30]]


@pytest.mark.parametrize(("strategy", "score"), [("max", 0.75), ("mean", 0.5), ("min", 0.25)])
def test_overlapping_objects_of_a_class_become_one(strategy: str, score: float) -> None:
    children = [boxes((30, 10, 40, 30, 0.25, 0), (0, 0, 4, 4, 0.5, 1)), boxes((5, 5, 15, 15, 0.75, 0))]
    found = roll(children, confidence_strategy=strategy)["rolled_up_detections"]
    # the second lies at 35..45, 15..25 of the image
    assert found.xyxy.tolist() == [[30, 10, 45, 30], [0, 0, 4, 4]]
    assert found.confidence.tolist() == [score, 0.5]


@pytest.mark.parametrize(("threshold", "n"), [(0.0, 1), (1 / 3, 1), (0.34, 2)])
def test_how_much_must_overlap(threshold: float, n: int) -> None:
    # 10 x 10 boxes half over each other: 50 of 150
    children = [boxes((30, 10, 40, 20, 0.5, 0)), boxes((5, 0, 15, 10, 0.5, 0))]
    assert len(roll(children, overlap_threshold=threshold)["rolled_up_detections"]) == n


def test_a_chain_is_one_object_and_touching_boxes_are_two() -> None:
    chain = boxes((0, 0, 4, 4, 0.5, 0), (8, 0, 12, 4, 0.5, 0), (3, 0, 9, 4, 0.5, 0))
    assert roll([chain, boxes()])["rolled_up_detections"].xyxy.tolist() == [[0, 0, 12, 4]]
    touching = boxes((0, 0, 4, 4, 0.5, 0), (4, 0, 8, 4, 0.5, 0))
    assert len(roll([touching, boxes()])["rolled_up_detections"]) == 2


def masked(rows: slice, columns: slice, size_hw: tuple[int, int]) -> Detections:
    dense = np.zeros((1, *size_hw), bool)
    dense[0, rows, columns] = True
    return boxes((0, 0, 1, 1, 0.5, 0)).replace(masks=Masks.from_dense(dense))


def test_masks_that_touch_become_one() -> None:
    children = [masked(slice(20, 30), slice(35, 40), (60, 40)), masked(slice(10, 20), slice(10, 15), (50, 50))]
    found = roll(children)["rolled_up_detections"]
    expected = np.zeros((60, 80), bool)
    expected[20:30, 35:45] = True
    assert np.array_equal(found.masks.dense(), expected[None])
    assert found.xyxy.tolist() == [[35, 20, 45, 30]]


def test_keypoints_that_lie_near_become_one() -> None:
    skeleton = Skeleton(("head", "tail"))

    def posed(x: float) -> Detections:
        xy = np.array([[[x, 10], [x, 20]]])
        points = Keypoints(xy, np.array([[0.5, 0.25]]), np.ones((1, 2), bool), skeleton)
        return boxes((x, 5, x + 4, 25, 0.5, 0)).replace(keypoints=points)

    both = [posed(35), posed(9).replace(xyxy=np.array([[9, -5 + 10, 13, 15 + 10]]))]
    near = roll(both, keypoint_merge_threshold=12)["rolled_up_detections"]
    # the second crop's corner is 30, 10: its points lie at 39, 20 and 39, 30
    assert near.keypoints.xy.tolist() == [[[37, 15], [37, 25]]]
    assert near.xyxy.tolist() == [[37, 10, 41, 30]]
    assert len(roll(both, keypoint_merge_threshold=10)["rolled_up_detections"]) == 2


def test_nothing_found() -> None:
    said = roll([boxes(), boxes()])
    assert len(said["rolled_up_detections"]) == 0
    assert said["rolled_up_detections"].classes == ("a", "b")
    assert roll([], PARENT[:0]) == {"rolled_up_detections": PARENT[:0].replace(classes=()), "crop_zones": []}


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(Mismatch, match="one entry for each of 2 objects"):
        roll([boxes((0, 0, 1, 1, 0.5, 0))])
    with pytest.raises(InvalidValue, match="got str in it"):
        roll(["a", "b"])
    with pytest.raises(InvalidWorkflow, match="confidence_strategy"):
        roll([], confidence_strategy="median")
