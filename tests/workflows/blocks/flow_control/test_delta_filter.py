"""Going on when a value changes, for each video by itself."""

from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.flow_control.gating import Gated

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image, Moment

STEP = {
    "type": "roboflow_core/delta_filter@v1",
    "image": "$inputs.image",
    "value": "$inputs.n",
    "next_steps": ["$steps.a"],
}
PIXELS = np.zeros((2, 2, 3), np.uint8)


def frame(source: str) -> Image:
    return Image(PIXELS, moment=Moment(source, 0, 0.0))


@pytest.mark.parametrize(
    "values",
    [
        (1, 2),
        ("a", "b"),
        ([1], [2]),
        (np.array([1, 2]), np.array([1, 3])),
        ([np.array([1, 2])], [np.array([1, 2, 3])]),
        ({"a": 1}, {"a": 2}),
        (Detections.empty(("a",)), Detections.empty(("b",))),
        (0, False + 1),
    ],
)
def test_it_goes_on_when_the_value_is_another(values: tuple[Any, Any]) -> None:
    gate = Gated(STEP)
    one, two = values
    seen = [gate.run(n=[v], image=[frame("x")]) == [["a"]] for v in (one, one, two, two, one)]
    assert seen == [True, False, True, False, True]


def test_videos_are_told_apart() -> None:
    gate = Gated(STEP)
    seen = gate.run(n=[1, 1, 1, 2], image=[frame("x"), frame("y"), frame("x"), frame("y")])
    assert seen == [["a"], ["a"], [], ["a"]]


def test_it_needs_a_value() -> None:
    with pytest.raises(InvalidWorkflow, match="Give 'value'"):
        Gated({k: v for k, v in STEP.items() if k != "value"})
