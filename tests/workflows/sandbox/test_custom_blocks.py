"""Custom blocks within workflows: values, levels of lists, batches, state, the names that definitions expect."""

from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.sandbox.written import custom, opened, taking, workflow

from ocella.errors import CodeFailed
from ocella.types import Answer, Classification, Detections, Embedding, Image, Keypoints, Masks, Moment, Origin
from ocella.types.keypoints import Skeleton
from ocella.workflows.compile import check_workflow, compile_workflow

PIXELS = np.zeros((4, 6, 3), np.uint8)
PIXELS[..., 0] = 200  # red
PHOTO = Image(PIXELS, Origin("cam", (10, 20), (1, 1), (90, 120)), Moment("cam", 5, 0.2, 25.0, 1_700_000_000.0))
FOUND = Detections(
    np.array([[0, 0, 2, 2], [1, 1, 5, 3], [0, 0, 6, 4]], np.float32),
    np.array([0.9, 0.5, 0.7], np.float32),
    np.array([0, 1, 0]),
    ("cat", "dog"),
).on(PHOTO)
ONE: list[dict[str, Any]] = [{"type": "WorkflowBatchInput", "name": "a", "kind": ["*"]}]
ANY_OF = {"a": taking("generic", "step_output")}


def once(run: str, value: Any, *, kind: str = "*", **code: Any) -> Any:
    """The output of one call with `a`; its failure is raised."""
    block = custom(run, ANY_OF, {"out": {"type": "DynamicOutputDefinition", "kind": [kind]}}, code)
    with opened(workflow(block, ONE, a="$inputs.a")) as session:
        result = session.run({"a": [value]})
        for failure in result.failures:
            raise failure.cause
        return result[0]["out"]


def test_an_image_is_seen_as_bgr_and_keeps_origin_and_moment() -> None:
    run = """
def run(self, a):
    assert a.numpy_image[0, 0].tolist() == [0, 0, 200]
    assert (a.video_metadata.frame_number, a.video_metadata.fps) == (5, 25.0)
    assert a.video_metadata.frame_timestamp.timestamp() == 1_700_000_000
    assert a.parent_metadata.parent_id == "cam"
    assert len(a.base64_image) > 100
    drawn = cv2.rectangle(a.numpy_image, (0, 0), (2, 2), (255, 0, 0), -1)
    return {"out": [a, WorkflowImageData.copy_and_replace(origin_image_data=a, numpy_image=drawn[:2]),
                    WorkflowImageData(parent_metadata=a.parent_metadata, numpy_image=cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY))]}
"""
    same, drawn, grey = once(run, PHOTO)
    expected = cv2.rectangle(PIXELS[..., ::-1].copy(), (0, 0), (2, 2), (255, 0, 0), -1)
    assert np.array_equal(same.pixels, expected[..., ::-1])
    assert np.array_equal(drawn.pixels, expected[:2, :, ::-1])
    assert np.array_equal(grey.pixels[..., 1], cv2.cvtColor(expected, cv2.COLOR_BGR2GRAY))
    assert {(i.origin.source, i.moment) for i in (same, drawn, grey)} == {("cam", PHOTO.moment)}
    assert PHOTO.pixels[0, 0].tolist() == [200, 0, 0]


def test_objects_are_seen_as_sv_detections() -> None:
    run = """
def run(self, a):
    big = a[a.area > 3]
    assert len(a) == 3 and len(big) == 3 and a.data["image_dimensions"].tolist() == [[4, 6]] * 3
    assert [c for _, _, c, *_ in a] == a.confidence.tolist()
    assert a.get_anchors_coordinates(sv.Position.CENTER).tolist()[0] == [1, 1]
    best = a[np.argsort(-a.confidence)][:2]
    return {"out": best[best["class_name"] == "cat"]}
"""
    out = once(run, FOUND, kind="object_detection_prediction")
    assert out.xyxy.tolist() == [[0, 0, 2, 2], [0, 0, 6, 4]]
    assert (out.classes, out.names) == (("cat", "dog"), ["cat", "cat"])
    assert (out.origin, out.size_hw) == (PHOTO.origin, (4, 6))
    assert out.data["detection_id"].shape == (2,)


