from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.models.detection.nanodet_decode import cells
from ocella.training.assign import assign

SIZE = (64, 96)


def centres_of(boxes: list[list[int]], size: tuple[int, int] = SIZE) -> set[tuple[float, float, int, int]]:
    taken, answers = assign(np.array(boxes, np.float32).reshape(-1, 4), size)
    centres, strides = cells(size)
    return {
        (float(centres[c][0]), float(centres[c][1]), int(strides[c]), int(b))
        for c, b in zip(taken, answers, strict=True)
    }


@pytest.mark.parametrize(
    ("boxes", "found"),
    [
        ([], set()),
        # a box of exactly the stride-8 anchor about one cell: the nine cells about it, thinned by mean + deviation
        ([[0, 0, 40, 40]], {(20.0, 20.0, 8, 0)}),
        # the anchors of stride 16 are 80 wide: one sits right on the box
        ([[0, 0, 80, 64]], {(40.0, 24.0, 16, 0), (40.0, 40.0, 16, 0)}),
    ],
)
def test_cells_whose_anchor_fits(boxes: list[list[int]], found: set[tuple[float, float, int, int]]) -> None:
    assert found <= centres_of(boxes)
    assert bool(found) == bool(centres_of(boxes))


def test_each_cell_answers_for_one_box() -> None:
    taken, _ = assign(np.array([[0, 0, 40, 40], [4, 4, 44, 44]], np.float32), SIZE)
    assert len(set(taken.tolist())) == len(taken)


def test_two_boxes_far_apart_get_cells_of_their_own() -> None:
    found = centres_of([[0, 0, 24, 24], [72, 40, 96, 64]])
    assert {b for *_, b in found} == {0, 1}
    assert all((x < 48) == (b == 0) for x, _, _, b in found)


sides = st.integers(0, 60)


@given(st.lists(st.tuples(sides, sides, st.integers(4, 36), st.integers(4, 36)), max_size=5))
def test_cells_lie_inside_their_box(rows: Any) -> None:
    boxes = np.array([[x, y, x + w, y + h] for x, y, w, h in rows], np.float32).reshape(-1, 4)
    taken, answers = assign(boxes, SIZE)
    at = cells(SIZE)[0][taken]
    assert (at > boxes[answers, :2]).all()
    assert (at < boxes[answers, 2:]).all()
