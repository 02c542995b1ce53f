from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


def objects(*rows: tuple[float, float, float, float, str]) -> Detections:
    names = ("cup", "can")
    xyxy = np.array([r[:4] for r in rows]).reshape(-1, 4)
    return Detections(xyxy, np.full(len(rows), 0.5), np.array([names.index(r[4]) for r in rows], np.int64), names)


def compare(before: Detections, after: Detections, **fields: Any) -> Any:
    values = {"reference_predictions": before, "candidate_predictions": after}
    return run_step("DetectionsDifference", values, **fields)


BEFORE = objects((0, 0, 10, 10, "cup"), (100, 100, 110, 110, "can"))


def test_what_is_gone_what_stayed_and_what_is_new() -> None:
    # overlap 5x10 of a union 150: IoU 1/3, cost 0.4 * 2/3 = 0.267; 110 px apart along the diagonal the other pairs cost more
    after = objects((5, 0, 15, 10, "cup"), (300, 0, 310, 10, "cup"))
    said = compare(BEFORE, after, reject_cost=0.3)
    assert said["removed_detections"] == BEFORE[[1]]
    assert said["persisted_detections"] == after[[0]]
    assert said["new_detections"] == after[[1]]
    assert (said["removed_count"], said["new_count"], said["verified"]) == (1, 1, True)


@pytest.mark.parametrize(
    ("reject", "matched"),
    [(0.4 * (1 + 100 / np.hypot(110, 10)) + 1e-6, True), (0.4 * (1 + 100 / np.hypot(110, 10)) - 1e-6, False)],
)
def test_apart_the_distance_over_the_diagonal_counts(reject: float, matched: bool) -> None:  # noqa: FBT001
    said = compare(BEFORE[[0]], objects((100, 0, 110, 10, "cup")), reject_cost=reject)
    assert len(said["persisted_detections"]) == matched


def test_another_name_costs_or_forbids() -> None:
    other = objects((0, 0, 10, 10, "can"))
    assert compare(BEFORE[[0]], other, reject_cost=0.15)["removed_count"] == 0
    assert compare(BEFORE[[0]], other, reject_cost=0.14)["removed_count"] == 1
    assert compare(BEFORE[[0]], other, class_strict=True, reject_cost=100.0)["removed_count"] == 1


def test_the_cheapest_pair_goes_first() -> None:
    before = objects((0, 0, 10, 10, "cup"), (2, 0, 12, 10, "cup"))
    after = objects((2, 0, 12, 10, "cup"))
    assert compare(before, after)["removed_detections"] == before[[0]]


@pytest.mark.parametrize(
    ("before", "after", "removed", "new", "verified"),
    [(BEFORE[:0], BEFORE[:0], 0, 0, False), (BEFORE, BEFORE[:0], 2, 0, True), (BEFORE[:0], BEFORE, 0, 2, False)],
)
def test_empty_sides(before: Detections, after: Detections, removed: int, new: int, verified: bool) -> None:  # noqa: FBT001
    said = compare(before, after)
    assert (said["removed_count"], said["new_count"], said["verified"]) == (removed, new, verified)
    assert said["persisted_detections"].classes == ("cup", "can")


def test_how_many_must_go() -> None:
    assert compare(BEFORE, BEFORE[:0], min_removed_to_verify=3)["verified"] is False


def test_a_negative_cost_is_told() -> None:
    with pytest.raises(InvalidWorkflow, match="reject_cost"):
        compare(BEFORE, BEFORE, reject_cost=-1)
