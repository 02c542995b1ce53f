import numpy as np
import pytest
from tests.workflows.following import around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections


def centres(frames: list[Detections], window: int = 3, share: float = 0.5) -> list[dict[int, float]]:
    """x of the centre of each track, frame by frame."""
    with Step("stabilize_detections", smoothing_window_size=window, bbox_smoothing_coefficient=share) as step:
        outs = [step.run(image=frame(i), detections=found)["tracked_detections"] for i, found in enumerate(frames)]
    return [dict(zip(o.track_id.tolist(), o.xyxy[:, [0, 2]].mean(axis=1).tolist(), strict=True)) for o in outs]


def at(*xs: float) -> list[Detections]:
    return [tracked({1: around(x, 50)}) if np.isfinite(x) else tracked({}) for x in xs]


GONE = float("nan")


def test_a_mix_of_now_and_before() -> None:
    assert centres(at(10, 20, 40), share=0.2) == [{1: 10}, {1: pytest.approx(12)}, {1: pytest.approx(24)}]


def test_a_short_gap_is_filled_at_the_speed_it_had() -> None:
    # seen moving by 10 twice, so it goes on for two frames, by half of that as the share says
    assert centres(at(10, 20, 30, GONE, GONE, GONE)) == [
        {1: 10},
        {1: 15},
        {1: 25},
        {1: pytest.approx(35)},
        {1: pytest.approx(40)},
        {},
    ]


def test_the_window_limits_the_gap() -> None:
    found = centres(at(*range(0, 80, 10), GONE, GONE, GONE), window=2)
    assert [len(f) for f in found] == [1] * 8 + [1, 1, 0]


def test_seen_once_it_has_no_speed_and_goes() -> None:
    assert centres(at(10, GONE)) == [{1: 10}, {}]


def test_the_speed_is_a_filtered_mean() -> None:
    # by hand: speed 10 with variance 1.001, then the mean of 10 and 20 with gain 1.001 / 1.011
    speed = 10 + 1.001 / 1.011 * 5
    found = centres(at(0, 10, 30, GONE), share=1)
    assert found[-1][1] == pytest.approx(30 + speed, abs=1e-4)


def test_order_of_present_and_missing_and_what_they_carry() -> None:
    both = [tracked({1: around(10 * i, 9), 2: around(90, 10 * i)}, ["person", "car"]) for i in range(3)]
    with Step("stabilize_detections") as step:
        for i, found in enumerate(both):
            step.run(image=frame(i), detections=found)
        out = step.run(image=frame(3), detections=both[2][[1]])["tracked_detections"]
    assert (out.track_id.tolist(), out.names) == ([2, 1], ["car", "person"])


def test_each_video_alone_and_classes_that_change() -> None:
    with Step("stabilize_detections") as step:
        for i in range(3):
            step.run(image=frame(i, source="a"), detections=tracked({1: around(10 * i, 9)}))
        b = step.run(image=frame(0, source="b"), detections=tracked({1: around(70, 9)}))["tracked_detections"]
        new = tracked({5: around(1, 1)}, ["dog"], ("dog",))
        a = step.run(image=frame(3, source="a"), detections=new)["tracked_detections"]
    assert b.xyxy.tolist() == [around(70, 9)]
    assert a.names == ["dog", "car"]


def test_nothing_no_tracks_and_wrong_fields() -> None:
    empty = Detections.empty(("car",))
    out = run_step("stabilize_detections", {"image": frame(0), "detections": empty})["tracked_detections"]
    assert (len(out), out.classes) == (0, ("car",))
    found = tracked({1: around(5, 5)})
    with pytest.raises(InvalidValue, match="stabilize_detections expected tracked objects"):
        run_step("stabilize_detections", {"image": frame(0), "detections": found.replace(track_id=None)})
    with pytest.raises(InvalidWorkflow, match=r"smoothing_window_size.*greater than or equal to 1"):
        run_step("stabilize_detections", {"image": frame(0), "detections": found}, smoothing_window_size=0)
