"""Going on at most so often: by a clock of the test's own, and by the time of a video."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.flow_control.gating import Gated

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment
from ocella.workflows.services import Services

STEP = {"type": "rate_limiter", "depends_on": "$inputs.n", "next_steps": ["$steps.a"], "cooldown_seconds": 2}
BY_VIDEO = STEP | {"video_reference_image": "$inputs.image"}
PIXELS = np.zeros((2, 2, 3), np.uint8)


def frame(source: str, seconds: float) -> Image:
    return Image(PIXELS, moment=Moment(source, int(seconds * 10), seconds, 10.0, is_file=True))


def test_by_the_clock() -> None:
    now = [0.0]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    gate = Gated(STEP, services=Services(now=lambda: start + timedelta(seconds=now[0])))
    seen = []
    for now[0] in (0, 0.5, 1.9, 2, 3, 4.5):
        seen.append(gate.run(n=[1]) == [["a"]])
    assert seen == [True, False, False, True, False, True]


def test_by_the_time_of_the_video_each_by_itself() -> None:
    gate = Gated(BY_VIDEO)
    times = [0.0, 0.5, 1.9, 2.0, 3.0, 4.5]
    found = [gate.run(n=[1, 1], image=[frame("x", t), frame("y", 2 * t)]) for t in times]
    assert [x == ["a"] for x, _ in found] == [True, False, False, True, False, True]
    assert [y == ["a"] for _, y in found] == [True, False, True, False, True, True]


def test_a_video_that_starts_anew_goes_on() -> None:
    gate = Gated(BY_VIDEO)
    assert [gate.run(n=[1], image=[frame("x", t)]) for t in (9.0, 0.0, 1.0)] == [[["a"]], [["a"]], [[]]]


def test_no_cooldown_lets_all_go_on() -> None:
    gate = Gated(STEP | {"cooldown_seconds": 0})
    assert gate.run(n=[1, 2, 3]) == [["a"]] * 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"cooldown_seconds": -1}, "greater than or equal to 0"), ({"cooldown_seconds": "x"}, "number")],
)
def test_wrong_fields_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        Gated(STEP | fields)
