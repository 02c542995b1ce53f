"""ZoeDepth beside the library's own processor, which needs torchvision."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.zoedepth import make

import ocella
from ocella.models.zoo.zoedepth import ZoeDepth

NAMES = ("zoedepth-nyu-kitti", "zoedepth-nyu")
SIZES = [(48, 64), (200, 150), (64, 300), (333, 217)]


@pytest.fixture(scope="module", params=NAMES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ZoeDepth]:
    folder = tmp_path_factory.mktemp(request.param)
    model = ocella.load(request.param, device="cpu", threads=1, **make(folder, request.param))
    assert isinstance(model, ZoeDepth)
    return folder, model


@pytest.mark.parametrize("size_hw", SIZES)
def test_metres_are_the_processors(made: tuple[Path, ZoeDepth], size_hw: tuple[int, int]) -> None:
    folder, model = made
    image = picture(*size_hw)
    processor = transformers.ZoeDepthImageProcessor.from_pretrained(folder)
    network = transformers.ZoeDepthForDepthEstimation.from_pretrained(folder).eval()
    inputs = processor(image.pixels.copy(), input_data_format="channels_last", return_tensors="pt")
    ours = torch.from_numpy(model._pixels(image))
    torch.testing.assert_close(ours, inputs["pixel_values"], atol=1e-6, rtol=0)
    expected = []
    for pixels in (ours, inputs["pixel_values"]):
        with torch.inference_mode():
            out = network(pixel_values=pixels)
        (theirs,) = processor.post_process_depth_estimation(out, source_sizes=[size_hw], target_sizes=[size_hw])
        expected.append(theirs["predicted_depth"].numpy())
    (found,) = model.predict([image])
    assert found.depth.std() > 1e-3
    np.testing.assert_allclose(found.depth, expected[0], rtol=1e-4, atol=1e-4)
    # random weights make more of the last digit of a pixel in a few places, where bins of depth lie close together
    assert np.isclose(found.depth, expected[1], rtol=1e-4, atol=1e-4).mean() > 0.95
