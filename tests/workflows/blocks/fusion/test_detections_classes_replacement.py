from typing import Any

import numpy as np
import pytest
from tests.workflows.running import Many, Step

from ocella.errors import Mismatch
from ocella.types import Classification, Detections
from ocella.workflows.block import Block
from ocella.workflows.block import Many as Deeper
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import run_workflow

DOGS = ("poodle", "husky")
FOUND = Detections(
    np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]]),
    np.array([0.9, 0.8, 0.7]),
    np.array([0, 0, 0]),
    ("dog",),
    track_id=np.array([7, 8, 9]),
    data={"detection_id": np.array(["x", "y", "z"]), "speed": np.array([1.0, 2.0, 3.0])},
    size_hw=(20, 60),
)


def scores(*values: float, multi_label: bool = False) -> Classification:
    return Classification(np.array(values), DOGS, multi_label)


def replace(said: list[Any], found: Any = FOUND, **fields: Any) -> Any:
    with Step("DetectionsClassesReplacement", **fields) as step:
        return step.run(object_detection_predictions=found, classification_predictions=Many(said))["predictions"]


def test_the_best_class_and_its_confidence_take_over() -> None:
    found = replace([scores(0.25, 0.75), scores(0.5, 0.25, multi_label=True), scores(0.125, 0.875)])
    assert found.names == ["husky", "poodle", "husky"]
    assert found.confidence.tolist() == [0.75, 0.5, 0.875]
    assert found.classes == DOGS
    assert found.xyxy.tolist() == FOUND.xyxy.tolist()
    assert found.track_id.tolist() == [7, 8, 9]
    assert list(found.data) == ["speed"]


def test_objects_without_one_are_dropped_in_their_place() -> None:
    found = replace([scores(1, 0), None, scores(0, 1)])
    assert found.track_id.tolist() == [7, 9]
    assert found.names == ["poodle", "husky"]
    assert replace([scores(0, 0, multi_label=True)] * 3).track_id.tolist() == []


def test_or_get_a_name_to_fall_back_on() -> None:
    found = replace([scores(1, 0), None, scores(0, 1)], fallback_class_name="mongrel")
    assert found.names == ["poodle", "mongrel", "husky"]
    assert found.confidence.tolist() == [1, 0, 1]
    assert found.classes == (*DOGS, "mongrel")
    numbered = replace([None, None, scores(0, 1)], fallback_class_name="mongrel", fallback_class_id=5)
    assert numbered.class_id.tolist() == [5, 5, 1]
    assert replace([], fallback_class_name="mongrel").names == ["mongrel"] * 3


def test_texts_are_names() -> None:
    found = replace(["K61", ["B7", "C8"], [["K61"]]])
    assert found.names == ["K61", "B7", "K61"]
    assert found.confidence.tolist() == [1, 1, 1]
    assert replace(["K61", [], None]).names == ["K61"]


def test_the_response_form_of_a_classification_is_read() -> None:
    said = {"predictions": [{"class": "husky", "class_id": 1, "confidence": 0.5}], "top": "husky", "confidence": 0.5}
    assert replace([said] * 3).names == ["husky"] * 3


def test_an_object_without_area_has_no_crop() -> None:
    flat = FOUND.replace(xyxy=np.array([[0, 0, 10, 10], [20, 5, 30, 5], [40, 0, 50, 10]]))
    assert replace([scores(1, 0), scores(0, 1)], flat).track_id.tolist() == [7, 9]


def test_numbers_that_do_not_fit_are_told() -> None:
    with pytest.raises(Mismatch, match="each of 3 objects, got 2"):
        replace([scores(1, 0), scores(0, 1)])


def test_nothing_found() -> None:
    assert len(replace([], FOUND[:0])) == 0
    with Step("detections_classes_replacement") as step:
        assert step.run(object_detection_predictions=None, classification_predictions=Many([])) is None


class Parts(Block):
    """One number an object."""

    type = "parts@v1"

    def run(self, found: Detections) -> Deeper[int]:
        return list(range(len(found)))


class Doubtful(Block):
    """A classification of each number but one, which fails."""

    type = "doubtful@v1"

    def run(self, part: int) -> Classification:
        if part == 1:
            raise Mismatch("no opinion on this one")
        return scores(1, 0) if part == 0 else scores(0, 1)


def test_a_crop_that_failed_does_not_shift_the_others() -> None:
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]}],
        "steps": [
            {"type": "parts", "name": "parts", "found": "$inputs.found"},
            {"type": "doubtful", "name": "doubt", "part": "$steps.parts.output"},
            {
                "type": "detections_classes_replacement",
                "name": "named",
                "object_detection_predictions": "$inputs.found",
                "classification_predictions": "$steps.doubt.output",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "named", "selector": "$steps.named.predictions"}],
    }
    result = run_workflow(compile_workflow(definition, [Parts, Doubtful]), {"found": [FOUND]})
    assert result[0]["named"].track_id.tolist() == [7, 9]
    assert result[0]["named"].names == ["poodle", "husky"]
    assert [f.path for f in result.failures] == [(0, 1)]
