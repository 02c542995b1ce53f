"""ViTPose on small random checkpoints, beside the library's own preparation and post-processing."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.vitpose import make
from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

import ocella
from ocella.errors import Mismatch
from ocella.models.zoo.vitpose import ViTPose, skeleton_of
from ocella.types import COCO_PERSON, Image

BOXES = np.array([[3, 4, 40, 60], [20.5, 0, 64, 48], [0, 0, 30, 20]], np.float32)


@pytest.fixture(scope="module", params=["vitpose-base-simple", "vitpose-base", "vitpose-plus-small"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ViTPose]:
    folder = tmp_path_factory.mktemp(request.param)
    model = ocella.load(request.param, device="cpu", **make(folder, request.param))
    assert isinstance(model, ViTPose)
    return folder, model


def reference(folder: Path, image: Image, boxes: npt.NDArray[np.float32]) -> list[dict[str, Any]]:
    """The library's points and scores for each box."""
    processor = VitPoseImageProcessorPil.from_pretrained(folder)
    network = transformers.VitPoseForPoseEstimation.from_pretrained(folder).eval()
    xywh = [np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist()]
    inputs = processor(image.pixels, boxes=xywh, return_tensors="pt")
    if network.config.backbone_config.num_experts > 1:
        inputs["dataset_index"] = torch.zeros(len(boxes), dtype=torch.int64)
    with torch.inference_mode():
        found: list[dict[str, Any]] = processor.post_process_pose_estimation(network(**inputs), boxes=xywh)[0]
    return found


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (64, 300)])
def test_points_and_confidences_are_the_librarys(made: tuple[Path, ViTPose], size_hw: tuple[int, int]) -> None:
    folder, model = made
    image = picture(*size_hw)
    (found,) = model.predict([image], [BOXES])
    points = model.points(found)
    edge = np.array([image.width, image.height])
    expected = reference(folder, image, BOXES)
    assert len(found) == len(expected)
    for row, theirs in enumerate(expected):
        scores = theirs["scores"].numpy()
        seen = scores > 0
        assert seen.sum() > 5
        np.testing.assert_allclose(points.confidence[row], np.clip(scores, 0, 1), atol=1e-4)
        xy = np.clip(theirs["keypoints"].numpy(), 0, edge)
        np.testing.assert_allclose(points.xy[row][seen], xy[seen], atol=1e-4 * max(size_hw))
    np.testing.assert_allclose(found.confidence, points.confidence.mean(axis=1), atol=1e-6)
    assert points.visible.tolist() == (points.confidence >= 0.3).tolist()
    assert points.skeleton == COCO_PERSON


def test_boxes_come_back_row_by_row(made: tuple[Path, ViTPose]) -> None:
    _, model = made
    images = [picture(60, 64), picture(90, 120, 1), picture(20, 20, 2)]
    boxes = [BOXES, np.zeros((0, 4), np.float32), BOXES[1:2]]
    found = model.predict(images, boxes)
    assert [len(f) for f in found] == [3, 0, 1]
    np.testing.assert_array_equal(found[0].xyxy, BOXES)
    assert found[2].xyxy.tolist() == [[20, 0, 20, 20]], "what is beyond the image is cut off"
    assert [f.classes for f in found] == [("person",)] * 3
    assert model.points(found[1]).xy.shape == (0, 17, 2)
    (alone,) = model.predict(images[:1], [BOXES[1:2]])
    np.testing.assert_allclose(model.points(alone).xy, model.points(found[0][1]).xy, atol=1e-3)
    np.testing.assert_allclose(alone.confidence, found[0][1].confidence, atol=1e-5)


def test_without_boxes_the_whole_image_is_one(made: tuple[Path, ViTPose]) -> None:
    _, model = made
    image = picture(60, 64)
    whole = np.array([[0, 0, 64, 60]], np.float32)
    assert model.predict([image]) == model.predict([image], [whole])


def test_a_threshold_leaves_people_out(made: tuple[Path, ViTPose]) -> None:
    _, model = made
    image = picture(60, 64)
    (free,) = model.predict([image], [BOXES])
    assert len(set(free.confidence.tolist())) == 3
    middle = float(np.median(free.confidence))
    (strict,) = model.predict([image], [BOXES], threshold=middle)
    assert strict == free[free.confidence >= np.float32(middle)]
    assert 0 < len(strict) < len(free)


def test_boxes_must_be_one_array_an_image(made: tuple[Path, ViTPose]) -> None:
    with pytest.raises(Mismatch, match="one array for each of the 1 images, got 2"):
        made[1].predict([picture(60, 64)], [BOXES, BOXES])


def test_other_points_have_the_checkpoint_s_names() -> None:
    found = skeleton_of({"id2label": {"0": "Paw", "1": "Nose"}, "edges": [[0, 1]]})
    assert (found.names, found.edges) == (("Paw", "Nose"), ((0, 1),))


def test_a_folder_is_opened_by_its_architecture(made: tuple[Path, ViTPose]) -> None:
    folder, model = made
    opened = ocella.load(folder, device="cpu")
    assert isinstance(opened, ViTPose)
    assert opened.predict([picture(60, 64)], [BOXES]) == model.predict([picture(60, 64)], [BOXES])
