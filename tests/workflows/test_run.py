"""Sessions: state, failures, memory, cancelling, traces."""

import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from tests.workflows.arithmetic import BLOCKS

from ocella.errors import Cancelled, InvalidValue, StepFailed
from ocella.types import Detections, Image, Moment, Origin
from ocella.workflows.block import Block, Many
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session, run_workflow


class Counter(Block):
    """How often it ran."""

    type = "counter@v1"
    output = "count"
    stateful = True
    step_by: int = 1

    def setup(self) -> None:
        self._count = 0

    def run(self, a: int) -> int:
        self._count += self.step_by
        return self._count + 0 * a


class Slow(Block):
    """Waits, and says in which thread."""

    type = "slow@v1"
    output = "thread"
    slow = True

    def run(self, a: int) -> int:
        time.sleep(0.05)
        return threading.get_ident() + 0 * a


class Found(Block):
    """One object in the upper left corner of an image."""

    type = "found@v1"
    output = "predictions"

    def run(self, image: Image) -> Detections:
        return Detections([[0, 0, 4, 2]], [1.0], [0], ("corner",)).on(image)  # type: ignore[arg-type]


class Halves(Block):
    """The left and the right half of an image."""

    type = "halves@v1"
    output = "parts"

    def run(self, image: Image) -> Many[Image]:
        from ocella.ops.crop import crop

        middle = image.width // 2
        return crop(image, [[0, 0, middle, image.height], [middle, 0, image.width, image.height]])


ALL = (*BLOCKS, Counter, Slow, Found, Halves)
X = {"type": "WorkflowBatchInput", "name": "x", "kind": ["integer"]}


def workflow(steps: list[dict[str, Any]], outputs: dict[str, str], inputs: Any = (X,)) -> Any:
    made = [{"type": "JsonField", "name": name, "selector": selector} for name, selector in outputs.items()]
    return compile_workflow({"inputs": list(inputs), "steps": steps, "outputs": made}, ALL)


def test_state_lasts_as_long_as_its_session() -> None:
    counting = workflow([{"type": "counter", "name": "n", "a": "$inputs.x"}], {"n": "$steps.n.count"})
    with Session(counting) as session:
        assert [row["n"] for row in session.run({"x": [0, 0]})] == [1, 2]
        assert [row["n"] for row in session.run({"x": [0]})] == [3]
    assert [row["n"] for row in run_workflow(counting, {"x": [0]})] == [1]


def test_a_changed_workflow_keeps_the_state_of_what_did_not_change() -> None:
    steps = [
        {"type": "counter", "name": "kept", "a": "$inputs.x"},
        {"type": "counter", "name": "changed", "a": "$inputs.x"},
    ]
    outputs = {"kept": "$steps.kept.count", "changed": "$steps.changed.count"}
    with Session(workflow(steps, outputs)) as session:
        session.run({"x": [0, 0, 0]})
        session.update(workflow([steps[0], {**steps[1], "step_by": 10}], outputs))
        assert session.run({"x": [0]})[0] == {"kept": 4, "changed": 10}


FAILING = [{"type": "fan", "name": "f", "a": "$inputs.x"}, {"type": "add", "name": "s", "a": "$steps.f.parts"}]


def test_one_element_fails_alone_and_is_told_by_its_path() -> None:
    result = run_workflow(workflow(FAILING, {"s": "$steps.s.sum"}), {"x": [1, 6, 0]})
    assert [row["s"] for row in result] == [[3], [None, 19], []]
    assert [(f.step, f.path, type(f.cause)) for f in result.failures] == [("s", (1, 0), ArithmeticError)]
    assert str(result.failures[0]) == "Step 's' failed on element [1][0]: ArithmeticError: 18"
    assert result.failures[0].to_json()["path"] == [1, 0]


def test_all_or_nothing() -> None:
    with pytest.raises(StepFailed, match=r"Step 's' failed on element \[1\]\[0\]") as caught:
        run_workflow(workflow(FAILING, {"s": "$steps.s.sum"}), {"x": [1, 6, 0]}, on_error="fail")
    assert (caught.value.step, caught.value.path) == ("s", (1, 0))


def test_a_batch_that_fails_is_run_one_by_one() -> None:
    both = workflow([{"type": "both", "name": "b", "a": "$inputs.x"}], {"d": "$steps.b.double"})
    result = run_workflow(both, {"x": [1, 5, 2, 18]})
    assert [row["d"] for row in result] == [2, None, 4, None]
    assert [f.path for f in result.failures] == [(1,), (3,)]


