"""A value after operations, as a step."""

from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import run_workflow

CARS = Detections(
    np.array([[0, 0, 1, 1]] * 2, np.float32), np.array([0.5, 0.75], np.float32), np.array([1, 0]), ("car", "bus")
)
TOP = [
    {"type": "DetectionsPropertyExtract", "property_name": "confidence"},
    {"type": "NumericSequenceAggregate", "function": "max"},
    {"type": "Multiply", "other": 100},
]


@pytest.mark.parametrize("name", ["property_definition@v1", "PropertyDefinition", "PropertyExtraction"])
def test_operations_make_the_output(name: str) -> None:
    assert run_step(name, {"data": CARS}, operations=TOP) == {"output": 75}
    names = [{"type": "DetectionsPropertyExtract", "property_name": "class_name"}]
    assert run_step(name, {"data": CARS}, operations=names) == {"output": ["bus", "car"]}


def test_an_image_without_objects_does_not_end_the_run() -> None:
    definition: dict[str, Any] = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]}],
        "steps": [{"type": "property_definition", "name": "top", "data": "$inputs.found", "operations": TOP}],
        "outputs": [{"type": "JsonField", "name": "top", "selector": "$steps.top.output"}],
    }
    found = run_workflow(compile_workflow(definition), {"found": [CARS, Detections.empty(("car",))]})
    assert [row["top"] for row in found] == [75, None]
    assert not found.failures


def test_data_may_be_a_parameter() -> None:
    definition: dict[str, Any] = {
        "inputs": [{"type": "WorkflowParameter", "name": "text"}],
        "steps": [
            {
                "type": "property_definition",
                "name": "up",
                "data": "$inputs.text",
                "operations": [{"type": "StringToUpperCase"}],
            }
        ],
        "outputs": [{"type": "JsonField", "name": "up", "selector": "$steps.up.output"}],
    }
    assert run_workflow(compile_workflow(definition), {"text": "a"})[0]["up"] == "A"


def test_a_value_that_does_not_fit_is_told_with_the_operation() -> None:
    with pytest.raises(InvalidValue, match="DetectionsPropertyExtract expected object_detection_prediction"):
        run_step("property_definition", {"data": "cars"}, operations=TOP)


def test_a_wrong_operation_is_a_problem_of_the_field() -> None:
    with pytest.raises(InvalidWorkflow, match=r"'operations.1'.*Did you mean 'Multiply'"):
        run_step("property_definition", {"data": 1}, operations=[TOP[2], {"type": "Multipli", "other": 1}])
