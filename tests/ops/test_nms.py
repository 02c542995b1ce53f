import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.ops.iou import iou
from ocella.ops.nms import nms

NEAR = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60], [0, 0, 10, 8]], np.float32)


@pytest.mark.parametrize(
    ("confidence", "class_id", "threshold", "kept"),
    [
        ([0.9, 0.8, 0.7, 0.6], None, 0.6, [0, 2]),
        ([0.6, 0.7, 0.95, 0.9], None, 0.6, [2, 3]),
        ([0.5, 0.5, 0.5, 0.5], None, 0.6, [0, 2]),
        ([0.9, 0.8, 0.7, 0.6], [0, 1, 0, 1], 0.6, [0, 1, 2]),
        ([0.9, 0.8, 0.7, 0.6], [0, 1, 2, 3], 0.6, [0, 1, 2, 3]),
        ([0.9, 0.8, 0.7, 0.6], None, 0.8, [0, 2, 3]),
        ([0.9, 0.8, 0.7, 0.6], None, 0.79, [0, 2]),
        ([0.1, 0.2, 0.3, 0.4], None, 1.0, [3, 2, 1, 0]),
    ],
)
def test_kept(confidence: list[float], class_id: list[int] | None, threshold: float, kept: list[int]) -> None:
    of = None if class_id is None else np.array(class_id)
    assert nms(NEAR, np.array(confidence, np.float32), of, threshold).tolist() == kept


def test_nothing() -> None:
    assert nms(np.zeros((0, 4)), np.zeros(0)).tolist() == []
    assert nms(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int)).tolist() == []


def slowly(xyxy: np.ndarray, confidence: np.ndarray, class_id: np.ndarray, threshold: float) -> list[int]:
    kept: list[int] = []
    for i in sorted(range(len(xyxy)), key=lambda i: (-confidence[i], i)):
        rivals = [k for k in kept if class_id[k] == class_id[i]]
        if not rivals or iou(xyxy[rivals], xyxy[i : i + 1]).max() <= threshold:
            kept.append(i)
    return kept


@pytest.mark.parametrize("n", [50, 1200])
def test_equals_the_slow_way(n: int) -> None:
    random = np.random.default_rng(n)
    corners = random.integers(0, 300, (n, 2))
    xyxy = np.concatenate([corners, corners + random.integers(1, 80, (n, 2))], axis=1).astype(np.float32)
    confidence, class_id = random.integers(0, 20, n) / 20, random.integers(0, 2, n)
    assert nms(xyxy, confidence, class_id, 0.4).tolist() == slowly(xyxy, confidence, class_id, 0.4)
    one = np.zeros(n, int)
    assert nms(xyxy, confidence, None, 0.4).tolist() == slowly(xyxy, confidence, one, 0.4)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 3)), max_size=30), st.floats(0, 1))
def test_what_is_kept_is_apart_and_what_is_dropped_is_not(rows: list[tuple[int, int, int]], threshold: float) -> None:
    table = np.array(rows, np.float64).reshape(-1, 3)
    xyxy = np.concatenate([table[:, :2], table[:, :2] + 8], axis=1)
    kept = nms(xyxy, table[:, 2], iou=threshold)
    between = iou(xyxy[kept], xyxy[kept])
    np.fill_diagonal(between, 0)
    assert (between <= threshold).all()
    dropped = np.setdiff1d(np.arange(len(rows)), kept)
    over = iou(xyxy[dropped], xyxy[kept]) > threshold
    better = table[kept, 2][None] >= table[dropped, 2][:, None]
    assert (over & better).any(axis=1).all()
