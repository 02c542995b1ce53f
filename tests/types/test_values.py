"""The smaller values: JSON and back, frozen, and what they refuse."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocella.errors import InvalidValue, Mismatch, NotFound
from ocella.types import (
    COCO_PERSON,
    Annotation,
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Frame,
    Image,
    ImageRef,
    Keypoints,
    Masks,
    Origin,
    SegmentationMap,
    Skeleton,
    Source,
    TextLines,
)

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (4, 5, 3), np.uint8)
SCORES = np.array([0.25, 0.7, 0.05], np.float32)
QUAD = np.array([[[0, 0], [9, 0], [9, 3], [0, 3]]], np.float32)
TWO = Skeleton(("a", "b"), ((0, 1),))
POINTS = Keypoints(RANDOM.random((2, 2, 2)).astype(np.float32), np.ones((2, 2), np.float32), np.eye(2, dtype=bool), TWO)
BOXES = Detections(
    np.array([[0, 0, 1, 2]] * 2, np.float32), np.array([0.5, 1], np.float32), np.array([0, 1]), ("a", "b")
)
MODEL = Source("model", "nano", "run-1", "2026-01-02T03:04:05Z", {"threshold": 0.3, "prompts": ["a", "b"]})

VALUES: list[Any] = [
    Image(PIXELS, Origin("a.jpg", (1.5, 2), (0.5, 2))),
    BOXES,
    Detections.empty(("a",)),
    Masks.from_dense(RANDOM.random((2, 4, 5)) < 0.5),
    POINTS,
    Keypoints.empty(COCO_PERSON),
    Classification(SCORES, ("a", "b", "c"), multi_label=True),
    SegmentationMap(np.array([[0, 1, -1]], np.int32), ("a", "b")),
    DepthMap(RANDOM.random((3, 4)).astype(np.float32), metric=True),
    Embedding(np.array([0.6, 0.8], np.float32), "minilm"),
    TextLines(QUAD, ("Grüße",), np.array([0.5], np.float32)),
    TextLines.empty(),
    Answer('{"x": 1} and more', "what?", {"x": 1}, " and more"),
    Origin("a.jpg", (1.5, 2), (0.5, 2)),
    MODEL,
    Annotation(BOXES, MODEL, ("accepted", "rejected"), ("", "too small")),
    Annotation(Classification(SCORES, ("a", "b", "c")), Source("person", "Ada")),
    Annotation(TextLines.empty(), MODEL),
    Annotation(SegmentationMap(np.array([[0]], np.int32), ("a",)), MODEL),
    Annotation(Answer("yes"), MODEL),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_json_and_back(value: Any) -> None:
    again = type(value).from_json(json.loads(json.dumps(value.to_json())))
    assert again == value
    assert again.to_json() == value.to_json()


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_frozen_and_its_arrays_read_only(value: Any) -> None:
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, None)
        inside = getattr(value, field.name)
        if isinstance(inside, np.ndarray):
            assert not inside.flags.writeable


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_equal_to_nothing_else(value: Any) -> None:
    assert value != "something else"
    assert sum(value == other for other in VALUES) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Image(np.zeros((2, 2, 3), np.float32)), "pixels must be uint8 RGB, got float32"),
        (lambda: Image(np.zeros((2, 2), np.uint8)), r"pixels must have shape \(n, n, 3\), got \(2, 2\)"),
        (lambda: Image(np.zeros((2, 2, 4), np.uint8)), r"got \(2, 2, 4\)"),
        (lambda: Image(np.zeros((0, 2, 3), np.uint8)), "at least one pixel"),
        (lambda: Image(anything([[[0, 0, 256]]])), r"pixels must be within 0\.\.255, got 0 to 256"),
        (lambda: Classification(SCORES, ("a", "b")), r"confidence must have shape \(2,\), got \(3,\)"),
        (lambda: Classification(SCORES * 10, ("a", "b", "c")), r"within 0\.\.1, got 2\.5\. Apply the sigmoid"),
        (lambda: SegmentationMap(anything([[2]]), ("a", "b")), "class_id must be -1 or point into 2 classes, got 2"),
        (lambda: SegmentationMap(anything([[-2]]), ("a", "b")), "got -2"),
        (lambda: SegmentationMap(anything([[0.5]]), ("a", "b")), "whole numbers, got 0.5"),
        (lambda: DepthMap(anything([[float("nan")]])), "depth must be finite"),
        (lambda: DepthMap(anything([[1e300]])), "depth must be finite"),
        (lambda: DepthMap(anything([1, 2])), r"depth must have shape \(n, n\), got \(2,\)"),
        (lambda: Embedding(anything([1, 1]), "m"), "vector must have length 1, got 1.414"),
        (lambda: TextLines(QUAD, (), anything([0.5])), "texts must have 1 entries, one a polygon, got 0"),
        (lambda: TextLines(QUAD[:, :3], ("a",), anything([0.5])), r"\(n, 4, 2\), got \(1, 3, 2\)"),
        (lambda: Skeleton(("a", "b"), ((0, 2),)), "edges must point into the 2 names"),
        (
            lambda: Keypoints(POINTS.xy, POINTS.confidence[:1], POINTS.visible, TWO),
            r"confidence must have shape \(2, 2\)",
        ),
        (
            lambda: Keypoints(POINTS.xy, POINTS.confidence, POINTS.visible, COCO_PERSON),
            r"xy must have shape \(n, 17, 2\)",
        ),
        (lambda: Frame(Image(PIXELS), -1, 0, "v"), "must not be negative, got -1 and 0"),
        (lambda: ImageRef("a"), "either a path or bytes"),
        (lambda: ImageRef("a", Path("a"), b""), "either a path or bytes"),
        (lambda: Annotation(BOXES, MODEL, ("accepted",)), "must have 2 entries, got 1 and 2"),
        (lambda: Annotation(BOXES, MODEL, anything(("good", "accepted"))), r"state must be one of .*, got \['good'\]"),
        (lambda: Annotation.from_json({"value": {"type": "depth_map"}}), "got 'depth_map'"),
    ],
)
def test_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        make()


def anything(value: Any) -> Any:
    """What people hand in that the types would not let through."""
    return value


def test_image_shares_its_pixels_and_knows_its_size() -> None:
    image = Image(PIXELS)
    assert np.shares_memory(image.pixels, PIXELS)
    assert PIXELS.flags.writeable
    assert (image.height, image.width, image.size_hw) == (4, 5, (4, 5))


def test_image_ref(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"abc")
    by_path, by_bytes = ImageRef("a.jpg", path), ImageRef("a.jpg", data=b"abc")
    assert by_path.read() == by_bytes.read() == b"abc"
    assert by_path.content_hash() == by_bytes.content_hash()
    assert by_path.content_hash().startswith("ba7816bf")
    assert by_bytes.to_json() == {"type": "image_ref", "name": "a.jpg", "path": None}
    path.unlink()
    with pytest.raises(NotFound, match="is not there"):
        by_path.read()


def test_classification_top_is_stable() -> None:
    scores = Classification(np.array([0.2, 0.4, 0.4], np.float32), ("a", "b", "c"))
    assert [name for name, _ in scores.top(9)] == ["b", "c", "a"]
    assert [score for _, score in scores.top(2)] == pytest.approx([0.4, 0.4])


def test_segmentation_share() -> None:
    assert SegmentationMap(np.array([[0, 0, 1, -1]], np.int32), ("a", "b", "c")).share() == {
        "a": 0.5,
        "b": 0.25,
        "c": 0,
    }


def test_embeddings_of_two_models_are_not_compared() -> None:
    one = Embedding(np.array([0.6, 0.8], np.float32), "a")
    assert one.similarity(Embedding(np.array([1, 0], np.float32), "a")) == pytest.approx(0.6)
    with pytest.raises(Mismatch, match="'a' and 'b' cannot be compared"):
        one.similarity(Embedding(np.array([1, 0], np.float32), "b"))


@pytest.mark.parametrize(
    ("index", "rows"), [(1, [1]), ([1, 0], [1, 0]), (slice(0, 1), [0]), ([], []), ([False, True], [1])]
)
def test_keypoints_indexing(index: Any, rows: list[int]) -> None:
    part = POINTS[index]
    assert (part.xy == POINTS.xy[rows]).all()
    assert (part.visible == POINTS.visible[rows]).all()
    assert part.skeleton == TWO


def test_annotation_of_no_word_is_proposed() -> None:
    made = Annotation(BOXES, MODEL)
    assert (made.state, made.note) == (("proposed", "proposed"), ("", ""))
    assert Annotation(Answer("yes"), MODEL).state == ("proposed",)
    assert made.replace(state=("accepted", "edited")).state == ("accepted", "edited")
    with pytest.raises(InvalidValue, match="must have 1 entries"):
        made.replace(value=BOXES[:1])


def test_text_of_lines() -> None:
    both = TextLines(np.concatenate([QUAD, QUAD]), ("one", "two"), np.ones(2, np.float32))
    assert (both.text, len(both), TextLines.empty().text) == ("one\ntwo", 2, "")


@given(arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(3))))
def test_image_json(pixels: Any) -> None:
    assert Image.from_json(json.loads(json.dumps(Image(pixels).to_json()))) == Image(pixels)


@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-1e6, 1e6, width=32)))
def test_depth_json(depth: Any) -> None:
    assert DepthMap.from_json(json.loads(json.dumps(DepthMap(depth).to_json()))) == DepthMap(depth)
