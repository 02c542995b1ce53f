from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, SIZE, boxes, drawn, frame, supervision
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image, Moment


def at(x: float, y: float, track: int | None = None) -> Detections:
    tracks = None if track is None else np.array([track])
    return boxes([[x - 5, y - 5, x + 5, y]], track_id=tracks)


def test_the_heat_of_three_frames_is_that_of_supervision() -> None:
    sv = supervision()
    annotator = sv.HeatMapAnnotator(radius=20, kernel_size=9, opacity=0.6, top_hue=5, low_hue=120)
    fields: dict[str, Any] = {"radius": 20, "kernel_size": 9, "opacity": 0.6, "top_hue": 5, "low_hue": 120}
    with Step("heatmap_visualization", ignore_stationary=False, **fields) as step:
        for shift in range(3):
            found = OBJECTS.replace(xyxy=OBJECTS.xyxy - [20 * shift, 0, 20 * shift, 0])
            scene = np.ascontiguousarray(IMAGE.pixels[..., ::-1])
            expected = annotator.annotate(scene, found.to_supervision())[..., ::-1]
            assert (step.run(image=IMAGE, predictions=found)["image"].pixels == expected).all()


def warm(step: Step, found: Detections, image: Image, **more: Any) -> bool:
    return bool((step.run(image=image, predictions=found, **more)["image"].pixels != image.pixels).any())


def test_what_stands_still_stays_cold() -> None:
    with Step("heatmap_visualization", motion_threshold=10) as step:
        assert not warm(step, at(50, 50, 1), frame(0))
        assert not warm(step, at(56, 50, 1), frame(1))
        assert warm(step, at(61, 50, 1), frame(2))
    with Step("heatmap_visualization") as step:
        assert warm(step, at(50, 50), frame(0))
        assert warm(step, Detections.empty(("a",)), frame(1))
    with Step("heatmap_visualization", ignore_stationary=False) as step:
        assert warm(step, at(50, 50, 1), frame(0))


def test_each_video_has_its_own_heat() -> None:
    with Step("heatmap_visualization") as step:
        assert warm(step, at(50, 50), frame(0))
        assert not warm(step, Detections.empty(("a",)), frame(0, "yard"))
        assert not warm(
            step, Detections.empty(("a",)), Image(np.zeros((9, 9, 3), np.uint8), moment=Moment("gate", 1, 1))
        )
    with Step("heatmap_visualization") as step:
        assert warm(step, at(50, 50), frame(0), metadata=Moment("door", 0, 0))
        assert not warm(step, Detections.empty(("a",)), frame(0), metadata=Moment("gate", 0, 0))


def test_only_the_disc_at_its_foot_is_warm_and_reddest() -> None:
    white = Image(np.full((*SIZE, 3), 255, np.uint8))
    made = drawn("heatmap", at(100, 80), white, opacity=1, kernel_size=1, radius=10)
    ys, xs = np.nonzero((made != 255).any(axis=2))
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (90, 110, 70, 90)
    assert made[80, 100].tolist() == [255, 0, 0]


def test_nonsense() -> None:
    with pytest.raises(InvalidWorkflow, match="position"):
        drawn("heatmap", position="CENTER_OF_MASS")
