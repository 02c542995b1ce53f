from typing import Any

import numpy as np
import pytest
from scipy.spatial import distance
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections, Keypoints, Skeleton


def at(*points: tuple[float, float], confidence: float = 0.5, **columns: Any) -> Detections:
    """Boxes of 4 by 2 pixels around points."""
    xy = np.array(points, np.float32).reshape(-1, 2)
    half = np.array([2, 1], np.float32)
    xyxy = np.concatenate([xy - half, xy + half], axis=1)
    n = len(xy)
    return Detections(xyxy, np.full(n, confidence, np.float32), np.zeros(n, np.int64), ("thing",), **columns)


def neighbors(query: Detections, target: Detections, **fields: Any) -> dict[str, Any]:
    values = {"query_predictions": query, "target_predictions": target}
    return dict(run_step("detections_nearest_neighbor", values, **fields))


def test_as_scipy() -> None:
    random = np.random.default_rng(0)
    query, target = (at(*map(tuple, random.uniform(0, 500, (n, 2)).astype(np.float32))) for n in (20, 30))
    found = neighbors(query, target)
    away = distance.cdist(*[(d.xyxy[:, :2] + d.xyxy[:, 2:]) / 2 for d in (query, target)])
    told = found["query_predictions"].data["nearest_target_distance"]
    np.testing.assert_allclose(told.astype(float), away.min(axis=1), rtol=1e-4)
    pairs = np.nonzero(away <= away.min(axis=1, keepdims=True) + 1)
    assert (found["matched_query_detections"].xyxy == query.xyxy[pairs[0]]).all()
    assert (found["matched_target_detections"].xyxy == target.xyxy[pairs[1]]).all()


def test_no_object_is_its_own_neighbour() -> None:
    every = at((0, 0), (10, 0), (30, 0))
    found = neighbors(every, every)
    assert found["query_predictions"].data["nearest_target_distance"].tolist() == [10, 10, 20]
    ids: dict[str, Any] = {"data": {"detection_id": np.array(["a", "b"])}}
    twins = at((0, 0), (0, 0), **ids)
    assert neighbors(twins, twins)["query_predictions"].data["nearest_target_distance"].tolist() == [0, 0]


def test_ties_give_every_neighbour() -> None:
    found = neighbors(at((0, 0)), at((10, 0), (-10.5, 0), (0, 12), confidence=0.9))
    assert len(found["matched_query_detections"]) == 2
    assert found["matched_target_detections"].xyxy[:, 0].tolist() == [8, -12.5]


def test_points_and_the_furthest() -> None:
    found = neighbors(at((0, 0)), at((10, 0)), query_point="CENTER_RIGHT", target_point="BOTTOM_LEFT")
    assert found["query_predictions"].data["nearest_target_distance"][0] == pytest.approx(np.hypot(6, 1))
    found = neighbors(at((0, 0), (9, 0)), at((10, 0)), max_distance=9)
    assert found["query_predictions"].data["nearest_target_distance"].tolist() == [None, 1]
    assert len(found["matched_target_detections"]) == 1


def test_a_keypoint_that_is_seen() -> None:
    skeleton = Skeleton(("head", "hand"))
    xy = np.array([[[0, 0], [5, 5]], [[0, 0], [100, 0]]], np.float32)
    points = Keypoints(xy, np.ones((2, 2), np.float32), np.array([[True, True], [True, False]]), skeleton)
    people = at((0, 0), (50, 50), keypoints=points)
    fields = {"query_point": "KEYPOINT", "query_keypoint_name": "hand"}
    found = neighbors(people, at((5, 9)), **fields)
    assert found["query_predictions"].data["nearest_target_distance"].tolist() == [4, None]
    with pytest.raises(InvalidValue, match="one of head, hand, got 'foot'"):
        neighbors(people, at(), **fields | {"query_keypoint_name": "foot"})
    with pytest.raises(InvalidValue, match="query_predictions must have keypoints"):
        neighbors(at((0, 0)), at(), **fields)
    with pytest.raises(InvalidValue, match="query_keypoint_name must be given"):
        neighbors(people, at(), query_point="KEYPOINT")


@pytest.mark.parametrize(("query", "target"), [(at(), at((1, 1))), (at((1, 1)), at()), (at(), at())])
def test_nothing_to_compare(query: Detections, target: Detections) -> None:
    found = neighbors(query, target)
    assert found["query_predictions"].data["nearest_target_distance"].tolist() == [None] * len(query)
    assert len(found["matched_query_detections"]) == 0
    assert found["matched_target_detections"].classes == ("thing",)


def test_an_unknown_point() -> None:
    with pytest.raises(InvalidWorkflow, match="query_point"):
        neighbors(at(), at(), query_point="MIDDLE")