NAMES = [
    ("a class renamed", "a.data['class_name'] = np.array(['lynx', 'dog', 'lynx'])", ["lynx", "dog", "lynx"], ("lynx", "dog")),
    ("one row renamed", "a['class_name'][0] = 'fox'", ["fox", "dog", "cat"], ("cat", "dog", "fox")),
    ("another id", "a.class_id[:] = 3; a.data['class_name'][:] = 'cow'", ["cow"] * 3, ("cat", "dog", "class_2", "cow")),
    ("new objects", "a = sv.Detections(xyxy=a.xyxy, data={'class_name': ['x', 'y', 'x']})", ["x", "y", "x"], ("x", "y")),
    ("no names", "a = sv.Detections(a.xyxy, class_id=np.array([2, 0, 1]))", ["class_2", "class_0", "class_1"], ("class_0", "class_1", "class_2")),
    ("merged", "a = sv.Detections.merge([a[:1], a[1:]])", ["cat", "dog", "cat"], ("cat", "dog")),
    ("none left", "a = a[a.confidence > 2]", [], ("cat", "dog")),
    ("empty", "a = sv.Detections.empty()", [], ()),
]  # fmt: skip


@pytest.mark.parametrize(("case", "line", "names", "classes"), NAMES, ids=[n[0] for n in NAMES])
def test_rows_keep_their_names(case: str, line: str, names: list[str], classes: tuple[str, ...]) -> None:
    del case
    out = once(f"def run(self, a):\n    {line}\n    return {{'out': a}}", FOUND)
    assert (out.names, out.classes) == (names, classes)


def test_masks_keypoints_and_tracks_go_through() -> None:
    full = FOUND.replace(
        masks=Masks.from_dense(np.arange(72).reshape(3, 4, 6) % 2 == 0),
        keypoints=Keypoints(
            np.ones((3, 2, 2), np.float32),
            np.ones((3, 2), np.float32),
            np.ones((3, 2), bool),
            Skeleton(("eye", "ear"), ((0, 1),)),
        ),
        track_id=np.array([4, 5, 6]),
        data={"speed": np.array([1.5, 2.5, 3.5])},
    )
    run = "def run(self, a):\n    assert a.mask.shape == (3, 4, 6) and a.tracker_id[1] == 5 and a.data['keypoints_xy'].shape == (3, 2, 2)\n    return {'out': a[1:]}"
    out = once(run, full)
    assert out.replace(data={"speed": out.data["speed"]}) == full[1:]
    assert once("def run(self, a):\n    return {'out': a}", full[:0]).masks.size_hw == (4, 6)


def test_stand_in_of_supervision_agrees_with_supervision() -> None:
    sv = pytest.importorskip("supervision")
    rng = np.random.default_rng(3)
    corner = rng.uniform(0, 50, (20, 2))
    boxes = np.hstack([corner, corner + rng.uniform(1, 40, (20, 2))]).astype(np.float32)
    given = Detections(boxes, rng.uniform(0, 1, 20).astype(np.float32), rng.integers(0, 2, 20), ("a", "b"))
    run = """
def run(self, a):
    return {"out": {
        "iou": sv.box_iou_batch(a.xyxy, a.xyxy[:5]), "nms": a.with_nms(0.3).xyxy, "agnostic": a.with_nms(0.3, class_agnostic=True).xyxy,
        "anchors": [a.get_anchors_coordinates(p) for p in sv.Position], "area": a.box_area,
        "mask": sv.polygon_to_mask(np.array([[1, 1], [8, 1], [8, 6]]), (10, 9)),
    }}
"""
    out, theirs = once(run, given), given.to_supervision()
    np.testing.assert_allclose(out["iou"], sv.box_iou_batch(boxes, boxes[:5]), atol=1e-5)
    assert np.array_equal(out["nms"], theirs.with_nms(0.3).xyxy)
    assert np.array_equal(out["agnostic"], theirs.with_nms(0.3, class_agnostic=True).xyxy)
    places = [
        "CENTER",
        "CENTER_LEFT",
        "CENTER_RIGHT",
        "TOP_CENTER",
        "TOP_LEFT",
        "TOP_RIGHT",
        "BOTTOM_LEFT",
        "BOTTOM_CENTER",
        "BOTTOM_RIGHT",
    ]
    for place, points in zip(places, out["anchors"], strict=True):
        np.testing.assert_allclose(points, theirs.get_anchors_coordinates(sv.Position[place]), atol=1e-4)
    np.testing.assert_allclose(out["area"], theirs.box_area, rtol=1e-6)
    assert np.array_equal(out["mask"], sv.polygon_to_mask(np.array([[1, 1], [8, 1], [8, 6]]), (10, 9)))


