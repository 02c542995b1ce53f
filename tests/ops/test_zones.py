from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.ops.zones import as_path, as_polygons, beside, frechet_row, inside, side

SQUARE = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], np.float64)
ARROW = np.array([[0, 0], [40, 20], [0, 40], [15, 20]], np.float64)


@pytest.mark.parametrize(
    ("point", "polygon", "wanted"),
    [
        ((20, 20), SQUARE, True),
        ((10, 20), SQUARE, True),
        ((30, 30), SQUARE, True),
        ((30.01, 30), SQUARE, False),
        ((5, 10), SQUARE, False),
        ((35, 30), SQUARE, False),
        ((14, 20), ARROW, False),
        ((15, 20), ARROW, True),
        ((16, 20), ARROW, True),
        ((39, 20), ARROW, True),
    ],
)
def test_inside(*, point: tuple[float, float], polygon: np.ndarray, wanted: bool) -> None:
    assert inside(np.array([point], np.float64), polygon).tolist() == [wanted]
    assert inside(np.array([point], np.float64), polygon[::-1]).tolist() == [wanted]


def test_inside_as_shapely() -> None:
    shapely = pytest.importorskip("shapely")
    random = np.random.default_rng(4)
    for _ in range(20):
        turns = np.sort(random.uniform(0, 2 * np.pi, 9))
        ring = 50 + random.uniform(10, 50, 9)[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
        ring = np.rint(ring)
        points = np.concatenate(
            [random.integers(0, 100, (300, 2)).astype(float), ring, (ring + np.roll(ring, 1, axis=0)) / 2]
        )
        shape = shapely.Polygon(ring)
        if shape.is_valid:
            wanted = [shape.covers(shapely.Point(p)) for p in points]
            assert inside(points, ring).tolist() == wanted


@pytest.mark.parametrize("shape", [0, 3])
def test_inside_of_no_points_and_of_many(shape: int) -> None:
    assert inside(np.full((shape, 2), 20.0), SQUARE).tolist() == [True] * shape


@pytest.mark.parametrize(
    ("point", "left", "between"),
    [
        ((50, 40), True, True),  # above a line to the right: y points down
        ((50, 60), False, True),
        ((50, 50), False, True),
        ((-1, 40), True, False),
        ((100, 40), True, False),
        ((0, 60), False, True),
    ],
)
def test_sides_of_a_line(*, point: tuple[float, float], left: bool, between: bool) -> None:
    start, end = np.array([[0.0, 50.0], [100.0, 50.0]])
    assert bool(side(np.array(point, float), start, end)) == left
    assert bool(beside(np.array(point, float), start, end)) == between


def slow_frechet(a: np.ndarray, b: np.ndarray) -> float:
    """By the definition: the best over all couplings, recursively."""
    far = np.linalg.norm(a[:, None] - b[None], axis=2)

    def leash(i: int, j: int) -> float:
        if i == j == 0:
            return float(far[0, 0])
        steps = [(i - 1, j), (i, j - 1), (i - 1, j - 1)]
        return max(float(far[i, j]), min(leash(*step) for step in steps if min(step) >= 0))

    return leash(len(a) - 1, len(b) - 1)


def test_frechet_step_by_step() -> None:
    random = np.random.default_rng(1)
    path = random.uniform(0, 10, (5, 2))
    ways = random.uniform(0, 10, (3, 6, 2))
    rows = np.full((3, 5), np.inf)
    for i in range(6):
        rows = frechet_row(rows, np.linalg.norm(ways[:, i, None] - path[None], axis=2))
        assert rows[:, -1] == pytest.approx([slow_frechet(way[: i + 1], path) for way in ways])


@pytest.mark.parametrize(
    ("zone", "corners"),
    [
        ([[0, 0], [1, 0], [1, 1]], [3]),
        ([(0, 0), (1, 0), (1, 1), (0, 1)], [4]),
        ([[[0, 0], [1, 0], [1, 1]], [[5, 5], [6, 5], [6, 6], [5, 6]]], [3, 4]),
        (np.zeros((2, 4, 2)), [4, 4]),
        ([np.zeros((3, 2)), [[0, 0], [1, 0], [1, 1], [0, 1]]], [3, 4]),
        ([], []),
    ],
)
def test_polygons(zone: Any, corners: list[int]) -> None:
    assert [len(p) for p in as_polygons(zone, "zone")] == corners


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ([[0, 0], [1, 1]], r"zone must be at least 3 points \[x, y\], got \[\[0, 0\], \[1, 1\]\]"),
        ([[0, 0, 0], [1, 1, 1], [2, 2, 2]], "zone must be"),
        ([[0, 0], [1, 1], [2, "a"]], "zone must be"),
        ([[0, 0], [1, 1], [2, float("nan")]], "zone must be"),
        ([[[0, 0], [1, 1]]], "zone must be"),
        ([1, 2, 3], "zone must be"),
    ],
)
def test_no_polygons(zone: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        as_polygons(zone, "zone")


def test_a_path_of_exactly_two() -> None:
    assert as_path([[0, 1], [2, 3]], "line", 2, 2).tolist() == [[0, 1], [2, 3]]
    with pytest.raises(InvalidValue, match=r"line must be 2 points \[x, y\]"):
        as_path([[0, 1], [2, 3], [4, 5]], "line", 2, 2)
