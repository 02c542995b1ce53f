import pytest
from tests.workflows.tracking.scenes import followed, reported


@pytest.mark.parametrize("scene", range(3))
def test_ids_as_the_published_tracker(scene: int) -> None:
    assert followed("roboflow_core/trackers_ocsort@v1", scene) == reported("oc", scene)


def test_fields() -> None:
    found = followed("trackers_ocsort", 0, high_conf_det_threshold=0.4, delta_t=1, direction_consistency_weight=0.9)
    assert found == reported("oc, direction", 0)