SEEN = [
    ("a classification", Classification(np.array([0.2, 0.8], np.float32), ("no", "yes")), "a['top'], a['predictions'][1]['class']", ("yes", "no")),
    ("many labels", Classification(np.array([0.2, 0.8], np.float32), ("no", "yes"), True), "a['predicted_classes']", ["yes"]),
    ("an embedding", Embedding(np.array([0.6, 0.8], np.float32), "clip"), "round(float(a @ a), 5)", 1.0),
    ("an answer", Answer("yes", "sure?"), "a.upper()", "YES"),
    ("a moment", Moment("cam", 3, 0.5), "a.frame_number + 1", 4),
    ("numbers", [1, 2.5, (3,)], "[a[0] + a[1], type(a[2]).__name__]", [3.5, "tuple"]),
    ("an array", np.arange(4), "a.sum() + 0", 6),
    ("a mapping", {"k": FOUND}, "len(a['k'])", 3),
    ("names that are there", 2, "math.sqrt(a * 2), json.dumps([a]), typing.Any is Any, callable(time.time)", (2.0, "[2]", True, True)),
    ("dates", "2024-02-03", "datetime.datetime.strptime(a, '%Y-%m-%d').month", 2),
]  # fmt: skip


@pytest.mark.parametrize(("case", "value", "look", "expected"), SEEN, ids=[s[0] for s in SEEN])
def test_what_code_sees(case: str, value: Any, look: str, expected: Any) -> None:
    del case
    assert once(f"def run(self, a):\n    return {{'out': ({look})}}", value) == expected


def test_imports_of_other_systems_names_and_of_allowed_modules() -> None:
    imports = [
        "import supervision as sv",
        "from supervision import Detections",
        "from inference.core.workflows.execution_engine.entities.base import Batch, WorkflowImageData",
        "from inference.core.workflows.prototypes.block import BlockResult",
        "from collections import Counter",
        "from PIL import Image as PilImage, ImageDraw",
        "from scipy.spatial import distance",
    ]
    run = (
        "def run(self, a) -> BlockResult:\n    picture = PilImage.new('RGB', (4, 4))\n    ImageDraw.Draw(picture).point((1, 1), 'red')\n"
        "    return {'out': [Counter('aab')['a'], sv.Detections is Detections, np.asarray(picture)[1, 1].tolist(), distance.euclidean([0, 0], [3, 4])]}"
    )
    assert once(run, 1, imports=imports) == [2, True, [255, 0, 0], 5.0]
    with pytest.raises(CodeFailed, match=r"supervision.BoxAnnotator is not there: .* It has: Detections"):
        once("def run(self, a):\n    return {'out': sv.BoxAnnotator()}", 1)


def test_init_runs_once_and_state_stays() -> None:
    block = custom(
        "def run(self, a):\n    self._init_results['seen'].append(a)\n    return {'out': list(self._init_results['seen'])}",
        ANY_OF, None, {"init_function_code": "def begin():\n    return {'seen': [0]}", "init_function_name": "begin"},
    )  # fmt: skip
    with opened(workflow(block, ONE, a="$inputs.a")) as session:
        session.run({"a": [1, 2]})
        assert session.run({"a": [3]})[0]["out"] == [0, 1, 2, 3]


def test_an_init_that_fails_is_told_with_its_line() -> None:
    code = {"init_function_code": "def init():\n    x = 1\n    return {'x': x / 0}"}
    with pytest.raises(CodeFailed, match="init_function_code, line 3, in init"):
        once("def run(self, a):\n    return {'out': 1}", 1, **code)


def test_a_batch_is_given_whole_and_one_value_for_all_as_it_is() -> None:
    run = "def run(self, a, k):\n    assert isinstance(a, Batch) and a.indices == [(i,) for i in range(len(a))]\n    return [{'out': [v * k, len(a)]} for v in a]"
    inputs = {"a": taking("generic"), "k": taking("generic", "input_parameter", value_types=["integer"])}
    block = custom(run, inputs, accepts_batch_input=True, batch_oriented_parameters=["a"])
    definition = workflow(block, [*ONE, {"type": "WorkflowParameter", "name": "k"}], a="$inputs.a", k="$inputs.k")
    with opened(definition) as session:
        result = session.run({"a": [1, 2, 3], "k": 10})
    assert [r["out"] for r in result] == [[10, 3], [20, 3], [30, 3]]
    forced = custom(
        "def run(self, a, k):\n    return [{'out': x * y} for x, y in zip(a, k)]",
        inputs,
        get_parameters_enforcing_auto_batch_casting=["k"],
    )
    with opened(workflow(forced, ONE, a="$inputs.a", k=7)) as session:
        assert [r["out"] for r in session.run({"a": [1, 2]})] == [7, 14]


def test_a_batch_of_another_length_fails_each_element() -> None:
    block = custom(
        "def run(self, a):\n    return [{'out': 1}, {'out': 2}, {'out': 3}]", ANY_OF, accepts_batch_input=True
    )
    with opened(workflow(block, ONE, a="$inputs.a")) as session:
        result = session.run({"a": [1, 2]})
    assert "one result for each of 1 elements, got 3" in str(result.failures[0].cause)


