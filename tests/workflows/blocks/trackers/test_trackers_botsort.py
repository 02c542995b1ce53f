import cv2
import numpy as np
import pytest
from tests.workflows.running import Step, run_step
from tests.workflows.tracking.scenes import followed, of_rows, reported

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment


@pytest.mark.parametrize("scene", range(3))
def test_ids_as_the_published_tracker(scene: int) -> None:
    assert followed("roboflow_core/trackers_botsort@v1", scene) == reported("bot", scene)


def test_ids_in_the_first_frame() -> None:
    found = followed("trackers_botsort", 1, instant_first_frame_activation=True, minimum_consecutive_frames=3)
    assert found == reported("bot, at start", 1)


@pytest.mark.parametrize(("enable_cmc", "ids"), [(True, [0]), (False, [])])
def test_a_camera_that_jerks(*, enable_cmc: bool, ids: list[int]) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (30, 40, 3), np.uint8)
    wall = cv2.GaussianBlur(cv2.resize(noise, (400, 300), interpolation=cv2.INTER_CUBIC), (5, 5), 1)
    with Step("trackers_botsort", enable_cmc=enable_cmc) as step:
        for i, left in enumerate((0, 0, 0, 30, 60)):
            image = Image(wall[:240, left : left + 320].copy(), moment=Moment("cam", i, i / 30, 30))
            at = 100 - left
            found = of_rows(np.array([[at, 90, at + 24, 130, 0.9]], np.float32))
            out = step.run(image=image, detections=found)["tracked_detections"]
    assert out.track_id.tolist() == ids


def test_an_unknown_method_is_refused() -> None:
    values = {"image": Image(np.zeros((4, 4, 3), np.uint8)), "detections": of_rows(np.zeros((0, 5), np.float32))}
    with pytest.raises(InvalidWorkflow, match=r"cmc_method.*'orb', 'sift', 'sparseOptFlow' or 'ecc'"):
        run_step("trackers_botsort", values, cmc_method="surf")
