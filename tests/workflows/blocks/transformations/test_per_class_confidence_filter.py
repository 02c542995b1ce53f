from typing import Any

import numpy as np
import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections

FOUND = tracked(
    {i: [0, 0, 1, 1] for i in range(6)}, ["car", "car", "person", "person", "dog", "dog"], ("car", "person", "dog")
).replace(confidence=[0.5, 0.49, 0.7, 0.9, 0.3, 0.29])


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"class_thresholds": {"car": 0.5, "person": 0.8}}, [0, 3, 4]),
        ({"class_thresholds": {"person": 0.7}}, [0, 1, 2, 3, 4]),  # reached exactly, also as 32-bit numbers
        ({"class_thresholds": {}, "default_threshold": 0.6}, [2, 3]),
        ({"class_thresholds": {"cat": 0.1}, "default_threshold": 1}, []),
    ],
)
def test_thresholds(fields: dict[str, Any], wanted: list[int]) -> None:
    out = run_step("roboflow_core/per_class_confidence_filter@v1", {"predictions": FOUND}, **fields)["predictions"]
    assert out.track_id.tolist() == wanted
    assert out.classes == FOUND.classes


def test_as_a_loop_over_many() -> None:
    random = np.random.default_rng(0)
    names = random.choice(["car", "person", "dog"], 200).tolist()
    found = tracked({i: [0, 0, 1, 1] for i in range(200)}, names, FOUND.classes).replace(confidence=random.random(200))
    limits = {"car": 0.25, "dog": 0.75}
    wanted = [i for i, (n, c) in enumerate(zip(names, found.confidence, strict=True)) if c >= limits.get(n, 0.3)]
    out = run_step("per_class_confidence_filter", {"predictions": found}, class_thresholds=limits)["predictions"]
    assert out.track_id.tolist() == wanted


def test_nothing_and_wrong_fields() -> None:
    empty = Detections.empty(("car",))
    assert run_step("per_class_confidence_filter", {"predictions": empty}, class_thresholds={})["predictions"] == empty
    with pytest.raises(InvalidWorkflow, match=r"class_thresholds.*less than or equal to 1"):
        run_step("per_class_confidence_filter", {"predictions": FOUND}, class_thresholds={"car": 50})
