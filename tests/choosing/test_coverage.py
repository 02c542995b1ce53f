"""Images to label: who is covered, who is doubled, who is done."""

from typing import Any

import numpy as np
import pytest

from ocella.choosing.coverage import CoverRule, images_to_label
from ocella.errors import InvalidValue


def around(*degrees: float) -> Any:
    """Unit vectors of the plane."""
    angle = np.radians(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


CROWD = around(0, 1, 2, 3, 4, 90, 91, 92, 180)
"""Five alike, three alike, one alone."""


@pytest.mark.parametrize(
    ("rule", "count", "expected"),
    [
        ("typical", 1, [4]),  # the side of the crowd that is towards the others
        ("typical", 3, [4, 7, 8]),
        ("spread", 2, [4, 8]),
        ("spread", 3, [4, 8, 7]),
    ],
)
def test_each_rule_goes_from_the_middle_outwards(rule: CoverRule, count: int, expected: list[int]) -> None:
    assert images_to_label(CROWD, count, rule=rule).tolist() == expected


@pytest.mark.parametrize("rule", ["typical", "spread"])
def test_every_crowd_gets_one_before_any_gets_two(rule: CoverRule) -> None:
    crowds = [row // 5 + (row == 8) for row in images_to_label(CROWD, 3, rule=rule).tolist()]
    assert sorted(crowds) == [0, 1, 2]


@pytest.mark.parametrize("rule", ["typical", "spread"])
def test_what_is_labelled_counts_as_covered(rule: CoverRule) -> None:
    assert images_to_label(CROWD, 1, rule=rule, labelled=[2, 6]).tolist() == [8]
    assert sorted(images_to_label(CROWD, 99, rule=rule, labelled=[2, 6]).tolist()) == [0, 1, 3, 4, 5, 7, 8]


def test_of_a_group_no_second_comes_while_another_has_none() -> None:
    groups = ["a", "a", "b", "b", "b", "c", "c", "c", "c"]
    order = images_to_label(CROWD, 9, groups=groups).tolist()
    assert sorted(groups[row] for row in order[:3]) == ["a", "b", "c"]
    assert sorted(groups[row] for row in order[3:6]) == ["a", "b", "c"]
    assert sorted(order) == list(range(9))
    assert groups[images_to_label(CROWD, 1, groups=groups, labelled=[0, 2])[0]] == "c"


def test_copies_of_an_image_do_not_make_it_typical() -> None:
    vectors = around(*[0] * 6, 80, 82, 84, 86)
    assert images_to_label(vectors, 1)[0] == 0
    assert images_to_label(vectors, 1, groups=["copy"] * 6 + [*"defg"])[0] >= 6


@pytest.mark.parametrize("rule", ["typical", "spread"])
def test_doubt_draws_towards_an_image(rule: CoverRule) -> None:
    vectors = around(0, 60, 120, 180)
    for row in range(4):
        doubt = np.where(np.arange(4) == row, 1.0, 0.0)
        assert images_to_label(vectors, 1, rule=rule, doubt=doubt)[0] == row


def test_a_draw_stands_for_many_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocella.choosing.coverage._MOST", 20)
    vectors = around(*np.linspace(0, 300, 200))
    first, again, other = (images_to_label(vectors, 5, labelled=[0], seed=seed).tolist() for seed in (1, 1, 2))
    assert first == again != other
    assert np.ptp(first) > 100


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"count": 0}, "count must be at least 1"),
        ({"rule": "best"}, "rule one of typical, spread"),
        ({"doubt": [1, 2]}, "doubt must be 9 numbers"),
        ({"doubt": [-1] * 9}, "of at least 0"),
        ({"groups": ["a"]}, "groups must be 9"),
        ({"labelled": [9]}, "within 0..8"),
        ({"vectors": [1.0, 2.0]}, "shape"),
        ({"vectors": [[np.nan, 1.0]]}, "without NaN"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidValue, match=match):
        images_to_label(**({"vectors": CROWD, "count": 2} | given))


def test_nothing_is_left_to_label() -> None:
    assert images_to_label(CROWD, 3, labelled=range(9)).tolist() == []
