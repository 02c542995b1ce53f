"""Broken definitions: every problem in one pass, each with its step, its field and what to do."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.workflows.arithmetic import BLOCKS

from ocella.errors import InvalidWorkflow
from ocella.workflows.compile import check_workflow, compile_workflow

GOOD: dict[str, Any] = {
    "version": "1.0",
    "inputs": [
        {"type": "WorkflowImage", "name": "image"},
        {"type": "WorkflowBatchInput", "name": "x", "kind": ["integer"]},
        {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
        {"type": "WorkflowBatchInput", "name": "deep", "kind": ["integer"], "dimensionality": 2},
        {"type": "WorkflowParameter", "name": "k", "kind": ["integer"], "default_value": 3},
        {"type": "WorkflowParameter", "name": "text", "kind": ["string"], "default_value": ""},
    ],
    "steps": [
        {"type": "add", "name": "sum", "a": "$inputs.x", "b": "$inputs.k", "plus": 1},
        {"type": "fan", "name": "parts", "a": "$steps.sum.sum"},
        {"type": "total", "name": "total", "parts": "$steps.parts.parts"},
        {"type": "gate", "name": "gate", "a": "$inputs.x", "next_steps": ["$steps.last"]},
        {"type": "add", "name": "last", "a": "$steps.total.total"},
        {"type": "dynamic_crop", "name": "crop", "image": "$inputs.image", "predictions": "$inputs.found"},
    ],
    "outputs": [{"type": "JsonField", "name": "result", "selector": "$steps.last.sum"}],
}
STEPS = {step["name"]: place for place, step in enumerate(GOOD["steps"])}
Change = Callable[[dict[str, Any]], Any]


def field(step: str, name: str, value: Any) -> Change:
    def change(definition: dict[str, Any]) -> None:
        definition["steps"][STEPS[step]][name] = value

    return change


def without(step: str, name: str) -> Change:
    def change(definition: dict[str, Any]) -> None:
        del definition["steps"][STEPS[step]][name]

    return change


def added(section: str, item: Any) -> Change:
    return lambda definition: definition[section].append(item)


def top(name: str, value: Any) -> Change:
    return lambda definition: definition.__setitem__(name, value)


def an_input(**changes: Any) -> Change:
    return lambda definition: definition["inputs"][4].update(changes)


def an_output(**changes: Any) -> Change:
    return lambda definition: definition["outputs"][0].update(changes)


CUSTOM = {"type": "add", "name": "extra", "a": "$inputs.x"}
# name: what is broken, the step and field told, part of what is expected or suggested
BROKEN: dict[str, tuple[Change, str, str, str]] = {
    "steps that are no list": (top("steps", {"a": 1}), "", "steps", "a list"),
    "inputs that are text": (top("inputs", "image"), "", "inputs", "a list"),
    "an unreadable version": (top("version", "new"), "", "version", "Leave it out"),
    "a version to come": (top("version", "2.0"), "", "version", "major version 1"),
    "an input without name": (added("inputs", {"type": "WorkflowImage"}), "", "inputs.name", "Rename the input"),
    "an input of no type": (an_input(type="WorkflowParam"), "$inputs.k", "type", "'WorkflowParameter'"),
    "an input of no kind": (an_input(kind=["intger"]), "$inputs.k", "kind", "'integer'"),
    "two inputs of one name": (
        added("inputs", {"type": "WorkflowParameter", "name": "k"}),
        "$inputs.k",
        "name",
        "Rename",
    ),
    "a depth of nought": (
        lambda d: d["inputs"][3].update(dimensionality=0),
        "$inputs.deep",
        "dimensionality",
        "at least 1",
    ),
    "a step that is text": (added("steps", "blur"), "", "steps", "a mapping"),
    "a step without name": (added("steps", {"type": "add", "a": 1}), "", "steps[6].name", "Name this add"),
    "a name with a blank": (added("steps", {**CUSTOM, "name": "my step"}), "", "steps.name", "Rename the step"),
    "a step without type": (without("sum", "type"), "sum", "type", "ocella workflow blocks"),
    "two steps of one name": (added("steps", {**CUSTOM, "name": "sum"}), "sum", "name", "Rename one of the two"),
    "a block misspelt": (field("crop", "type", "dynamic_corp"), "crop", "type", "'dynamic_crop'"),
    "a block of another vendor": (field("crop", "type", "acme/dynamic_crop@v1"), "crop", "type", "'dynamic_crop"),
    "a version of a block to come": (field("crop", "type", "dynamic_crop@v9"), "crop", "type", "dynamic_crop@v1"),
    "a field misspelt": (field("crop", "mask_opacty", 0.5), "crop", "mask_opacty", "'mask_opacity'"),
    "a field left out": (without("sum", "a"), "sum", "a", "Give 'a'"),
    "data left out": (without("crop", "predictions"), "crop", "predictions", "Give 'predictions'"),
    "text for a number": (field("sum", "plus", "many"), "sum", "plus", "a valid integer"),
    "a number out of range": (field("crop", "mask_opacity", 1.5), "crop", "mask_opacity", "less than or equal to 1"),
    "a list for a number": (field("sum", "plus", [1]), "sum", "plus", "a valid integer"),
    "a constant for data": (field("crop", "predictions", 3), "crop", "predictions", "instance of Detections"),
    "an unknown input": (field("sum", "a", "$inputs.y"), "sum", "a", "Known: "),
    "an input misspelt": (field("crop", "image", "$inputs.imge"), "crop", "image", "'image'"),
    "an unknown step": (field("last", "a", "$steps.totl.total"), "last", "a", "'total'"),
    "an unknown output": (field("last", "a", "$steps.total.totals"), "last", "a", "'total'"),
    "a step for a value": (field("last", "a", "$steps.total"), "last", "a", "It has: total"),
    "a selector cut short": (field("last", "a", "$steps."), "last", "a", "Correct the selector"),
    "a selector with too much": (field("last", "a", "$steps.total.total.x"), "last", "a", "Correct the selector"),
    "an image for detections": (field("crop", "predictions", "$inputs.image"), "crop", "predictions", "It gives image"),
    "text for a whole number": (field("sum", "a", "$inputs.text"), "sum", "a", "It gives string"),
    "an unknown output's step": (an_output(selector="$steps.lst.sum"), "output result", "selector", "'last'"),
    "an output of nothing": (an_output(selector="last.sum"), "output result", "selector", "$steps.step.output"),
    "an output of a wrong type": (an_output(type="Json"), "output result", "type", "JsonField"),
    "coordinates of nobody": (
        an_output(coordinates_system="parents"),
        "output result",
        "coordinates_system",
        "'parent'",
    ),
    "two outputs of one name": (
        added("outputs", {"type": "JsonField", "name": "result", "selector": "$inputs.k"}),
        "output result",
        "name",
        "Rename",
    ),
    "a cycle": (field("sum", "a", "$steps.last.sum"), "sum", "a", "Cut one of its edges"),
    "a step that takes from itself": (field("sum", "a", "$steps.sum.sum"), "sum", "a", "sum -> sum"),
    "nothing to collapse": (field("total", "parts", "$steps.sum.sum"), "total", "parts", "nested at least two deep"),
    "inputs of two levels": (
        field("last", "b", "$steps.parts.parts"),
        "last",
        "a, b",
        "Collapse the deeper one",
    ),
    "lists made by two steps": (
        added("steps", {"type": "add", "name": "mix", "a": "$steps.parts.parts", "b": "$inputs.deep"}),
        "mix",
        "a, b",
        "made by the same steps",
    ),
    "a gate below its step": (
        added("steps", {"type": "gate", "name": "deep", "a": "$inputs.deep", "next_steps": ["$steps.sum"]}),
        "deep",
        "next_steps",
        "It would never run",
    ),
    "a gate to nowhere": (field("gate", "next_steps", ["$steps.lost"]), "gate", "next_steps", "'last'"),
    "a gate to an output": (field("gate", "next_steps", ["$steps.last.sum"]), "gate", "next_steps", "Name the step"),
    "a gate to itself": (field("gate", "next_steps", ["$steps.gate"]), "gate", "next_steps", "cannot let itself run"),
    "a gate twice to one step": (
        field("gate", "next_steps", ["$steps.last", "$steps.last"]),
        "gate",
        "next_steps",
        "one branch only",
    ),
    "an inner workflow by name": (
        added("steps", {"type": "inner_workflow", "name": "in", "workflow_id": "abc"}),
        "in",
        "workflow_definition",
        "exported there first",
    ),
}


def test_the_good_one_has_none() -> None:
    assert check_workflow(GOOD, BLOCKS)[1] == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_definition(name: str) -> None:
    change, step, where, said = BROKEN[name]
    definition = copy.deepcopy(GOOD)
    change(definition)
    workflow, problems = check_workflow(definition, BLOCKS)
    assert workflow is None
    told = [p for p in problems if (p.step, p.field) == (step, where)]
    assert told, [str(p) for p in problems]
    assert any(said in str(p) for p in told), [str(p) for p in told]
    assert all(p.field and p.suggestion and p.expected for p in problems)


def test_there_are_enough() -> None:
    assert len(BROKEN) >= 40


def test_all_are_told_at_once() -> None:
    chosen = [
        "an input of no kind",
        "a block misspelt",
        "a field left out",
        "text for a number",
        "an unknown output's step",
    ]
    definition = copy.deepcopy(GOOD)
    for name in chosen:
        BROKEN[name][0](definition)
    with pytest.raises(InvalidWorkflow) as caught:
        compile_workflow(definition, BLOCKS)
    told = {(p.step, p.field) for p in caught.value.problems}
    assert {BROKEN[name][1:3] for name in chosen} <= told
    assert str(len(caught.value.problems)) in str(caught.value).splitlines()[0]


def test_a_step_of_an_unknown_block_is_read_too() -> None:
    steps = [{"type": "no_block", "name": "s", "image": "$inputs.imge", "others": ["$steps.sm.x", "$steps.s"]}]
    definition = {"inputs": GOOD["inputs"], "steps": steps, "outputs": []}
    problems = check_workflow(definition, BLOCKS)[1]
    assert [(p.step, p.field) for p in problems] == [("s", "type"), ("s", "image"), ("s", "others")]
    assert "'image'" in problems[1].suggestion


@pytest.mark.parametrize("data", [None, 3, "text", [], [1]])
def test_what_is_no_definition(data: Any) -> None:
    with pytest.raises(InvalidWorkflow, match="mapping with inputs, steps and outputs"):
        compile_workflow(data)


def test_an_unknown_field_that_is_like_no_other_is_a_warning() -> None:
    definition = copy.deepcopy(GOOD)
    definition["steps"][0]["zebra"] = 1
    workflow, (warning,) = check_workflow(definition, BLOCKS)
    assert workflow is not None
    assert (warning.step, warning.field, warning.severity) == ("sum", "zebra", "warning")
    assert "ignored" in warning.suggestion
