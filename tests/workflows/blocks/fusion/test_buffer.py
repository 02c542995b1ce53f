import numpy as np
import pytest
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment, Origin


def test_the_newest_comes_first_and_old_ones_go() -> None:
    with Step("buffer", length=3) as step:
        assert [step.run(data=i)["output"] for i in range(5)] == [[0], [1, 0], [2, 1, 0], [3, 2, 1], [4, 3, 2]]


def test_padding_fills_what_has_not_come() -> None:
    with Step("Buffer", length=3, pad=True) as step:
        assert [step.run(data=i)["output"] for i in "abcd"] == [
            ["a", None, None],
            ["b", "a", None],
            ["c", "b", "a"],
            ["d", "c", "b"],
        ]


def test_what_was_given_stays_as_it_was() -> None:
    with Step("buffer", length=2) as step:
        first = step.run(data=1)["output"]
        step.run(data=2)
        assert first == [1]


def test_videos_are_kept_apart() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    a, b = (Image(pixels, Origin(name), Moment(name, 0, 0.0)) for name in "ab")
    with Step("buffer", length=3) as step:
        assert [step.run(data=i)["output"] for i in (a, b, a)] == [[a], [b], [a, a]]


@pytest.mark.parametrize(("length", "said"), [(0, "greater than or equal to 1"), ("many", "integer")])
def test_a_wrong_length_is_told(length: object, said: str) -> None:
    with pytest.raises(InvalidWorkflow, match=said):
        run_step("buffer", {"data": 1}, length=length)
