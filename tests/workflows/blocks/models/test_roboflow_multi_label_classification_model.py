"""Scores of an ONNX file that stand alone, by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.onnx_files import constant_file
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import Mismatch
from ocella.types import Image

BLANK = Image(np.zeros((32, 32, 3), np.uint8))


@pytest.fixture
def package(tmp_path: Path) -> str:
    """As the hosted platform packs a model of several labels; its logits are those of 0.9, 0.6 and 0.2."""
    shares = np.array([[0.9, 0.6, 0.2]], np.float32)
    constant_file(tmp_path / "weights.onnx", {"output": np.log(shares / (1 - shares)).astype(np.float32)})
    (tmp_path / "class_names.txt").write_text("cat\ndog\nhen\n")
    config = {"model_architecture": "vit", "task_type": "multi-label-classification", "backend_type": "onnx"}
    (tmp_path / "model_config.json").write_text(json.dumps(config))
    network = {
        "training_input_size": {"height": 32, "width": 32},
        "color_mode": "rgb",
        "resize_mode": "stretch",
        "input_channels": 3,
        "scaling_factor": 255,
    }
    inference = {"network_input": network, "post_processing": {"type": "sigmoid", "fused": False}}
    (tmp_path / "inference_config.json").write_text(json.dumps(inference))
    return str(tmp_path)


@pytest.mark.parametrize(
    ("name", "fields", "kept"),
    [
        ("roboflow_multi_label_classification_model@v3", {}, {"cat": 0.9, "dog": 0.6, "hen": 0.2}),
        ("roboflow_multi_label_classification_model@v2", {"confidence": 0.5}, {"cat": 0.9, "dog": 0.6}),
        ("MultiLabelClassificationModel", {}, {"cat": 0.9, "dog": 0.6}),
        ("multi_label_classification_model", {}, {"cat": 0.9, "dog": 0.6, "hen": 0.2}),
        ("RoboflowMultiLabelClassificationModel", {"confidence": 0.95}, {}),
    ],
)
def test_each_score_stands_alone(package: str, name: str, fields: dict[str, float], kept: dict[str, float]) -> None:
    found = run_step(name, {"images": BLANK}, services(), model_id=package, **fields)
    said = found["predictions"]
    assert dict(zip(said.classes, said.confidence.tolist(), strict=True)) == pytest.approx(kept, abs=1e-5)
    assert said.multi_label
    assert (len(found["inference_id"]), found["model_id"]) == (32, package)


def test_a_detector_is_refused() -> None:
    with pytest.raises(Mismatch, match="takes models for 'classify'"):
        run_step("multi_label_classification_model", {"images": BLANK}, services(), model_id="nanodet-g")
