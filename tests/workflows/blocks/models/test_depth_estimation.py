"""Nearness of pixels, worked out again from the library's own result."""

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.workflows.leasing import folder_of, services
from tests.workflows.running import run_step
from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

from ocella.errors import Mismatch, NotFound
from ocella.types import Image

NAME, FAMILY = "depth-anything-v2-small", "depth_anything"


def library(image: Image) -> Any:
    """Inverse depth (larger is nearer) in the image's size, as the network gives it."""
    folder = folder_of(NAME, FAMILY)
    processor = DPTImageProcessorPil.from_pretrained(folder)
    network = transformers.AutoModelForDepthEstimation.from_pretrained(folder).eval()
    with torch.inference_mode():
        outputs = network(**processor(image.pixels, return_tensors="pt"))
        (found,) = processor.post_process_depth_estimation(outputs, target_sizes=[image.size_hw])
    return found["predicted_depth"].numpy()


@pytest.mark.parametrize("version", ["depth-anything-v2/small", NAME])
def test_the_nearest_is_one_and_the_farthest_nought(version: str) -> None:
    image = picture(48, 64)
    found = run_step("depth_estimation", {"images": image}, services(NAME, FAMILY), model_version=version)
    near = found["normalized_depth"]
    assert (near.shape, near.min(), near.max()) == ((48, 64), 0, 1)
    inverse = library(image)
    assert inverse.flat[near.argmax()] == pytest.approx(inverse.max(), rel=1e-4)
    assert inverse.flat[near.argmin()] == pytest.approx(inverse.min(), rel=1e-4)
    by_library, by_block = (np.argsort(np.argsort(v.ravel())) for v in (inverse, near))
    assert np.corrcoef(by_library, by_block)[0, 1] > 0.999


def test_its_picture_is_coloured_by_nearness() -> None:
    image = picture(48, 64)
    found = run_step("depth_estimation", {"images": image}, services(NAME, FAMILY))
    near, shown = found["normalized_depth"], found["image"]
    assert shown.size_hw == image.size_hw
    # both ends of viridis, as its authors publish them: yellow and violet
    assert np.abs(shown.pixels.reshape(-1, 3)[near.argmax()].astype(int) - (253, 231, 37)).max() <= 2
    assert np.abs(shown.pixels.reshape(-1, 3)[near.argmin()].astype(int) - (68, 1, 84)).max() <= 2


def test_other_models_are_refused() -> None:
    with pytest.raises(Mismatch, match="depth"):
        run_step("depth_estimation", {"images": picture(48, 64)}, services(), model_version="nanodet-g")
    with pytest.raises(NotFound, match="AGPL"):
        run_step("depth_estimation", {"images": picture(48, 64)}, services(), model_version="yolo26n-depth-768")
