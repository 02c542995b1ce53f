import numpy as np
import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.types import Detections, Masks

CATS = tracked({1: [0, 0, 4, 4]}, ["cat"], ("cat", "dog"), confidence=0.5).replace(size_hw=(10, 10))
DOGS = tracked({5: [2, 2, 6, 6], 6: [1, 1, 3, 3]}, ["dog", "bird"], ("bird", "dog")).replace(size_hw=(10, 10))


def combined(one: Detections, two: Detections) -> Detections:
    out = run_step("roboflow_core/detections_combine@v1", {"prediction_one": one, "prediction_two": two})
    found: Detections = out["predictions"]
    return found


def test_classes_by_name() -> None:
    out = combined(CATS, DOGS)
    assert out.names == ["cat", "dog", "bird"]
    assert out.classes == ("cat", "dog", "bird")
    assert out.xyxy.tolist() == [[0, 0, 4, 4], [2, 2, 6, 6], [1, 1, 3, 3]]
    assert out.confidence == pytest.approx([0.5, 0.9, 0.9])
    assert out.track_id is not None
    assert out.track_id.tolist() == [1, 5, 6]
    assert out.size_hw == (10, 10)


def test_boxes_beside_masks_become_masks() -> None:
    mask = np.zeros((1, 10, 10), bool)
    mask[0, 1, 1] = True
    out = combined(CATS.replace(masks=Masks.from_dense(mask)), DOGS)
    assert out.masks is not None
    assert out.masks.area.tolist() == [1, 16, 4]
    assert combined(DOGS, CATS.replace(masks=Masks.from_dense(mask))).masks is not None


def test_columns_that_only_one_has_go() -> None:
    one = CATS.replace(data={"a": np.array([1]), "b": np.array([2])})
    two = DOGS.replace(data={"b": np.array([3, 4])}, track_id=None)
    out = combined(one, two)
    assert {k: v.tolist() for k, v in out.data.items()} == {"b": [2, 3, 4]}
    assert out.track_id is None


@pytest.mark.parametrize("swap", [False, True])
def test_nothing_beside_something(*, swap: bool) -> None:
    empty = Detections.empty(("fish",))
    out = combined(empty, CATS) if swap else combined(CATS, empty)
    assert out.names == ["cat"]
    assert set(out.classes) == {"cat", "dog", "fish"}
    nothing = combined(empty, Detections.empty(("cat",)))
    assert (len(nothing), nothing.classes) == (0, ("fish", "cat"))
