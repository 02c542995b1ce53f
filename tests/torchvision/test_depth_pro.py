"""Depth Pro beside the library's own processor, which needs torchvision."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.depth_pro import make
from tests.checkpoints.parts import picture

import ocella
from ocella.models.zoo.depth_pro import DepthPro

SIZES = [(48, 64), (200, 150), (128, 300), (333, 217)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-depth-pro")
    make(made, "depthpro")
    return made


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("sees_angle", [True, False])
def test_metres_are_the_processors(folder: Path, tmp_path: Path, size_hw: tuple[int, int], *, sees_angle: bool) -> None:
    network = transformers.DepthProForDepthEstimation.from_pretrained(folder, use_fov_model=sees_angle).eval()
    network.save_pretrained(tmp_path)
    processor = transformers.DepthProImageProcessor.from_pretrained(folder)
    processor.save_pretrained(tmp_path)
    model = ocella.load("depthpro", weights=tmp_path, device="cpu", threads=1)
    assert isinstance(model, DepthPro)
    image = picture(*size_hw)
    inputs = processor(image.pixels.copy(), input_data_format="channels_last", return_tensors="pt")
    np.testing.assert_allclose(model._pixels(image), inputs["pixel_values"], atol=1e-4)
    with torch.inference_mode():
        out = network(**inputs)
    (theirs,) = processor.post_process_depth_estimation(out, target_sizes=[size_hw])
    (found,) = model.predict([image])
    assert found.metric == sees_angle
    assert len(np.unique(found.depth)) > 100
    np.testing.assert_allclose(found.depth, theirs["predicted_depth"], rtol=1e-4, atol=1e-4)
