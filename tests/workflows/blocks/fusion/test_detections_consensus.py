import json
from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, Mismatch
from ocella.types import Detections, Masks, Origin
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import run_workflow
from ocella.workflows.wire_out import write_value


def boxes(*rows: tuple[float, float, float, float, float, str], names: tuple[str, ...] = ("cat", "dog")) -> Detections:
    xyxy = np.array([r[:4] for r in rows]).reshape(-1, 4)
    ids = np.array([names.index(r[5]) for r in rows], np.int64)
    found = Detections(xyxy, np.array([r[4] for r in rows]), ids, names)
    return found.replace(origin=Origin("street"), size_hw=(100, 100))


def agree(*sources: Any, **fields: Any) -> Any:
    """Of predictions as inputs of a workflow, as they come over the wire."""
    names = [f"source{i}" for i in range(len(sources))]
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": n, "kind": ["object_detection_prediction"]} for n in names],
        "steps": [
            {
                "type": "roboflow_core/detections_consensus@v1",
                "name": "agreed",
                "predictions_batches": [f"$inputs.{n}" for n in names],
                **fields,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "all", "selector": "$steps.agreed.*", "coordinates_system": "own"}],
    }
    result = run_workflow(compile_workflow(definition), dict(zip(names, sources, strict=True)), on_error="fail")
    return result[0]["all"]


ONE = boxes((0, 0, 10, 10, 0.5, "cat"), (50, 50, 60, 60, 0.5, "dog"))
TWO = boxes((2, 0, 12, 10, 0.75, "cat"), (80, 80, 90, 90, 0.5, "dog"))


def test_what_both_found_is_kept_with_the_mean_box_and_confidence() -> None:
    said = agree(ONE, TWO, required_votes=2)
    assert said["predictions"].xyxy.tolist() == [[1, 0, 11, 10]]
    assert said["predictions"].confidence.tolist() == [0.625]
    assert said["predictions"].names == ["cat"]
    assert said["object_present"] is True
    assert said["presence_confidence"] == {"cat": 0.625}
    assert (said["predictions"].origin, said["predictions"].size_hw) == (Origin("street"), (100, 100))


def test_detections_that_came_through_json_agree_too() -> None:
    sources = [json.loads(json.dumps(write_value(s))) for s in (ONE, TWO)]
    for source in sources:
        for row in source["predictions"]:
            row.pop("parent_id")
        source.pop("parent_id")
        source.pop("classes")
    said = agree(*sources, required_votes=2)
    assert said["predictions"].xyxy.tolist() == [[1, 0, 11, 10]]
    mixed = agree(ONE, sources[1], required_votes=2)
    assert mixed["predictions"].origin == Origin("street")


@pytest.mark.parametrize(
    ("how", "box", "score"),
    [("max", [1, 1, 12, 12], 0.75), ("min", [0, 0, 10, 10], 0.5), ("average", [0.5, 0.5, 11, 11], 0.625)],
)
def test_aggregations(how: str, box: list[float], score: float) -> None:
    fields = {f"detections_merge_{what}_aggregation": how for what in ("confidence", "coordinates")}
    said = agree(ONE[[0]], boxes((1, 1, 12, 12, 0.75, "cat")), required_votes=2, **fields)
    assert said["predictions"].xyxy.tolist() == [box]
    assert said["predictions"].confidence.tolist() == [score]


@pytest.mark.parametrize(("how", "name"), [("average", "cat"), ("max", "dog"), ("min", "cat")])
def test_without_classes_the_name_is_chosen(how: str, name: str) -> None:
    sources = ONE[[0]], boxes((0, 0, 10, 10, 0.75, "dog")), boxes((0, 0, 10, 10, 0.6, "cat"))
    assert agree(*sources, required_votes=2)["predictions"].names == ["cat"]
    fields = {"class_aware": False, "detections_merge_confidence_aggregation": how}
    said = agree(*sources, required_votes=3, **fields)
    assert said["predictions"].names == [name]
    assert list(said["presence_confidence"]) == ["any_object"]


# 10 x 10 boxes with a common 10 x 8: 80 of 120
@pytest.mark.parametrize(("threshold", "n"), [(0.66, 1), (0.67, 0)])
def test_how_much_must_overlap(threshold: float, n: int) -> None:
    assert len(agree(ONE, TWO, required_votes=2, iou_threshold=threshold)["predictions"]) == n


def test_each_object_votes_once_and_the_nearest_wins() -> None:
    pair = boxes((3, 0, 13, 10, 0.5, "cat"), (1, 0, 11, 10, 0.5, "cat"))
    said = agree(ONE[[0]], pair, required_votes=1)
    assert said["predictions"].xyxy.tolist() == [[0.5, 0, 10.5, 10], [3, 0, 13, 10]]


def test_thresholds_and_classes_to_consider() -> None:
    assert len(agree(ONE, TWO, required_votes=1)["predictions"]) == 3
    assert agree(ONE, TWO, required_votes=1, classes_to_consider=["dog"])["predictions"].names == ["dog", "dog"]
    assert agree(ONE, TWO, required_votes=1, confidence=0.6)["predictions"].names == ["cat"]


@pytest.mark.parametrize(
    ("required", "present"),
    [(2, True), (4, False), ({"cat": 1, "dog": 2}, True), ({"cat": 2}, False), ({"cow": 1}, False)],
)
def test_required_objects(required: Any, present: bool) -> None:  # noqa: FBT001
    said = agree(ONE, TWO, required_votes=1, required_objects=required)
    assert said["object_present"] is present
    assert said["presence_confidence"] == ({"cat": 0.625, "dog": 0.5} if present else {})


def half(side: str) -> Detections:
    dense = np.zeros((1, 100, 100), bool)
    dense[0, 0:10, 0 : {"left": 6, "wide": 8}[side]] = True
    return ONE[[0]].replace(masks=Masks.from_dense(dense))


@pytest.mark.parametrize(("how", "right"), [("union", 8), ("intersection", 6), ("max", 8), ("min", 6)])
def test_masks(how: str, right: int) -> None:
    said = agree(half("left"), half("wide"), required_votes=2, detections_merge_mask_aggregation=how)
    assert said["predictions"].masks.area.tolist() == [10 * right]
    assert said["predictions"].xyxy.tolist() == [[0, 0, right, 10]]


@pytest.mark.parametrize("sources", [(ONE[:0], TWO[:0]), (ONE[:0], TWO[[1]]), (ONE[:0],)])
def test_nothing_agreed_on_keeps_classes_and_size(sources: tuple[Detections, ...]) -> None:
    said = agree(*sources, required_votes=2)
    assert said["predictions"] == ONE[:0]
    assert (said["object_present"], said["presence_confidence"]) == (False, {})


def test_different_lists_of_classes_meet_by_name() -> None:
    other = boxes((0, 0, 10, 10, 0.5, "cat"), names=("cow", "cat"))
    assert agree(ONE, other, required_votes=2)["predictions"].classes == ("cat", "dog", "cow")


def test_one_source_may_stand_alone_under_its_older_name() -> None:
    said = run_step("DetectionsConsensus", {}, predictions=[], required_votes=1)
    assert len(said["predictions"]) == 0


def test_images_of_different_sizes_are_refused() -> None:
    with pytest.raises(Exception, match="must be of one image") as caught:
        agree(ONE, TWO.replace(size_hw=(50, 50)), required_votes=2)
    assert isinstance(caught.value.__cause__, Mismatch)


def test_no_votes_are_told() -> None:
    with pytest.raises(InvalidWorkflow, match="required_votes"):
        agree(ONE, required_votes=0)
