import pytest
from tests.workflows.tracking.scenes import followed, reported


@pytest.mark.parametrize("scene", range(3))
def test_ids_as_the_published_tracker(scene: int) -> None:
    assert followed("roboflow_core/trackers_sort@v1", scene) == reported("sort", scene)


def test_fields() -> None:
    found = followed(
        "trackers_sort",
        0,
        lost_track_buffer=3,
        minimum_consecutive_frames=1,
        track_activation_threshold=0.6,
        minimum_iou_threshold=0.4,
    )
    assert found == reported("sort, short", 0)
