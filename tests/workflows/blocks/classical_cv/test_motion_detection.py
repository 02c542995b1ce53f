import json
from typing import Any

import numpy as np
import pytest
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue
from ocella.types import Image, Moment

RANDOM = np.random.default_rng(0)


def frame(index: int, source: str = "gate", *boxes: tuple[int, int, int, int]) -> Image:
    pixels = RANDOM.integers(100, 103, (80, 100, 3), np.uint8)
    for left, top, right, bottom in boxes:
        pixels[top:bottom, left:right] = 240
    return Image(pixels, moment=Moment(source, index, index / 10))


def run(boxes: list[list[tuple[int, int, int, int]]], **fields: Any) -> list[dict[str, Any]]:
    with Step("motion_detection", history=5, **fields) as step:
        return [step.run(image=frame(i, "gate", *b)) for i, b in enumerate(boxes)]


QUIET: list[list[tuple[int, int, int, int]]] = [[]] * 7
BOX = (20, 10, 50, 40)


def test_motion_and_alarm() -> None:
    told = run([*QUIET, [BOX], [(50, 40, 80, 70)], [], []])
    assert [t["motion"] for t in told[:7]] == [False] * 7
    assert (told[7]["motion"], told[7]["alarm"]) == (True, True)
    assert (told[8]["motion"], told[8]["alarm"]) == (True, False)
    assert [t["motion"] for t in told[9:]] == [False, False]
    found = told[7]["detections"]
    assert found.xyxy.tolist() == [[20, 10, 50, 40]]
    assert found.names == ["motion"]
    assert found.size_hw == (80, 100)
    zone = np.array(told[7]["motion_zones"][0])
    assert (zone.min(axis=0).tolist(), zone.max(axis=0).tolist()) == ([20, 10], [49, 39])


def test_what_is_told_is_plain_json() -> None:
    told = run([*QUIET, [BOX]])[-1]
    assert json.loads(json.dumps(told["detections"].to_json()))["xyxy"] == [[20, 10, 50, 40]]
    assert json.loads(json.dumps(told["motion_zones"])) == told["motion_zones"]


def test_small_areas_do_not_count() -> None:
    told = run([*QUIET, [(20, 10, 34, 24)]])  # an outline around 13 x 13
    assert told[-1]["motion"] is False
    assert len(told[-1]["detections"]) == 0
    assert told[-1]["detections"].classes == ("motion",)
    assert run([*QUIET, [(20, 10, 34, 24)]], minimum_contour_area=160)[-1]["motion"] is True


@pytest.mark.parametrize("zone", [[[30, 0], [100, 0], [100, 80], [30, 80]], "[[30, 0], [100, 0], [100, 80], [30, 80]]"])
def test_within_a_zone(zone: Any) -> None:
    told = run([*QUIET, [BOX]], detection_zone=zone)[-1]
    assert told["detections"].xyxy.tolist() == [[30, 10, 50, 40]]
    assert run([*QUIET, [(2, 10, 28, 40)]], detection_zone=zone)[-1]["motion"] is False


def test_first_frames_are_learned_and_not_told() -> None:
    """Standing from the first frame on, the box belongs to the background."""
    assert not any(t["motion"] for t in run([[BOX]] * 9))
    assert run([[BOX]], suppress_first_detections=False)[0]["motion"] is True


def test_each_video_for_itself() -> None:
    with Step("motion_detection", history=3) as step:
        for i in range(5):
            step.run(image=frame(i, "gate"))
            step.run(image=frame(i, "yard", BOX))
        assert step.run(image=frame(5, "yard", BOX))["motion"] is False
        assert step.run(image=frame(5, "gate", BOX))["motion"] is True


@pytest.mark.parametrize("zone", ["[[1, 2]", [[0, 0], [5, 5]], ["a", "b", "c"]])
def test_a_wrong_zone(zone: Any) -> None:
    with pytest.raises(InvalidValue, match="detection_zone must be"):
        run_step("motion_detection", {"image": frame(0)}, detection_zone=zone)
