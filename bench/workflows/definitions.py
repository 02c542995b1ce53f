"""The same definitions for every contestant: three steps, a chain of ten, one image to fifty crops, four drawings."""

from typing import Any

CORE = "roboflow_core/"
IMAGE = {"type": "WorkflowImage", "name": "image"}
FOUND = {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]}
OUTLINED = {"type": "WorkflowBatchInput", "name": "found", "kind": ["instance_segmentation_prediction"]}


def output(selector: str) -> dict[str, Any]:
    return {"type": "JsonField", "name": "result", "selector": selector}


def size(name: str, image: str, side: str) -> dict[str, Any]:
    operations = [{"type": "ExtractImageProperty", "property_name": side}]
    return {"type": CORE + "property_definition@v1", "name": name, "data": image, "operations": operations}


def larger(name: str, left: str, right: str) -> dict[str, Any]:
    statement = {
        "type": "BinaryStatement",
        "left_operand": {"type": "DynamicOperand", "operand_name": "left"},
        "comparator": {"type": "(Number) >"},
        "right_operand": {"type": "DynamicOperand", "operand_name": "right"},
    }
    case = {
        "type": "CaseDefinition",
        "condition": {"type": "StatementGroup", "statements": [statement]},
        "result": {"type": "StaticCaseResult", "value": "wide"},
    }
    switch = {"type": "CasesDefinition", "cases": [case], "default": {"type": "StaticCaseResult", "value": "tall"}}
    return {"type": CORE + "expression@v1", "name": name, "data": {"left": left, "right": right}, "switch": switch}


def three_steps() -> dict[str, Any]:
    steps = [size("w", "$inputs.image", "width"), size("h", "$inputs.image", "height")]
    steps.append(larger("shape", "$steps.w.output", "$steps.h.output"))
    return {"version": "1.0", "inputs": [IMAGE], "steps": steps, "outputs": [output("$steps.shape.output")]}


def chain_of_ten() -> dict[str, Any]:
    steps = []
    before = "$inputs.image"
    for i in range(10):
        place = {"x_center": 0.5, "y_center": 0.5, "width": 0.95, "height": 0.95}
        steps.append({"type": CORE + "relative_statoic_crop@v1", "name": f"c{i}", "images": before, **place})
        before = f"$steps.c{i}.crops"
    steps.append(size("w", before, "width"))
    return {"version": "1.0", "inputs": [IMAGE], "steps": steps, "outputs": [output("$steps.w.output")]}


def fifty_crops() -> dict[str, Any]:
    length = [{"type": "SequenceLength"}]
    steps = [
        {"type": CORE + "dynamic_crop@v1", "name": "cut", "images": "$inputs.image", "predictions": "$inputs.found"},
        size("w", "$steps.cut.crops", "width"),
        larger("shape", "$steps.w.output", "$inputs.least"),
        {"type": CORE + "dimension_collapse@v1", "name": "all", "data": "$steps.shape.output"},
        {"type": CORE + "property_definition@v1", "name": "n", "data": "$steps.all.output", "operations": length},
    ]
    inputs = [IMAGE, FOUND, {"type": "WorkflowParameter", "name": "least", "default_value": 40}]
    return {"version": "1.0", "inputs": inputs, "steps": steps, "outputs": [output("$steps.n.output")]}


def four_drawings() -> dict[str, Any]:
    steps = []
    before = "$inputs.image"
    for kind in ("bounding_box", "label", "mask", "polygon"):
        block = f"{CORE}{kind}_visualization@v1"
        steps.append({"type": block, "name": kind, "image": before, "predictions": "$inputs.found"})
        before = f"$steps.{kind}.image"
    return {"version": "1.0", "inputs": [IMAGE, OUTLINED], "steps": steps, "outputs": [output(before)]}


WAYS = {"3 steps": three_steps, "chain of 10": chain_of_ten, "50 crops": fifty_crops, "4 drawings": four_drawings}


def boxes(count: int, size_hw: tuple[int, int], seed: int = 0) -> list[tuple[int, int, int, int]]:
    """Boxes spread over the image, 40 to 160 pixels wide and high."""
    import random

    chosen = random.Random(seed)  # noqa: S311  # not a secret
    out = []
    for _ in range(count):
        w, h = chosen.randint(40, 160), chosen.randint(40, 160)
        x, y = chosen.randint(0, size_hw[1] - w), chosen.randint(0, size_hw[0] - h)
        out.append((x, y, x + w, y + h))
    return out
