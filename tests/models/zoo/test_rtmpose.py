"""RTMPose as an ONNX file: where the highest bins lie in the image, by hand; crops; refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper
from tests.checkpoints import rtmpose
from tests.onnx_files import constant_file, info, write_file

import ocella
from ocella.errors import Mismatch, NotFound
from ocella.types import COCO_PERSON, Image

NAME = "rtmpose-onnx"


def load(path: Path) -> Any:
    return ocella.load(NAME, weights=path, device="cpu", threads=1)


def peaks(path: Path, points: int = 17) -> Path:
    """The highest bin across is 24 (x = 12 of 48), down 96 (y = 48 of 64); its values are 0.8 and 0.6."""
    across, down = np.zeros((1, points, 96), np.float32), np.zeros((1, points, 128), np.float32)
    across[..., 24], down[..., 96] = 0.8, 0.6
    return constant_file(path, {"simcc_x": across, "simcc_y": down}, image=(1, 3, 64, 48))


def test_points_come_back_into_the_image(tmp_path: Path) -> None:
    """A box of 60 x 80, the shape of the input, is widened by a quarter about (130, 140): 75 x 100 from (92.5, 90). A
    quarter across and three quarters down of that is (111.25, 165).
    """
    (found,) = load(peaks(tmp_path / "a.onnx")).predict(
        [Image(np.zeros((300, 300, 3), np.uint8))], [np.array([[100, 100, 160, 180]], np.float32)]
    )
    np.testing.assert_allclose(found.keypoints.xy[0], [(111.25, 165)] * 17, atol=1e-3)
    np.testing.assert_allclose(found.keypoints.confidence, 0.6, atol=1e-6)
    np.testing.assert_allclose(found.confidence, [0.6], atol=1e-6)
    assert found.xyxy.tolist() == [[100, 100, 160, 180]]
    assert found.keypoints.skeleton == COCO_PERSON
    assert found.keypoints.visible.all()


def test_without_boxes_the_whole_image_is_one_person(tmp_path: Path) -> None:
    """An image of 48 x 64 is the input's shape: 60 x 80 from (-6, -8), so (9, 52)."""
    image = Image(np.zeros((64, 48, 3), np.uint8))
    (found,) = load(peaks(tmp_path / "a.onnx")).predict([image])
    np.testing.assert_allclose(found.keypoints.xy[0, 0], (9, 52), atol=1e-4)
    assert found.xyxy.tolist() == [[0, 0, 48, 64]]


def test_other_numbers_of_points_have_names_of_their_own(tmp_path: Path) -> None:
    (found,) = load(peaks(tmp_path / "a.onnx", points=3)).predict([Image(np.zeros((64, 48, 3), np.uint8))])
    assert found.keypoints.skeleton.names == ("point_0", "point_1", "point_2")


def test_the_crop_is_normalised_and_black_beyond_the_image(tmp_path: Path) -> None:
    """A network that gives back its input's first row and column of each colour."""
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["simcc_x"], axes=[2], keepdims=0),
        helper.make_node("ReduceMean", ["input"], ["simcc_y"], axes=[3], keepdims=0),
    ]
    file = write_file(
        tmp_path / "a.onnx",
        nodes,
        [info("input", np.float32, (1, 3, 40, 30))],
        [info("simcc_x", np.float32, (1, 3, 30)), info("simcc_y", np.float32, (1, 3, 40))],
    )
    model = load(file)
    image = Image(np.full((32, 24, 3), (255, 128, 0), np.uint8))
    crop = ocella_crop(image)
    pixels = model._cut(image, crop)
    mean, std = np.array((123.675, 116.28, 103.53)), np.array((58.395, 57.12, 57.375))
    # the crop of 30 x 40 begins 3 left of and 4 above the image, at one pixel a pixel
    np.testing.assert_allclose(pixels[:, 20, 15], (np.array((255, 128, 0)) - mean) / std, atol=1e-5)
    np.testing.assert_allclose(pixels[:, 0, 0], -mean / std, atol=1e-5)
    np.testing.assert_allclose(pixels[:, 4:36, 3:27].std(axis=(1, 2)), 0, atol=1e-5)


def ocella_crop(image: Image) -> Any:
    from ocella.models.detection.pose_crops import crop_of

    return crop_of(np.array([0, 0, image.width, image.height], np.float32), (40, 30))


def test_boxes_are_kept_apart_by_image(tmp_path: Path) -> None:
    model = load(rtmpose.make(tmp_path, NAME)["weights"])
    rng = np.random.default_rng(1)
    images = [Image(rng.integers(0, 256, (90, 120, 3), np.uint8)) for _ in range(3)]
    boxes = [
        np.array([[10, 10, 50, 80], [60, 5, 100, 85]], np.float32),
        np.zeros((0, 4), np.float32),
        np.array([[0, 0, 120, 90]], np.float32),
    ]
    together = model.predict(images, boxes)
    assert [len(f) for f in together] == [2, 0, 1]
    (alone,) = model.predict(images[2:], boxes[2:])
    np.testing.assert_allclose(alone.keypoints.xy, together[2].keypoints.xy, atol=1e-4)
    with pytest.raises(Mismatch, match="one array for each of the 3 images, got 1"):
        model.predict(images, boxes[:1])


def test_what_is_lacking_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="run from MMPose's own file"):
        ocella.load(NAME)
    with pytest.raises(Mismatch, match="give simcc_x and simcc_y"):
        load(constant_file(tmp_path / "a.onnx", {"out": np.zeros((1, 3), np.float32)}))
