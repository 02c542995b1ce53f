"""What the engine whose definitions we run is known to do wrong; ours does it right."""

import json
from typing import Any

import numpy as np
import pytest
from tests.workflows.arithmetic import BLOCKS

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Image, Moment
from ocella.workflows.compile import check_workflow, compile_workflow
from ocella.workflows.run import Session, run_workflow
from ocella.workflows.wire_out import write_value

IMAGE = {"type": "WorkflowImage", "name": "image"}


def output(name: str, selector: str) -> dict[str, Any]:
    return {"type": "JsonField", "name": name, "selector": selector}


def test_detections_of_motion_can_be_written_as_json() -> None:
    definition = {
        "version": "1.0",
        "inputs": [IMAGE],
        "steps": [{"type": "roboflow_core/motion_detection@v1", "name": "m", "image": "$inputs.image"}],
        "outputs": [output("found", "$steps.m.detections"), output("motion", "$steps.m.motion")],
    }
    random = np.random.default_rng(0)
    back = random.integers(90, 110, (120, 160, 3), np.uint8)
    moved = []
    with Session(compile_workflow(definition)) as session:
        for index in range(40):
            pixels = back.copy()
            pixels[20:70, 3 * index : 3 * index + 40] = 255
            row = session.run({"image": Image(pixels, moment=Moment("cam", index, index / 10))})[0]
            moved.append(json.loads(json.dumps(write_value(row["found"])))["predictions"])
    assert any(moved)
    assert all("detection_id" in p for found in moved for p in found)


def test_names_of_inner_steps_may_begin_alike_and_bound_values_keep_their_type() -> None:
    child = {
        "inputs": [{"type": "WorkflowParameter", "name": "k"}],
        "steps": [
            {"type": "add", "name": "step", "a": "$inputs.k"},
            {"type": "add", "name": "step_two", "a": "$steps.step.sum", "plus": 1},
        ],
        "outputs": [output("r", "$steps.step_two.sum")],
    }
    outer = {
        "inputs": [],
        "steps": [
            {"type": "inner_workflow", "name": "in", "workflow_definition": child, "parameter_bindings": {"k": 3}}
        ],
        "outputs": [output("r", "$steps.in.r")],
    }
    assert run_workflow(compile_workflow(outer, BLOCKS), {})[0] == {"r": 4}


def test_a_consensus_takes_detections_that_came_through_json() -> None:
    kinds = ["object_detection_prediction"]
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": n, "kind": kinds} for n in ("a", "b")],
        "steps": [
            {
                "type": "roboflow_core/detections_consensus@v1",
                "name": "c",
                "predictions_batches": ["$inputs.a", "$inputs.b"],
                "required_votes": 2,
            }
        ],
        "outputs": [output("p", "$steps.c.predictions")],
    }
    box = {"x": 20, "y": 20, "width": 10, "height": 10, "confidence": 0.5, "class": "a", "class_id": 0}
    found = {"image": {"width": 100, "height": 80}, "predictions": [box]}
    workflow = compile_workflow(definition)
    first = write_value(run_workflow(workflow, {"a": found, "b": found})[0]["p"])
    again = write_value(run_workflow(workflow, {"a": first, "b": first})[0]["p"])
    assert len(first["predictions"]) == len(again["predictions"]) == 1


@pytest.mark.parametrize(("value", "length"), [([1, 2, 3], 3), ("text", 4), ({"a": 1}, 1)])
def test_data_may_come_from_a_parameter(value: Any, length: int) -> None:
    definition = {
        "inputs": [{"type": "WorkflowParameter", "name": "x"}],
        "steps": [
            {
                "type": "roboflow_core/property_definition@v1",
                "name": "n",
                "data": "$inputs.x",
                "operations": [{"type": "SequenceLength"}],
            }
        ],
        "outputs": [output("n", "$steps.n.output")],
    }
    assert run_workflow(compile_workflow(definition), {"x": value})[0] == {"n": length}


@pytest.mark.parametrize(
    "steps",
    [
        [
            {"type": "fan", "name": "f", "a": "$inputs.x"},
            {"type": "fan", "name": "g", "a": "$inputs.x"},
            {"type": "add", "name": "s", "a": "$steps.f.parts", "b": "$steps.g.parts"},
        ],
        [
            {"type": "fan", "name": "f", "a": "$inputs.x"},
            {"type": "gate", "name": "g", "a": "$steps.f.parts", "next_steps": ["$steps.s"]},
            {"type": "add", "name": "s", "a": "$inputs.x"},
        ],
    ],
    ids=["lineage", "flow control"],
)
def test_faults_of_lineage_and_flow_are_the_users_and_told_as_such(steps: list[dict[str, Any]]) -> None:
    inputs = [{"type": "WorkflowBatchInput", "name": "x", "kind": ["integer"]}]
    with pytest.raises(InvalidWorkflow) as caught:
        compile_workflow({"inputs": inputs, "steps": steps, "outputs": []}, BLOCKS)
    assert isinstance(caught.value, InvalidValue)
    assert caught.value.problems[0].step in ("s", "g")


def test_a_version_may_be_left_out() -> None:
    definition: dict[str, Any] = {"inputs": [], "steps": [], "outputs": []}
    assert check_workflow(definition)[1] == []


def test_arithmetic_on_what_an_empty_set_gives_does_not_end_the_batch() -> None:
    operations = [
        {"type": "DetectionsPropertyExtract", "property_name": "confidence"},
        {"type": "NumericSequenceAggregate", "function": "max"},
        {"type": "Multiply", "other": 100},
    ]
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]}],
        "steps": [{"type": "property_definition", "name": "best", "data": "$inputs.found", "operations": operations}],
        "outputs": [output("best", "$steps.best.output")],
    }
    box = {"x": 20, "y": 20, "width": 10, "height": 10, "confidence": 0.5, "class": "a", "class_id": 0}
    size = {"width": 100, "height": 80}
    found = [{"image": size, "predictions": [box]}, {"image": size, "predictions": []}]
    rows = run_workflow(compile_workflow(definition), {"found": found}, on_error="fail")
    assert [row["best"] for row in rows] == [50, None]
