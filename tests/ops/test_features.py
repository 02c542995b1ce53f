import numpy as np
import pytest

from ocella.ops.features import Features, find_features, match
from ocella.types import Image

ROWS = np.eye(6, 128, dtype=np.float32)


def test_nearest_rows_by_the_ratio() -> None:
    second = np.concatenate([ROWS[[3]] + 0.01, ROWS[[0]] + 0.01, ROWS[[0]] + 0.012])
    assert match(ROWS[[3, 0]], second, 0.7) == [(0, 0)]  # row 0 has two that are about as near
    assert match(ROWS[[3, 0]], second, 0.99) == [(0, 0), (1, 1)]
    assert match(ROWS[[3, 0]], second, 0.7, nearest=1) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("few", [0, 1])
def test_too_few_rows(few: int) -> None:
    assert match(ROWS[:few], ROWS, 0.7) == match(ROWS, ROWS[:few], 0.7) == []


def test_a_flat_image_has_no_points() -> None:
    found = find_features(Image(np.full((40, 40, 3), 5, np.uint8)))
    assert (found.points, found.descriptors.shape, found.xy.shape) == ((), (0, 128), (0, 2))
    assert Features((), ROWS).to_list() == []
