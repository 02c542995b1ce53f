import cv2
import numpy as np
from tests.workflows.running import run_step

from ocella.types import Image

NOISE = np.random.default_rng(0).integers(0, 256, (24, 30, 3), np.uint8)
IMAGE = Image(np.asarray(cv2.resize(NOISE, (180, 144), interpolation=cv2.INTER_CUBIC), np.uint8))


def test_as_opencv() -> None:
    found = run_step("sift", {"image": IMAGE})
    points, descriptors = cv2.SIFT.create().detectAndCompute(cv2.cvtColor(IMAGE.pixels, cv2.COLOR_RGB2GRAY), None)
    assert len(points) > 20
    assert [k["pt"] for k in found["keypoints"]] == [p.pt for p in points]
    assert found["keypoints"][0].keys() == {"pt", "size", "angle", "response", "octave", "class_id"}
    assert (found["descriptors"] == descriptors).all()
    assert found["image"].size_hw == IMAGE.size_hw


def test_a_flat_image_has_none() -> None:
    found = run_step("sift", {"image": Image(np.full((40, 40, 3), 9, np.uint8))})
    assert found["keypoints"] == []
    assert found["descriptors"].shape == (0, 128)
