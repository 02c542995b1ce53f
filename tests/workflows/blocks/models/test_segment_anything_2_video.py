"""Objects followed through a video as the model follows them by itself, with the classes and numbers of their boxes."""

from typing import Any

import numpy as np
import pytest
from tests.checkpoints.parts import picture
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow, Mismatch
from ocella.types import Detections, Image, Moment

NAME, FAMILY = "sam2.1-hiera-small-video", "sam2_video"
BOXES = np.array([[5, 5, 40, 40], [20, 20, 80, 50], [0, 0, 10, 60]], np.float32)


def frame(number: int, source: str = "road", size_hw: tuple[int, int] = (60, 90)) -> Image:
    return Image(picture(*size_hw, number).pixels, moment=Moment(source, number, number / 10, 10.0))


def objects(track_id: Any = None) -> Detections:
    ids, sure = np.array([1, 0, 1]), np.array([0.9, 0.5, 0.4], np.float32)
    return Detections(BOXES, sure, ids, ("cat", "dog"), track_id=track_id)


def video(**fields: Any) -> Step:
    return Step("segment_anything_2_video", services(NAME, FAMILY), **fields)


def alone(frames: list[Image]) -> list[Detections]:
    """The model without a workflow."""
    return list(by_hand(NAME, FAMILY).predict(frames, BOXES))


def same(found: Detections, wanted: Detections, first: int = 0) -> None:
    assert wanted.track_id is not None
    assert found.track_id is not None
    assert found.masks is not None
    assert wanted.masks is not None
    assert found.track_id.tolist() == (wanted.track_id + first).tolist()
    assert found.names == [["dog", "cat", "dog"][row] for row in wanted.track_id]
    np.testing.assert_array_equal(found.masks.dense(), wanted.masks.dense())


def test_boxes_of_the_first_frame_are_followed() -> None:
    frames = [frame(i) for i in range(5)]
    with video() as step:
        found = [step.run(images=f, boxes=objects())["predictions"] for f in frames]
    wanted = alone(frames)
    assert sum(len(w) for w in wanted) > 5
    for ours, theirs in zip(found, wanted, strict=True):
        same(ours, theirs)
    assert {f.size_hw for f in found} == {(60, 90)}


def test_tracks_keep_the_numbers_that_their_boxes_have() -> None:
    with video(model_id="sam2video/small") as step:
        found = step.run(images=frame(0), boxes=objects(np.array([30, 10, 20])))["predictions"]
    (wanted,) = alone([frame(0)])
    assert wanted.track_id is not None
    assert found.track_id.tolist() == [[30, 10, 20][row] for row in wanted.track_id]


def test_each_video_is_followed_by_itself() -> None:
    frames = {name: [frame(seed + i, name) for i in range(3)] for name, seed in (("road", 0), ("yard", 50))}
    with video() as step:
        found = [[step.run(images=frames[n][i], boxes=objects())["predictions"] for n in frames] for i in range(3)]
    for column, name in enumerate(frames):
        for i, wanted in enumerate(alone(frames[name])):
            same(found[i][column], wanted)


@pytest.mark.parametrize(("fields", "every"), [({"prompt_mode": "every_frame"}, 1), ({"prompt_interval": 2}, 2)])
def test_shown_again(fields: dict[str, Any], every: int) -> None:
    frames = [frame(i) for i in range(4)]
    with video(**{"prompt_mode": "every_n_frames", **fields}) as step:
        found = [step.run(images=f, boxes=objects())["predictions"] for f in frames]
    for start in range(0, 4, every):
        for offset, wanted in enumerate(alone(frames[start : start + every])):
            same(found[start + offset], wanted, first=3 * (start // every))


def test_nothing_is_there_until_boxes_are() -> None:
    none = Detections.empty(("cat", "dog"))
    with video() as step:
        first = step.run(images=frame(0), boxes=none)["predictions"]
        second = step.run(images=frame(1), boxes=objects())["predictions"]
        third = step.run(images=frame(2), boxes=none)["predictions"]
    assert (len(first), first.size_hw, len(first.masks)) == (0, (60, 90), 0)
    for ours, theirs in zip((second, third), alone([frame(1), frame(2)]), strict=True):
        same(ours, theirs)


def test_objects_less_sure_are_left_out() -> None:
    (wanted,) = alone([frame(0)])
    middle = float(np.sort(wanted.confidence)[len(wanted) // 2])
    with video(threshold=middle) as step:
        found = step.run(images=frame(0), boxes=objects())["predictions"]
    assert len(found) == int((wanted.confidence >= np.float32(middle)).sum())


def test_a_video_whose_size_changes_begins_anew() -> None:
    with video() as step:
        step.run(images=frame(0), boxes=objects())
        with pytest.raises(Mismatch, match="size"):
            step.run(images=frame(1, size_hw=(40, 50)), boxes=objects())
        found = step.run(images=frame(2), boxes=objects())["predictions"]
    same(found, alone([frame(2)])[0])


def test_what_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match="prompt_mode"), video(prompt_mode="never") as step:
        step.run(images=frame(0), boxes=objects())
    with pytest.raises(Mismatch, match="'track'"), video(model_id="nanodet-g") as step:
        step.run(images=frame(0), boxes=objects())