def test_what_did_not_change_is_not_run_again() -> None:
    steps = [{"type": "add", "name": "s", "a": "$inputs.x"}, {"type": "counter", "name": "n", "a": "$steps.s.sum"}]
    with Session(workflow(steps, {"s": "$steps.s.sum", "n": "$steps.n.count"}), remember=True) as session:
        first = session.run({"x": [1, 2]}, explain=True)
        again = session.run({"x": [1, 2]}, explain=True)
        other = session.run({"x": [1, 3]}, explain=True)
    assert [r.steps["s"].remembered for r in (first, again, other)] == [False, True, False]
    assert [r.steps["n"].remembered for r in (first, again, other)] == [False, False, False]
    assert [row["n"] for row in other] == [5, 6]
    assert [row["s"] for row in other] == [1, 3]


def test_nested_inputs_are_remembered_too() -> None:
    deep = {"type": "WorkflowBatchInput", "name": "x", "kind": ["integer"], "dimensionality": 2}
    adding = workflow([{"type": "add", "name": "s", "a": "$inputs.x"}], {"s": "$steps.s.sum"}, [deep])
    with Session(adding, remember=True) as session:
        runs = [session.run({"x": x}, explain=True) for x in ([[1, 2], [3]], [[1, 2], [3]], [[1], [2, 3]])]
    assert [[row["s"] for row in r] for r in runs] == [[[1, 2], [3]], [[1, 2], [3]], [[1], [2, 3]]]
    assert [r.steps["s"].remembered for r in runs][:2] == [False, True]


def test_equal_images_are_known_again() -> None:
    seen = workflow(
        [{"type": "found", "name": "f", "image": "$inputs.image"}],
        {"p": "$steps.f.predictions"},
        [{"type": "WorkflowImage", "name": "image"}],
    )
    pixels = np.zeros((4, 6, 3), np.uint8)
    with Session(seen, remember=True) as session:
        runs = [session.run({"image": image}, explain=True) for image in (pixels, pixels.copy(), pixels + 1)]
    assert [r.steps["f"].remembered for r in runs] == [False, True, False]


def test_a_run_can_be_cancelled() -> None:
    stop = threading.Event()
    slow = workflow([{"type": "slow", "name": "s", "a": "$inputs.x"}], {"t": "$steps.s.thread"})
    with Session(slow) as session:
        threading.Timer(0.1, stop.set).start()
        with pytest.raises(Cancelled, match="in step 's'"):
            session.run({"x": list(range(100))}, cancel=stop)
        assert len(session.run({"x": [1]})) == 1


def test_steps_that_wait_run_side_by_side() -> None:
    steps = [{"type": "slow", "name": f"s{i}", "a": "$inputs.x"} for i in range(3)]
    side = workflow(steps, {f"t{i}": f"$steps.s{i}.thread" for i in range(3)})
    with Session(side, workers=3) as session:
        row = session.run({"x": [0]})[0]
    assert len(set(row.values())) == 3


def test_a_failing_step_among_workers_is_told() -> None:
    steps = [*FAILING, {"type": "slow", "name": "w", "a": "$inputs.x"}]
    both = workflow(steps, {"s": "$steps.s.sum", "t": "$steps.w.thread"})
    with Session(both, workers=2, on_error="fail") as session, pytest.raises(StepFailed, match="Step 's'"):
        session.run({"x": [6]})


def test_explain_shows_inputs_outputs_and_times() -> None:
    result = None
    with Session(workflow(FAILING, {"s": "$steps.s.sum"})) as session:
        result = session.run({"x": [1, 2]}, explain=True)
    trace = result.steps["s"]
    assert (trace.elements, dict(trace.inputs), dict(trace.outputs)) == (3, {"a": [3, 6, 7]}, {"sum": [3, 6, None]})
    events = result.chrome_trace()["traceEvents"]
    assert [e["name"] for e in events] == ["f", "s"]
    assert all(e["dur"] >= 0 and e["ph"] == "X" for e in events)
    assert events[1]["ts"] >= events[0]["ts"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Input 'x' is missing"),
        ({"x": [1], "z": 2}, "no input 'z'"),
        ({"x": ["a"]}, r"Input 'x\[0\]': expected integer"),
        ({"x": [True]}, "expected integer"),
        ({"x": [1, 2], "y": [1, 2, 3]}, "All batches must be of one length"),
        ({"x": 1, "k": "three"}, "Input 'k': expected integer"),
    ],
)
def test_wrong_inputs_are_told_by_name(given: dict[str, Any], said: str) -> None:
    inputs = [
        X,
        {"type": "WorkflowBatchInput", "name": "y", "kind": ["integer"]},
        {"type": "WorkflowParameter", "name": "k", "kind": ["integer"], "default_value": 1},
    ]
    adding = workflow([{"type": "add", "name": "s", "a": "$inputs.x", "b": "$inputs.k"}], {"s": "$steps.s.sum"}, inputs)
    with pytest.raises(InvalidValue, match=said):
        run_workflow(adding, {"y": [1], **given} if "z" not in given and given else given)


