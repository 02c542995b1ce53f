"""Beside the library's own cutting and reading of heat maps."""

import numpy as np
import pytest
from tests.checkpoints.parts import picture
from transformers.image_utils import SizeDict
from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil, box_to_center_and_scale

from ocella.models.detection.pose_crops import crop_of, cut, points_of

INPUT_HW = (64, 48)
BOXES = [(3.0, 4.0, 40.0, 60.0), (-10.0, 5.0, 30.0, 25.0), (50.5, 20.25, 119.0, 88.0), (0.0, 0.0, 120.0, 90.0)]


def theirs(box: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    x1, y1, x2, y2 = box
    centre, scale = box_to_center_and_scale(
        (x1, y1, x2 - x1, y2 - y1), image_width=INPUT_HW[1], image_height=INPUT_HW[0]
    )
    return np.asarray(centre), np.asarray(scale)


@pytest.mark.parametrize("box", BOXES)
def test_a_crop_is_the_librarys(box: tuple[float, ...]) -> None:
    image = picture(90, 120)
    centre, scale = theirs(box)
    crop = crop_of(np.array(box, np.float32), INPUT_HW)
    np.testing.assert_allclose(crop.centre, centre, rtol=1e-6)
    np.testing.assert_allclose(crop.size, scale * 200, rtol=1e-6)
    size = SizeDict(height=INPUT_HW[0], width=INPUT_HW[1])
    expected = VitPoseImageProcessorPil().affine_transform(
        image.pixels.transpose(2, 0, 1), centre, scale, rotation=0, size=size
    )
    found = cut(image.pixels, crop, INPUT_HW)
    assert (found != expected.transpose(1, 2, 0)).mean() < 1e-3


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("kernel", [3, 11])
def test_points_are_the_librarys(box: tuple[float, ...], kernel: int) -> None:
    rng = np.random.default_rng(int(box[2]) + kernel)
    heatmaps = rng.random((17, 16, 12), dtype=np.float32) * 0.2
    y, x = np.mgrid[:16, :12]
    for k in range(17):
        top = rng.uniform(0, [16, 12])
        heatmaps[k] += np.exp(-((y - top[0]) ** 2 + (x - top[1]) ** 2) / 4).astype(np.float32)
    centre, scale = theirs(box)
    expected, scores = VitPoseImageProcessorPil().keypoints_from_heatmaps(
        heatmaps[None], centre[None], scale[None], kernel=kernel
    )
    xy, values = points_of(heatmaps, crop_of(np.array(box, np.float32), INPUT_HW), kernel=kernel)
    np.testing.assert_allclose(xy, expected[0], atol=1e-4 * 120)
    np.testing.assert_allclose(values, scores[0, :, 0], atol=1e-6)


def test_a_flat_map_has_its_point_and_no_value() -> None:
    xy, values = points_of(np.zeros((2, 16, 12), np.float32), crop_of(np.array(BOXES[0], np.float32), INPUT_HW))
    assert np.isfinite(xy).all()
    assert values.tolist() == [0, 0]


@pytest.mark.parametrize("box", [(5.0, 5.0, 5.0, 5.0), (0.0, 0.0, 0.0, 50.0), (200.0, 200.0, 210.0, 220.0)])
def test_boxes_with_nothing_in_them_are_cut_too(box: tuple[float, ...]) -> None:
    crop = crop_of(np.array(box, np.float32), INPUT_HW)
    assert (crop.size > 0).all()
    assert cut(picture(90, 120).pixels, crop, INPUT_HW).shape == (64, 48, 3)


def test_beyond_the_image_is_black() -> None:
    found = cut(np.full((10, 10, 3), 200, np.uint8), crop_of(np.array([0, 0, 10, 10], np.float32), INPUT_HW), INPUT_HW)
    assert set(np.unique(found)) == {0, 200}
    assert (found[:4] == 0).all()
    assert (found[28:36, 20:28] == 200).all()
