"""Definitions that are wrong: every fault is told, with where it is and what to do."""

from typing import Any

import pytest
from tests.workflows.sandbox.written import custom, taking, workflow

from ocella.workflows.compile import check_workflow, compile_workflow
from ocella.workflows.sandbox.code import Code

GOOD = "def run(self, a):\n    return {'out': a}\n"
A = {"a": taking("input_parameter", value_types=["integer"])}
INPUTS = [{"type": "WorkflowParameter", "name": "a"}]
FAULTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("no Python", custom("def run(self, a:\n  pass", A), ["'code.run_function_code, line 1': expected Python code, got 'def run(self, a:'. Python says: '(' was never closed."]),
    ("no function", custom("x = 1", A), ["a function 'run', got 'run'. It has: none. Define it"]),
    ("another name", custom(GOOD, A, code={"run_function_name": "go"}), ["a function 'go', got 'go'. It has: run."]),
    ("no self", custom("def run():\n    return {}", A), ["line 1': expected a first argument 'self'" ]),
    ("no such argument", custom("def run(self):\n    return {}", A), ["expected an argument for the input 'a', got 'a'. Add it to run."]),
    ("an argument too many", custom("def run(self, a, b):\n    return {}", A), ["Declare 'b' in the manifest's inputs."]),
    ("no init", custom(GOOD, A, code={"init_function_code": "x = 1"}), ["a function 'init', got 'init'."]),
    ("refused import", custom("import torch\n\n" + GOOD, A), ["code.run_function_code, line 1': expected an import that custom code may have, got 'import torch'. Allowed: PIL"]),
    ("refused import line", custom(GOOD, A, code={"imports": ["import math", "from os import path"]}), ["'code.imports, line 2'", "got 'import os'"]),
    ("relative import", custom("from . import x\n" + GOOD, A), ["got 'import .'"]),
    ("two at once", custom("import os\n" + GOOD, {"a": taking("input_imag")}, {"out": {"kind": ["imag"]}}), ["3 problems", "Did you mean 'input_image'", "Did you mean 'image'", "import os"]),
    ("kind of an input", custom(GOOD, {"a": taking("step_output", selector_data_kind={"step_output": ["objects"]})}), ["inputs.a.selector_data_kind.step_output"]),
    ("value type", custom(GOOD, {"a": taking(value_types=["int"])}), ["inputs.a.value_types", "'integer'"]),
    ("nothing taken", custom(GOOD, {"a": taking()}), ["selector_types or value_types"]),
    ("a name that Python refuses", custom("def run(self, **given):\n    return {}", {"a b": taking("scalar")}), ["Rename the input"]),
    ("offset", custom(GOOD, A, output_dimensionality_offset=2), ["manifest.output_dimensionality_offset': expected -1, 0 or 1, got 2"]),
    ("batch of nobody", custom(GOOD, A, batch_oriented_parameters=["b"]), ["manifest.batch_oriented_parameters"]),
    ("two references", custom("def run(self, a, b):\n    return {}", {n: taking("scalar", is_dimensionality_reference=True) for n in "ab"}), ["one is_dimensionality_reference"]),
    ("no code", custom("", A), ["Write def run(self, ...)"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "block", "says"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_is_told_where_it_is(case: str, block: dict[str, Any], says: list[str]) -> None:
    del case
    name = next(iter(block["manifest"]["inputs"]))
    _, problems = check_workflow({**workflow(block, INPUTS, **{name: "$inputs.a"}), "outputs": []})
    told = "\n".join([f"{len(problems) - 1} problems", *map(str, problems)])
    for said in says:
        assert said in told


def test_a_type_without_name_or_twice_is_told() -> None:
    block = custom(GOOD, A)
    nameless = {**block, "manifest": {**block["manifest"], "block_type": None}}
    definition = {**workflow(block, INPUTS, a=1), "dynamic_blocks_definitions": [block, block, nameless]}
    said = [p.expected for p in check_workflow(definition)[1]]
    assert said == ["a block_type of its own", "the type that steps name"]


def test_a_constant_must_be_of_the_declared_type() -> None:
    problems = check_workflow(workflow(custom(GOOD, A), INPUTS, a="three"))[1]
    assert [str(p) for p in problems] == [
        "step 'step', 'a': expected integer, got 'three'. The manifest of 'mine' says so."
    ]


def test_one_text_gives_one_class() -> None:
    definition = workflow(custom(GOOD, A), INPUTS, a=3)
    first, second = (compile_workflow(definition).steps[0].block for _ in range(2))
    assert first is second


def test_modules_that_code_needs_are_found() -> None:
    code = Code("def run(self):\n    import scipy.ndimage\n    return shapely", imports=("from PIL import ImageDraw",))
    assert code.modules() == ["PIL", "PIL.ImageDraw", "scipy.ndimage", "shapely"]
    tried = Code("try:\n    import torch\nexcept ImportError:\n    torch = None\ndef run(self):\n    return {}")
    assert tried.faults([]) == []
    assert tried.modules() == []