def test_a_parameter_of_no_kind_is_checked_where_it_is_used() -> None:
    inputs = [X, {"type": "WorkflowParameter", "name": "k"}]
    adding = workflow(
        [{"type": "add", "name": "s", "a": "$inputs.x", "plus": "$inputs.k"}], {"s": "$steps.s.sum"}, inputs
    )
    assert run_workflow(adding, {"x": [1, 2], "k": 3})[1]["s"] == 5
    with pytest.raises(InvalidValue, match=r"Step 's': 'plus' expected a valid integer.*, got 'many'"):
        run_workflow(adding, {"x": [1], "k": "many"})


def test_one_value_serves_the_whole_batch_and_no_image_gives_no_row() -> None:
    adding = workflow(
        [{"type": "add", "name": "s", "a": "$inputs.x", "b": "$inputs.y"}],
        {"s": "$steps.s.sum"},
        [X, {"type": "WorkflowBatchInput", "name": "y", "kind": ["integer"]}],
    )
    assert [row["s"] for row in run_workflow(adding, {"x": [1, 2, 3], "y": 10})] == [11, 12, 13]
    assert len(run_workflow(adding, {"x": [], "y": 10})) == 0


def test_without_images_there_is_one_row() -> None:
    fixed = workflow(
        [{"type": "fan", "name": "f", "a": "$inputs.k"}, {"type": "add", "name": "s", "a": "$steps.f.parts"}],
        {"s": "$steps.s.sum", "k": "$inputs.k"},
        [{"type": "WorkflowParameter", "name": "k"}],
    )
    assert list(run_workflow(fixed, {"k": 3})) == [{"s": [9, 10, 11], "k": 3}]


@pytest.mark.parametrize(
    ("coordinates", "boxes"), [("parent", [[0, 0, 4, 2], [5, 0, 9, 2]]), ("own", [[0, 0, 4, 2]] * 2)]
)
def test_objects_on_crops_go_back_to_the_root_image(coordinates: str, boxes: list[list[int]]) -> None:
    definition = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "halves", "name": "h", "image": "$inputs.image"},
            {"type": "found", "name": "f", "image": "$steps.h.parts"},
        ],
        "outputs": [
            {"type": "JsonField", "name": "p", "selector": "$steps.f.predictions", "coordinates_system": coordinates}
        ],
    }
    (row,) = run_workflow(compile_workflow(definition, ALL), {"image": np.zeros((6, 10, 3), np.uint8)})
    assert [d.xyxy.tolist()[0] for d in row["p"]] == boxes


def test_images_get_a_name_and_moments_reach_video_metadata() -> None:
    inputs = [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowVideoMetadata", "name": "when"}]
    plain = workflow([], {"image": "$inputs.image", "when": "$inputs.when"}, inputs)
    moment = Moment("cam", 3, 0.1)
    row = run_workflow(plain, {"image": Image(np.zeros((2, 2, 3), np.uint8), Origin(), moment)})[0]
    assert row["when"] == moment
    assert row["image"].origin.source == "image.[0]"
    with pytest.raises(InvalidValue, match="Input 'when' is missing"):
        run_workflow(plain, {"image": np.zeros((2, 2, 3), np.uint8)})


def test_running_a_small_workflow_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ocella.workflows.compile import compile_workflow; from ocella.workflows.run import run_workflow\n"
        "d = {'inputs': [{'type': 'WorkflowParameter', 'name': 'k'}], 'steps': [], 'outputs': ["
        "{'type': 'JsonField', 'name': 'k', 'selector': '$inputs.k'}]}\n"
        "assert run_workflow(compile_workflow(d), {'k': 1})[0] == {'k': 1}\n"
        "print([m for m in ('torch', 'cv2', 'onnxruntime', 'supervision', 'httpx', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
