"""Every kind of value as JSON: golden files, and what comes back."""

import json
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.errors import InvalidValue
from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Keypoints,
    Masks,
    Moment,
    Origin,
    SegmentationMap,
    Skeleton,
    TextLines,
)
from ocella.workflows.block import Block
from ocella.workflows.compile import compile_workflow
from ocella.workflows.kinds import Secret
from ocella.workflows.run import run_workflow
from ocella.workflows.services import Services
from ocella.workflows.wire_in import read_image
from ocella.workflows.wire_out import write_rows, write_value
from ocella.workflows.wire_predictions import read_classification, read_embedding, read_segmentation_map

GOLDEN = Path(__file__).parent / "golden"
MOMENT = Moment("gate", 7, 0.25, 30.0, 1.5e9, is_file=True)
PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
CROP = Image(PIXELS, Origin("street.jpg", (10.0, 20.5), (2.0, 1.0), (480, 640)), MOMENT)
MASK = np.array([[[0, 1, 1], [0, 1, 0]]], bool)
SKELETON = Skeleton(("head", "tail"), ((0, 1),))
OBJECTS = Detections(
    np.array([[1, 0, 3, 2]]),
    np.array([0.5]),
    np.array([1]),
    ("cat", "dog"),
    Masks.from_dense(MASK),
    Keypoints(np.array([[[1, 1], [2, 0]]]), np.array([[0.5, 0.25]]), np.array([[True, False]]), SKELETON),
    np.array([4]),
    {"time_in_zone": np.array([1.5])},
    CROP.origin,
    (2, 3),
)
VALUES: dict[str, Any] = {
    "image": CROP,
    "root_image": Image(PIXELS, Origin("street.jpg")),
    "moment": MOMENT,
    "detections": OBJECTS,
    "no_detections": OBJECTS[:0].replace(data={}),
    "classification": Classification(np.array([0.25, 0.75]), ("cat", "dog")),
    "multi_label": Classification(np.array([0.5, 0.75, 0.125]), ("cat", "dog", "cup"), multi_label=True),
    "segmentation_map": SegmentationMap(np.array([[0, 1, -1], [1, 1, 0]]), ("sky", "road")),
    "depth_map": DepthMap(np.array([[1, 2], [3, 5]]), metric=True),
    "text_lines": TextLines(np.array([[[0, 0], [4, 0], [4, 2], [0, 2]]]), ("stop",), np.array([0.5])),
    "embedding": Embedding(np.array([0.6, 0.8]), "clip"),
    "answer": Answer("a cat", "what is it?"),
    "nested": {1: [OBJECTS[:0].replace(data={}, masks=None, keypoints=None), (np.float32(0.5), np.nan, np.int64(3))]},
}


@pytest.mark.parametrize("name", VALUES)
def test_the_form_is_that_of_the_golden_file(name: str) -> None:
    written = write_value(VALUES[name], images="png")
    expected = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert _without_pngs(json.loads(json.dumps(written, allow_nan=False))) == _without_pngs(expected)


def _without_pngs(value: Any) -> Any:
    """Each PNG as its pixels: how they are packed may differ from version to version of the library."""
    if isinstance(value, str) and value.startswith("iVBOR"):
        return np.asarray(Pillow.open(BytesIO(b64decode(value)))).tolist()
    if isinstance(value, dict):
        return {k: _without_pngs(v) for k, v in value.items()}
    return [_without_pngs(v) for v in value] if isinstance(value, list) else value


class Colour(str, Enum):  # noqa: UP042  # the older form, which users have
    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.bool_(False), False),
        (np.float64("nan"), None),
        (float("inf"), None),
        (np.int32(3), 3),
        (b"abc", "YWJj"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(minutes=1), 60.0),
        (Path("a") / "b", str(Path("a") / "b")),
        (Colour.RED, "red"),
        ({2, 1}, [1, 2]),
        (np.array([[1.0, np.nan]]), [[1.0, None]]),
        (np.array([None, [1, 2]], object), [None, [1, 2]]),
        ({"a": {3: (1, 2)}}, {"a": {"3": [1, 2]}}),
    ],
)
def test_plain_values(value: Any, expected: Any) -> None:
    written = write_value(value)
    assert written == expected
    json.dumps(written, allow_nan=False)


