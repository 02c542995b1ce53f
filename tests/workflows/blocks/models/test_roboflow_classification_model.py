"""Scores of an ONNX file by hand, and of a photograph with real weights."""

from pathlib import Path

import numpy as np
import pytest
from tests.onnx_files import constant_file
from tests.workflows.blocks.models.photos import photo
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, Mismatch
from ocella.types import Image

BLANK = Image(np.zeros((32, 32, 3), np.uint8))
METADATA = {"names": "{0: 'cat', 1: 'dog', 2: 'hen'}", "task": "classify", "imgsz": "[32, 32]"}


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(
        constant_file(tmp_path / "a.onnx", {"output0": np.array([[0.3, 0.6, 0.1]], np.float32)}, metadata=METADATA)
    )


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, {"cat": 0.3, "dog": 0.6, "hen": 0.1}),
        ({"confidence_mode": "default"}, {"cat": 0.3, "dog": 0.6, "hen": 0.1}),
        ({"confidence_mode": "custom", "custom_confidence": 0.2}, {"cat": 0.3, "dog": 0.6}),
        ({"confidence_mode": "custom"}, {"dog": 0.6}),
        ({"confidence_mode": "custom", "custom_confidence": 0.7}, {}),
    ],
)
def test_scores_of_the_file(file: str, fields: dict[str, object], kept: dict[str, float]) -> None:
    found = run_step("roboflow_classification_model@v3", {"images": BLANK}, services(), model_id=file, **fields)
    said = found["predictions"]
    assert dict(zip(said.classes, said.confidence.tolist(), strict=True)) == pytest.approx(kept)
    assert (said.multi_label, said.size_hw, found["model_id"]) == (False, (32, 32), file)


@pytest.mark.parametrize(
    "name", ["RoboflowClassificationModel", "ClassificationModel", "roboflow_classification_model@v2"]
)
def test_older_versions_have_one_confidence(file: str, name: str) -> None:
    found = run_step(name, {"images": BLANK}, services(), model_id=file, disable_active_learning=True)
    assert found["predictions"].classes == ("dog",)
    found = run_step(name, {"images": BLANK}, services(), model_id=file, confidence=0.25)
    assert found["predictions"].classes == ("cat", "dog")


def test_a_photograph() -> None:
    found = run_step("classification_model", {"images": photo("cat.png")}, services(), model_id="efficientnet-lite0")
    names = [name for name, _ in found["predictions"].top(3)]
    assert any("cat" in name or name == "tabby" for name in names)


def test_what_cannot_be(file: str) -> None:
    with pytest.raises(Mismatch, match="takes models for 'classify'"):
        run_step("classification_model", {"images": BLANK}, services(), model_id="nanodet-g")
    with pytest.raises(InvalidWorkflow, match="custom_confidence"):
        run_step("roboflow_classification_model", {"images": BLANK}, model_id=file, custom_confidence=2)
