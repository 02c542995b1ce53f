from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Masks


def boxes(*rows: tuple[float, ...], names: tuple[str, ...] = ("a",)) -> Detections:
    n = len(rows)
    return Detections(np.array(rows).reshape(n, 4), np.full(n, 0.5), np.arange(n) % len(names), names)


def analyse(ours: Detections, theirs: Detections, **fields: Any) -> list[dict[str, Any]]:
    values = {"reference_predictions": ours, "candidate_predictions": theirs}
    found: list[dict[str, Any]] = run_step("overlap_analysis", values, **fields)["overlaps"]
    return found


def test_shares_by_the_formula_for_each_pair() -> None:
    random = np.random.default_rng(3)
    sides = [np.sort(random.uniform(0, 50, (7, 2, 2)), axis=1).reshape(7, 4).tolist() for _ in range(2)]
    expected = []
    for i, (ax1, ay1, ax2, ay2) in enumerate(sides[0]):
        for j, (bx1, by1, bx2, by2) in enumerate(sides[1]):
            common = max(0, min(ax2, bx2) - max(ax1, bx1)) * max(0, min(ay2, by2) - max(ay1, by1))
            share = common / ((ax2 - ax1) * (ay2 - ay1))
            if share >= 0.2:
                expected.append(("abc"[i % 3], "abc"[j % 3], pytest.approx(share, rel=1e-5)))
    ours, theirs = (boxes(*map(tuple, side), names=("a", "b", "c")) for side in sides)
    said = analyse(ours, theirs, min_overlap=0.2)
    assert len(expected) > 3
    assert [(r["reference_class"], r["candidate_class"], r["overlap_ratio"]) for r in said] == expected


def test_it_is_the_references_area_that_counts() -> None:
    small, large = boxes((0, 0, 2, 2)), boxes((0, 0, 4, 4))
    assert analyse(small, large)[0]["overlap_ratio"] == 1
    assert analyse(large, small)[0]["overlap_ratio"] == 0.25


def test_masks_count_by_pixel_and_boxes_beside_them_too() -> None:
    dense = np.zeros((1, 6, 6), bool)
    dense[0, :3, :2] = True
    masked = boxes((0, 0, 6, 6)).replace(masks=Masks.from_dense(dense))
    assert analyse(masked, boxes((0, 0, 1, 6)))[0]["overlap_ratio"] == 3 / 6
    assert analyse(boxes((0, 0, 1, 6)), masked)[0]["overlap_ratio"] == 3 / 6
    assert analyse(masked, boxes((3, 3, 6, 6)), min_overlap=0) == []


def test_records_name_the_objects() -> None:
    named = boxes((0, 0, 2, 2)).replace(data={"detection_id": np.array(["x"])})
    record = analyse(named, boxes((0, 0, 2, 2)))[0]
    assert record["reference_detection_id"] == "x"
    assert isinstance(record["candidate_detection_id"], str)
    assert (record["reference_confidence"], record["candidate_confidence"]) == (0.5, 0.5)


@pytest.mark.parametrize(
    "sides", [((), ((0, 0, 2, 2),)), (((0, 0, 2, 2),), ()), ((), ()), (((1, 1, 1, 1),), ((0, 0, 2, 2),))]
)
def test_nothing_to_pair(sides: tuple[tuple[tuple[float, ...], ...], ...]) -> None:
    assert analyse(boxes(*sides[0]), boxes(*sides[1])) == []


def test_a_share_over_one_is_told() -> None:
    with pytest.raises(InvalidWorkflow, match="min_overlap"):
        analyse(boxes(), boxes(), min_overlap=2)