def test_what_json_cannot_hold_is_told() -> None:
    with pytest.raises(InvalidValue, match="expected a value that JSON can hold, got Thread"):
        write_value({"a": [__import__("threading").Thread()]})


def test_png_is_exact_and_comes_back_with_place_and_moment() -> None:
    assert read_image(write_value(CROP, images="png"), Services()) == CROP


def test_jpeg_is_smaller_and_near() -> None:
    ramp = Image(np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 64, 0).repeat(3, 2))
    back = read_image(write_value(ramp), Services())
    assert back.size_hw == ramp.size_hw
    assert np.abs(back.pixels.astype(int) - ramp.pixels).max() <= 8


def test_shapes_for_printing() -> None:
    assert write_value([CROP], images="shape") == [{"type": "image", "width": 3, "height": 2}]
    assert write_value(np.zeros((20, 30)), images="shape") == {"type": "array", "shape": [20, 30]}
    assert write_value(VALUES["depth_map"], images="shape")["width"] == 2


def test_scores_vectors_and_maps_come_back() -> None:
    for name in ("classification", "multi_label"):
        assert read_classification(write_value(VALUES[name])) == VALUES[name]
    assert read_segmentation_map(write_value(VALUES["segmentation_map"])) == VALUES["segmentation_map"]
    assert read_embedding(write_value(VALUES["embedding"])).vector.tolist() == VALUES["embedding"].vector.tolist()


def test_three_hundred_classes_take_sixteen_bits() -> None:
    many = SegmentationMap(np.array([[299, -1]]), tuple(f"c{i}" for i in range(300)))
    assert read_segmentation_map(write_value(many)) == many


def test_nearness_is_one_at_the_nearest_pixel() -> None:
    written = write_value(VALUES["depth_map"])
    pixels = np.asarray(Pillow.open(BytesIO(b64decode(written["normalized_depth"]))))
    expected = (5 - np.array([[1, 2], [3, 5]])) / 4
    assert np.abs(pixels / 65535 - expected).max() < 1e-4
    assert (written["nearest"], written["farthest"]) == (1.0, 5.0)


@pytest.mark.parametrize(("secret", "shown"), [("hunter2", "*" * 8), ("sk-0123456789", "sk********89"), (None, None)])
def test_secrets_are_masked(secret: str | None, shown: str | None) -> None:
    assert write_value(secret, kinds=frozenset({"secret"})) == shown
    assert write_value([secret], kinds={"secret"}) == [shown]


class Vault(Block):
    """A secret and a number."""

    type = "vault@v1"
    output = "key"

    def run(self) -> Secret:
        return "sk-0123456789"


def test_secrets_are_masked_in_rows_within_all_outputs_too() -> None:
    definition = {
        "inputs": [],
        "steps": [{"type": "vault", "name": "vault"}],
        "outputs": [
            {"type": "JsonField", "name": "key", "selector": "$steps.vault.key"},
            {"type": "JsonField", "name": "all", "selector": "$steps.vault.*"},
        ],
    }
    workflow = compile_workflow(definition, [Vault])
    rows = write_rows(workflow, run_workflow(workflow, {}))
    assert rows == [{"key": "sk********89", "all": {"key": "sk********89"}}]


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (read_classification, 3, "expected a classification, got int"),
        (read_classification, {"predictions": 3}, "expected a classification as"),
        (read_classification, {"predictions": [{"class": "a"}]}, "needs class, class_id and confidence"),
        (read_embedding, "abc", "expected an embedding, got str"),
        (read_embedding, [0.0, 0.0], "not all 0"),
        (read_embedding, ["a"], "list of numbers"),
        (read_segmentation_map, {"predictions": {}}, "segmentation_mask"),
        (read_segmentation_map, {"predictions": {"segmentation_mask": "!!", "class_map": {}}}, "must be a PNG"),
    ],
)
def test_wrong_forms_are_told(read: Any, value: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        read(value)
