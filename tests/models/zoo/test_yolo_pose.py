"""YOLO-pose as an ONNX file: its card, and what is told where there is no file. Layouts are in test_layouts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.checkpoints import yolo_pose
from tests.onnx_files import constant_file

import ocella
from ocella.errors import Mismatch, NotFound, Refused
from ocella.types import COCO_PERSON, Image

NAME = "yolo-pose-onnx"


def test_a_folder_with_one_file_is_that_file(tmp_path: Path) -> None:
    yolo_pose.make(tmp_path, NAME)
    model: Any = ocella.load(NAME, weights=tmp_path, device="cpu", threads=1)
    assert (model.card.name, model.card.task, model.card.classes) == (NAME, "keypoints", ("person",))
    assert model.card.checkpoint == "file yolo-pose.onnx"
    assert len(model.card.sha256) == 64
    image = Image(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    (found,) = model.predict([image], threshold=0.01)
    assert len(found) > 0
    assert found.keypoints.skeleton == COCO_PERSON
    # every point is within 4 pixels of the middle of its cell, and so is the middle of the box
    middles = np.arange(8, 64, 16)
    for points in found.keypoints.xy:
        for axis in (0, 1):
            near = np.abs(points[:, axis, None] - middles).min(axis=1)
            assert (near <= 4 + 1e-4).all()


def test_without_a_file_the_way_to_one_is_told() -> None:
    with pytest.raises(NotFound, match=r"yolo export model=yolo11n-pose\.pt format=onnx"):
        ocella.load(NAME)
    with pytest.raises(Refused, match=r"AGPL-3\.0 asks for the source"):
        ocella.load(NAME, license="commercial")


def test_a_file_without_points_is_refused(tmp_path: Path) -> None:
    file = constant_file(tmp_path / "boxes.onnx", {"output0": np.zeros((1, 6, 21), np.float32)})
    with pytest.raises(Mismatch, match="are of no layout known for keypoints"):
        ocella.load(NAME, weights=file, device="cpu", threads=1)
