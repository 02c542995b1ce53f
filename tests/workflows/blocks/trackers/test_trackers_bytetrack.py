import pytest
from tests.workflows.tracking.scenes import followed, reported


@pytest.mark.parametrize("scene", range(3))
def test_ids_as_the_published_tracker(scene: int) -> None:
    assert followed("roboflow_core/trackers_bytetrack@v1", scene) == reported("byte", scene)


def test_the_rate_of_the_video() -> None:
    found = followed("trackers_bytetrack", 1, fps=15, lost_track_buffer=5, minimum_iou_threshold=0.3)
    assert found == reported("byte, 15 fps", 1)
