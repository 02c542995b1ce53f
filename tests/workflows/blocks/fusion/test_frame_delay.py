import numpy as np
import pytest
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment

PIXELS = np.zeros((2, 2, 3), np.uint8)


def frame(index: int, source: str = "gate") -> Image:
    return Image(PIXELS, moment=Moment(source, index, index / 10, 10.0))


def test_each_value_comes_back_two_pictures_later() -> None:
    with Step("frame_delay", offset=-2, default_value="none") as step:
        said = [step.run(image=frame(i), data=i * i) for i in range(6)]
    assert [s["output"] for s in said] == ["none", "none", 0, 1, 4, 9]
    assert [s["is_available"] for s in said] == [False, False, True, True, True, True]
    assert [s["reference_frame_number"] for s in said] == [0, 1, 2, 3, 4, 5]


def test_a_dropped_picture_is_not_available() -> None:
    with Step("roboflow_core/time_travel@v1", offset=-1) as step:
        said = [step.run(image=frame(i), data=i) for i in (0, 1, 3, 4)]
    assert [(s["output"], s["is_available"]) for s in said] == [(None, False), (0, True), (None, False), (3, True)]


def test_videos_are_kept_apart_and_the_present_is_offset_zero() -> None:
    with Step("FrameDelay", offset=-1) as step:
        step.run(image=frame(0, "a"), data="a0")
        step.run(image=frame(0, "b"), data="b0")
        assert step.run(image=frame(1, "a"), data="a1")["output"] == "a0"
        assert step.run(image=frame(1, "b"), data="b1")["output"] == "b0"
    assert run_step("frame_delay", {"image": frame(5), "data": "now"}, offset=0)["output"] == "now"


def test_a_video_that_begins_anew_has_no_past() -> None:
    with Step("frame_delay", offset=-1) as step:
        for i in range(5):
            step.run(image=frame(i), data=f"old {i}")
        assert step.run(image=frame(2), data="new 2")["output"] == "old 1"
        assert step.run(image=frame(0), data="new 0")["output"] is None
        assert step.run(image=frame(1), data="new 1")["output"] == "new 0"
        assert step.run(image=frame(4), data="new 4")["output"] is None


def test_images_without_a_moment_are_counted() -> None:
    with Step("frame_delay", offset=-1) as step:
        said = [step.run(image=Image(PIXELS), data=i) for i in range(3)]
    assert [(s["output"], s["reference_frame_number"]) for s in said] == [(None, 0), (0, 1), (1, 2)]


def test_memory_is_bounded() -> None:
    with Step("frame_delay", offset=-3) as step:
        for i in range(300):
            step.run(image=frame(i), data=i)
        assert step._session is not None
        block = step._session._plans[0].block
        assert len(vars(block)["_kept"]["gate"]) == 64 + 3 + 1


def test_the_future_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match="less than or equal to 0"):
        run_step("frame_delay", {"image": frame(0), "data": 1}, offset=1)
