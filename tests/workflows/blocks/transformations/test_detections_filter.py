from typing import Any

import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session

FOUND = tracked({1: [0, 0, 9, 9], 2: [0, 0, 5, 5], 3: [0, 0, 2, 2]}, ["car", "person", "car"]).replace(
    confidence=[0.9, 0.6, 0.3]
)


def chain(name: str, comparator: str, right: dict[str, Any]) -> list[dict[str, Any]]:
    left = {
        "type": "DynamicOperand",
        "operations": [{"type": "ExtractDetectionProperty", "property_name": name}],
    }
    statement = {
        "type": "BinaryStatement",
        "left_operand": left,
        "comparator": {"type": comparator},
        "right_operand": right,
    }
    group = {"type": "StatementGroup", "operator": "and", "statements": [statement]}
    return [{"type": "DetectionsFilter", "filter_operation": group}]


AMONG = chain("class_name", "in (Sequence)", {"type": "DynamicOperand", "operand_name": "classes"})


@pytest.mark.parametrize(
    ("operations", "wanted"),
    [
        (chain("confidence", "(Number) >", {"type": "StaticOperand", "value": 0.5}), [1, 2]),
        (chain("class_name", "==", {"type": "StaticOperand", "value": "car"}), [1, 3]),
        (chain("size", "(Number) <=", {"type": "StaticOperand", "value": 25}), [2, 3]),
        ([], [1, 2, 3]),
    ],
)
@pytest.mark.parametrize("name", ["roboflow_core/detections_filter@v1", "DetectionsFilter"])
def test_conditions(name: str, operations: list[Any], wanted: list[int]) -> None:
    assert run_step(name, {"predictions": FOUND}, operations=operations)["predictions"].track_id.tolist() == wanted


def test_parameters_from_inputs() -> None:
    definition = {
        "inputs": [
            {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
            {"type": "WorkflowParameter", "name": "wanted", "default_value": ["person"]},
        ],
        "steps": [
            {
                "type": "detections_filter",
                "name": "some",
                "predictions": "$inputs.found",
                "operations": AMONG,
                "operations_parameters": {"classes": "$inputs.wanted"},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "some", "selector": "$steps.some.predictions"}],
    }
    session = Session(compile_workflow(definition))
    assert session.run({"found": [FOUND]})[0]["some"].names == ["person"]
    assert session.run({"found": [FOUND], "wanted": ["car"]})[0]["some"].names == ["car", "car"]


def test_nothing() -> None:
    out = run_step(
        "detections_filter",
        {"predictions": Detections.empty(("car",))},
        operations=AMONG,
        operations_parameters={"classes": ["car"]},
    )
    assert (len(out["predictions"]), out["predictions"].classes) == (0, ("car",))


def test_what_comes_out_must_be_objects() -> None:
    with pytest.raises(InvalidValue, match="operations must end with objects, got int"):
        run_step("detections_filter", {"predictions": FOUND}, operations=[{"type": "SequenceLength"}])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"operations": [{"type": "DetectionFilter"}]}, "DetectionsFilter"),
        ({"operations": "none"}, "operations"),
        ({"operations": [], "operations_parameters": {"_": 1}}, "operations_parameters.*stands for an object"),
    ],
)
def test_wrong_fields(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("detections_filter", {"predictions": FOUND}, **fields)
