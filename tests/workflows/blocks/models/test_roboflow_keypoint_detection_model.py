"""Points of an object by hand, and of a person in a photograph with real weights."""

from pathlib import Path

import numpy as np
import pytest
from tests.workflows.blocks.models.photos import outline, photo
from tests.workflows.blocks.models.yolo_file import SIDE, yolo_file
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import Mismatch
from ocella.types import Image

BLANK = Image(np.zeros((SIDE, SIDE, 3), np.uint8))
POINTS = [(5.0, 6.0, 0.9), (7.0, 8.0, 0.4), (1.0, 2.0, 0.1)]


@pytest.mark.parametrize("name", ["roboflow_keypoint_detection_model@v3", "KeypointsDetectionModel"])
@pytest.mark.parametrize(("least", "visible"), [(0.0, None), (0.3, [True, True, False]), (0.5, [True, False, False])])
def test_points_of_a_file_that_is_brought(tmp_path: Path, name: str, least: float, visible: list[bool] | None) -> None:
    file = yolo_file(tmp_path, [(2, 2, 12, 12, 0.9, 0), (2, 2, 12, 8, 0.8, 0)], [POINTS, POINTS])
    found = run_step(name, {"images": BLANK}, services(), model_id=file, keypoint_confidence=least)["predictions"]
    np.testing.assert_allclose(found.keypoints.xy[0], [p[:2] for p in POINTS], atol=1e-4)
    np.testing.assert_allclose(found.keypoints.confidence[0], [p[2] for p in POINTS], atol=1e-6)
    assert len(found) == 1  # the other overlaps it by 0.6
    if visible is not None:
        assert found.keypoints.visible[0].tolist() == visible


def test_a_person_in_a_photograph() -> None:
    found = run_step(
        "keypoint_detection_model",
        {"images": photo("astronaut.png")},
        services(),
        model_id="movenet-multipose",
        confidence=0.2,
    )["predictions"]
    x, y = found.keypoints.xy[0, found.keypoints.skeleton.names.index("nose")]
    assert outline("astronaut.png")[round(float(y)), round(float(x))]
    assert y < photo("astronaut.png").height / 2


def test_a_model_without_points_is_refused() -> None:
    with pytest.raises(Mismatch, match="takes models for 'keypoints'"):
        run_step("keypoint_detection_model", {"images": BLANK}, services(), model_id="nanodet-g")
