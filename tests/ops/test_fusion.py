from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.ops.fusion import fuse


def naive_iou(a: Any, b: Any) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return float(common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common))


def naive(rows: list[tuple[list[float], float, int]], threshold: float, sources: int) -> list[tuple[Any, float, int]]:
    """The paper's steps 2 to 7, word by word: rows are (box, confidence, class)."""
    lists: list[list[tuple[list[float], float, int]]] = []
    fused: list[list[float]] = []
    for row in sorted(rows, key=lambda r: -r[1]):
        best, at = threshold, -1
        for i, box in enumerate(fused):
            if lists[i][0][2] == row[2] and naive_iou(box, row[0]) > best:
                best, at = naive_iou(box, row[0]), i
        if at < 0:
            lists.append([])
            fused.append([])
        lists[at].append(row)
        total = sum(c for _, c, _ in lists[at])
        fused[at] = [sum(c * b[k] for b, c, _ in lists[at]) / total for k in range(4)]
    found = [
        (box, sum(c for _, c, _ in group) / len(group) * min(len(group), sources) / sources, group[0][2])
        for box, group in zip(fused, lists, strict=True)
    ]
    return sorted(found, key=lambda f: -f[1])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("sources", [1, 3])
def test_as_the_paper_has_it(seed: int, sources: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 80, (6, 2)).repeat(5, axis=0) + rng.normal(0, 2, (30, 2))
    boxes = np.concatenate([places, places + rng.uniform(15, 22, (30, 2))], axis=1)
    confidence, class_id = rng.uniform(0.05, 1, 30), rng.integers(0, 2, 30)
    expected = naive(list(zip(boxes.tolist(), confidence.tolist(), class_id.tolist(), strict=True)), 0.55, sources)
    fused = fuse(boxes, confidence, class_id, sources=sources)
    assert 6 <= len(expected) < 30
    np.testing.assert_allclose(fused.xyxy, [b for b, _, _ in expected], atol=1e-4)
    np.testing.assert_allclose(fused.confidence, [c for _, c, _ in expected], atol=1e-6)
    assert fused.class_id.tolist() == [k for _, _, k in expected]


BOX = [0.0, 0.0, 10.0, 10.0]
NEAR = [0.0, 0.0, 10.0, 8.0]
FAR = [50.0, 50.0, 60.0, 60.0]
CASES: list[tuple[list[list[float]], list[float], list[int], list[list[float]], list[float], list[int]]] = [
    ([], [], [], [], [], []),
    ([BOX], [0.4], [0], [BOX], [0.4], [0]),
    ([BOX, NEAR], [0.6, 0.2], [0, 0], [[0, 0, 10, 9.5]], [0.4], [0, 0]),
    ([NEAR, BOX], [0.2, 0.6], [0, 0], [[0, 0, 10, 9.5]], [0.4], [0, 0]),
    ([BOX, NEAR], [0.6, 0.2], [0, 1], [BOX, NEAR], [0.6, 0.2], [0, 1]),
    ([BOX, FAR, NEAR], [0.3, 0.9, 0.3], [0, 0, 0], [FAR, [0, 0, 10, 9]], [0.9, 0.3], [1, 0, 1]),
    ([BOX, BOX], [0, 0], [0, 0], [BOX], [0], [0, 0]),
]


@pytest.mark.parametrize(("boxes", "confidence", "class_id", "xyxy", "means", "member"), CASES)
def test_by_hand(
    boxes: list[list[float]],
    confidence: list[float],
    class_id: list[int],
    xyxy: list[list[float]],
    means: list[float],
    member: list[int],
) -> None:
    fused = fuse(np.array(boxes), np.array(confidence), np.array(class_id, int))
    np.testing.assert_allclose(fused.xyxy, np.reshape(xyxy, (-1, 4)), atol=1e-6)
    np.testing.assert_allclose(fused.confidence, means, atol=1e-6)
    assert fused.member.tolist() == member
    assert [member[i] for i in fused.lead] == list(range(len(means)))
    assert all(
        confidence[i] == max(c for c, m in zip(confidence, member, strict=True) if m == member[i]) for i in fused.lead
    )


def test_sources_are_counted_from_one() -> None:
    with pytest.raises(InvalidValue, match="sources must be at least 1, got 0"):
        fuse(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), sources=0)
