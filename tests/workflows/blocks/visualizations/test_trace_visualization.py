import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import OBJECTS, boxes, drawn, frame, supervision
from tests.workflows.running import Step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections


def moved(step: int) -> Detections:
    rise = [4 * step, 2 * step, 4 * step, 2 * step]
    return OBJECTS.replace(xyxy=OBJECTS.xyxy - rise)


@pytest.mark.parametrize("length", [3, 30])
def test_ways_are_those_of_supervision(length: int) -> None:
    sv = supervision()
    annotator = sv.TraceAnnotator(
        trace_length=length, thickness=2, position=sv.Position.TOP_CENTER, color_lookup=sv.ColorLookup.TRACK
    )
    with Step(
        "trace_visualization", trace_length=length, thickness=2, position="TOP_CENTER", color_axis="TRACK"
    ) as step:
        for index in range(8):
            found, image = moved(index), frame(index)
            expected = annotator.annotate(image.pixels.copy(), found.to_supervision())[..., ::-1]
            assert (step.run(image=image, predictions=found)["image"].pixels == expected).all()


def test_a_way_by_hand_and_a_gap() -> None:
    with Step("trace_visualization", trace_length=4, color_palette="CUSTOM", custom_colors=["#ffffff"]) as step:
        made = [
            step.run(image=frame(i), predictions=boxes([[x, 8, x, 8]], track_id=[1]))["image"]
            for i, x in enumerate((10, 20, 30, 40, 50))
        ]
        assert [int(m.pixels[8, :, 0].sum() / 255) for m in made] == [0, 11, 21, 31, 31]
        for i in range(4):
            step.run(image=frame(5 + i), predictions=Detections.empty(("a",)))
        again = step.run(image=frame(9), predictions=boxes([[90, 8, 90, 8]], track_id=[1]))
        assert not again["image"].pixels.any()


def test_each_video_has_its_own_ways() -> None:
    with Step("trace_visualization") as step:
        step.run(image=frame(0), predictions=moved(0))
        assert not step.run(image=frame(0, "yard"), predictions=moved(3))["image"].pixels.any()
        assert step.run(image=frame(1), predictions=moved(3))["image"].pixels.any()


def test_without_tracks_nothing_and_nonsense() -> None:
    with pytest.raises(InvalidValue, match="trace_visualization expected tracked objects"):
        drawn("trace", OBJECTS.replace(track_id=None))
    assert not np.asarray(drawn("trace", Detections.empty(), frame(0))).any()
    with pytest.raises(InvalidWorkflow, match="trace_length"):
        drawn("trace", trace_length=0)
