"""Objects that words name, by an export whose boxes and scores are known, and by the model that stands in for it."""

from pathlib import Path

import numpy as np
import pytest
from tests.checkpoints.parts import picture
from tests.onnx_files import constant_file, info
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, Mismatch
from ocella.types import Ontology

SEEN = picture(128, 128)


@pytest.fixture
def export(tmp_path: Path) -> str:
    """Says the same of every image, in its own 64 pixels: two objects, one of them hardly sure, and one not at all."""
    rng = np.random.default_rng(4)
    np.savez(tmp_path / "world.npz", cat=rng.normal(size=16), dog=rng.normal(size=16))
    boxes, scores = np.zeros((1, 5, 4), np.float32), np.zeros((1, 5, 3), np.float32)
    boxes[0, 1:4] = [40, 40, 60, 50], [8, 16, 24, 32], [0, 0, 4, 4]
    scores[0, 1, 1], scores[0, 2, 0], scores[0, 3, 0] = 0.01, 0.75, 0.004
    beside = [info("text_features", np.float32, (1, 3, 16))]
    file = constant_file(
        tmp_path / "world.onnx", {"scores": scores, "boxes": boxes}, image=(1, 3, 64, 64), beside=beside
    )
    return str(file)


@pytest.mark.parametrize("name", ["yolo_world_model", "YoloWorldModel", "YoloWorld"])
def test_an_export_of_ones_own(export: str, name: str) -> None:
    found = run_step(name, {"images": SEEN}, services(), class_names=["cat", "dog"], model_id=export, version="v2-s")
    objects = found["predictions"]
    assert (objects.names, objects.classes, objects.size_hw) == (["cat", "dog"], ("cat", "dog"), (128, 128))
    np.testing.assert_allclose(objects.xyxy, [[16, 32, 48, 64], [80, 80, 120, 100]], atol=1e-3)
    np.testing.assert_allclose(objects.confidence, [0.75, 0.01], atol=1e-6)
    assert len(set(objects.data["detection_id"].tolist())) == 2


@pytest.mark.parametrize(("confidence", "names"), [(0.5, ["cat"]), (0.9, []), (0.002, ["cat", "dog", "cat"])])
def test_confidence(export: str, confidence: float, names: list[str]) -> None:
    fields = {"class_names": ["cat", "dog"], "model_id": export, "confidence": confidence}
    found = run_step("yolo_world_model", {"images": SEEN}, services(), **fields)["predictions"]
    assert (found.names, found.classes) == (names, ("cat", "dog"))


@pytest.mark.parametrize(
    ("name", "family", "chosen"),
    [
        pytest.param("omdet-turbo-swin-tiny", "omdet_turbo", {}, marks=pytest.mark.torchvision),
        ("owlvit-base-patch32", "owlvit", {"model_id": "owlvit-base-patch32"}),
    ],
)
def test_without_an_export_another_model_looks(name: str, family: str, chosen: dict[str, str]) -> None:
    if family == "omdet_turbo":
        pytest.importorskip("timm")
    image, words = picture(48, 64), ["a cat", "a dog"]
    fields = {"class_names": words, "version": "s", "confidence": 0.01, **chosen}
    found = run_step("roboflow_core/yolo_world_model@v1", {"images": image}, services(name, family), **fields)
    (wanted,) = by_hand(name, family).predict([image], Ontology.of(*words), threshold=0.01)
    assert len(wanted) > 1
    order = np.argsort(-wanted.confidence, kind="stable")
    np.testing.assert_allclose(found["predictions"].xyxy, wanted.xyxy[order], atol=1e-3)
    assert found["predictions"].names == wanted[order].names


def test_what_is_refused(export: str) -> None:
    with pytest.raises(InvalidWorkflow, match="class_names"):
        run_step("yolo_world_model", {"images": SEEN}, services(), class_names=[], model_id=export)
    with pytest.raises(Mismatch, match="'detect'"):
        run_step("yolo_world_model", {"images": SEEN}, services(), class_names=["a"], model_id="person-segmentation")