def test_one_level_deeper_and_back() -> None:
    deeper = custom(
        "def run(self, a):\n    return [{'part': a * 10 + i} for i in range(a)]",
        ANY_OF,
        {"part": {"kind": []}},
        output_dimensionality_offset=1,
    )
    deeper["manifest"]["block_type"] = "split"
    back = custom(
        "def run(self, a):\n    return {'out': sum(v for v in a if v is not None)}",
        {"a": taking("step_output")},
        output_dimensionality_offset=-1,
    )
    definition = {
        "dynamic_blocks_definitions": [deeper, back],
        "inputs": ONE,
        "steps": [
            {"type": "split", "name": "s", "a": "$inputs.a"},
            {"type": "mine", "name": "b", "a": "$steps.s.part"},
        ],
        "outputs": [
            {"type": "JsonField", "name": "parts", "selector": "$steps.s.part"},
            {"type": "JsonField", "name": "sum", "selector": "$steps.b.out"},
        ],
    }
    workflow_ = compile_workflow(definition)
    assert [len(s.lineage) for s in workflow_.steps] == [2, 1]
    with opened(definition) as session:
        result = session.run({"a": [2, 0, 3]})
    assert [r["parts"] for r in result] == [[20, 21], [], [30, 31, 32]]
    assert [r["sum"] for r in result] == [41, 0, 93]


def test_an_input_one_level_deeper_than_the_reference() -> None:
    inputs = {
        "a": taking("step_output", "generic", is_dimensionality_reference=True),
        "parts": taking("generic", dimensionality_offset=1),
    }
    block = custom("def run(self, a, parts):\n    return {'out': [a, list(parts)]}", inputs)
    given: list[dict[str, Any]] = [
        *ONE,
        {"type": "WorkflowBatchInput", "name": "parts", "kind": ["*"], "dimensionality": 2},
    ]
    deeper = compile_workflow(workflow(block, given, a="$inputs.a", parts="$inputs.parts"))
    assert [len(s.base) for s in deeper.steps] == [1]
    with opened(workflow(block, given, a="$inputs.a", parts="$inputs.parts")) as session:
        result = session.run({"a": ["x", "y"], "parts": [[1, 2], [3]]})
    assert [r["out"] for r in result] == [["x", [1, 2]], ["y", [3]]]


def test_missing_values_reach_only_code_that_wants_them() -> None:
    run = "def run(self, a):\n    return {'out': repr(a)}"
    outs = {}
    for wants in (False, True):
        with opened(workflow(custom(run, ANY_OF, accepts_empty_values=wants), ONE, a="$inputs.a")) as session:
            outs[wants] = [r["out"] for r in session.run({"a": [1, None]})]
    assert outs == {False: ["1", None], True: ["1", "None"]}


def test_kinds_are_checked_on_edges() -> None:
    block = custom(
        "def run(self, a):\n    return {'out': 1}", {"a": taking("step_output_image")}, {"out": {"kind": ["integer"]}}
    )
    inputs = [{"type": "WorkflowBatchInput", "name": "a", "kind": ["string"]}]
    assert "'a': expected image, got '$inputs.a'. It gives string." in str(
        check_workflow(workflow(block, inputs, a="$inputs.a"))[1][0]
    )


KINDS = [
    ("no image", "image", "3", "expected image, got int"),
    ("an array is no image", "image", "np.zeros((2, 2, 3), np.uint8)", "expected image, got ndarray"),
    ("a wrong picture", "image", "WorkflowImageData(numpy_image=np.zeros((2, 2, 3)))", "numpy_image must be uint8"),
    ("boxes the wrong way", "object_detection_prediction", "sv.Detections([[5, 5, 1, 1]])", "x1 <= x2"),
    ("columns of another length", "object_detection_prediction", "sv.Detections(np.zeros((1, 4)), confidence=[1, 1])", "confidence must have 1 rows"),
    ("confidence", "object_detection_prediction", "sv.Detections(np.zeros((1, 4)), confidence=[3])", "confidence must"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "kind", "value", "says"), KINDS, ids=[k[0] for k in KINDS])
def test_an_output_must_be_of_its_kind(case: str, kind: str, value: str, says: str) -> None:
    del case
    with pytest.raises(CodeFailed, match=says):
        once(f"def run(self, a):\n    return {{'out': {value}}}", 1, kind=kind)


def test_an_embedding_is_made_of_length_one() -> None:
    out = once("def run(self, a):\n    return {'out': [3.0, 4.0]}", 1, kind="embedding")
    np.testing.assert_allclose(out.vector, [0.6, 0.8], rtol=1e-6)
