from typing import Any

import numpy as np
import pytest
from tests.workflows.following import around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections

COLUMNS = ("velocity", "speed", "smoothed_velocity", "smoothed_speed")


def test_steady_motion() -> None:
    with Step("velocity", pixels_per_meter=20, smoothing_alpha=0.25) as step:
        outs = [
            step.run(image=frame(i, 10), detections=tracked({3: around(4 * i, 3 * i)}))["velocity_detections"]
            for i in range(3)
        ]
    assert [out.data["velocity"][0].tolist() for out in outs] == [
        [0, 0],
        [pytest.approx(2), pytest.approx(1.5)],  # (40, 30) pixels a second
        [pytest.approx(2), pytest.approx(1.5)],
    ]
    assert [out.data["speed"][0] for out in outs] == [0, pytest.approx(2.5), pytest.approx(2.5)]
    # a quarter of the way, then a quarter of what is left
    assert [out.data["smoothed_speed"][0] for out in outs] == [0, pytest.approx(0.625), pytest.approx(1.09375)]
    assert outs[2].data["smoothed_velocity"][0] == pytest.approx([0.875, 0.65625])


def test_time_is_of_presentation_not_of_frames() -> None:
    with Step("velocity") as step:
        step.run(image=frame(0, 30, seconds=0), detections=tracked({1: around(0, 0)}))
        out = step.run(image=frame(1, 30, seconds=2), detections=tracked({1: around(50, 0)}))["velocity_detections"]
    assert out.data["speed"].tolist() == [25]


def test_no_time_passed() -> None:
    with Step("velocity") as step:
        step.run(image=frame(3), detections=tracked({1: around(0, 0)}))
        out = step.run(image=frame(3), detections=tracked({1: around(50, 0)}))["velocity_detections"]
    assert out.data["speed"].tolist() == [0]


def test_each_track_and_video_alone() -> None:
    with Step("velocity", smoothing_alpha=1) as step:
        step.run(image=frame(0, source="a"), detections=tracked({1: around(0, 0), 2: around(0, 50)}))
        step.run(image=frame(0, source="b"), detections=tracked({1: around(90, 90)}))
        found = tracked({2: around(0, 60), 9: around(8, 8), 1: around(10, 0)})
        out = step.run(image=frame(1, source="a"), detections=found)["velocity_detections"]
    assert out.data["smoothed_velocity"] == pytest.approx(np.array([[0, 100], [0, 0], [100, 0]]))
    assert out.track_id.tolist() == [2, 9, 1]


def test_nothing_found() -> None:
    out = run_step("velocity", {"image": frame(0), "detections": Detections.empty(("car",))})["velocity_detections"]
    assert {name: out.data[name].shape for name in COLUMNS} == dict(
        zip(COLUMNS, [(0, 2), (0,), (0, 2), (0,)], strict=True)
    )
    assert out.classes == ("car",)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("smoothing_alpha", 0, r"smoothing_alpha.*greater than 0"),
        ("smoothing_alpha", 1.5, r"smoothing_alpha.*less than or equal to 1"),
        ("pixels_per_meter", 0, r"pixels_per_meter.*greater than 0"),
    ],
)
def test_wrong_fields(field: str, value: float, message: str) -> None:
    fields: dict[str, Any] = {field: value}
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("velocity", {"image": frame(0), "detections": tracked({})}, **fields)
