"""ZoeDepth on small random checkpoints, beside the library's own preparation and what its post-processing does.

The library's PIL class cannot post-process without torchvision, so its steps are written out here; tests/torchvision runs
the library's own.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.zoedepth import make
from transformers.models.zoedepth.image_processing_pil_zoedepth import ZoeDepthImageProcessorPil

import ocella
from ocella.models.zoo.zoedepth import ZoeDepth
from ocella.types import Image


@pytest.fixture(scope="module", params=["zoedepth-nyu-kitti", "zoedepth-nyu"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ZoeDepth]:
    folder = tmp_path_factory.mktemp(request.param)
    model = ocella.load(request.param, device="cpu", **make(folder, request.param))
    assert isinstance(model, ZoeDepth)
    return folder, model


def reference(folder: Path, image: Image) -> npt.NDArray[np.float32]:
    processor = ZoeDepthImageProcessorPil.from_pretrained(folder)
    network = transformers.ZoeDepthForDepthEstimation.from_pretrained(folder).eval()
    with torch.inference_mode():
        depth = network(**processor(image.pixels, return_tensors="pt")).predicted_depth
    rows, columns = (int(np.sqrt(side / 2) * 3) for side in image.size_hw)
    padded = torch.nn.functional.interpolate(
        depth[:, None], size=(image.height + 2 * rows, image.width + 2 * columns), mode="bicubic", align_corners=False
    )
    return np.asarray(padded[0, 0, rows:-rows, columns:-columns].numpy(), np.float32)


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (64, 300)])
def test_metres_are_the_librarys(made: tuple[Path, ZoeDepth], size_hw: tuple[int, int]) -> None:
    folder, model = made
    image = picture(*size_hw)
    (found,) = model.predict([image])
    assert found.metric
    expected = reference(folder, image)
    assert np.ptp(expected) > 1e-2
    np.testing.assert_allclose(found.depth, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 300), (300, 1), (2, 500)])
def test_strips_keep_a_step(made: tuple[Path, ZoeDepth], size_hw: tuple[int, int]) -> None:
    (found,) = made[1].predict([picture(*size_hw)])
    assert found.depth.shape == size_hw


def test_the_head_is_chosen_for_each_image(made: tuple[Path, ZoeDepth]) -> None:
    """In one batch the network would choose one for all."""
    folder, model = made
    images = [picture(48, 64, seed) for seed in range(6)]
    processor = ZoeDepthImageProcessorPil.from_pretrained(folder)
    network = transformers.ZoeDepthForDepthEstimation.from_pretrained(folder).eval()
    with torch.inference_mode():
        logits = network(**processor([i.pixels for i in images], return_tensors="pt")).domain_logits
    assert logits is None or set(logits.argmax(dim=1).tolist()) == {0, 1}
    assert model.predict(images) == [model.predict([image])[0] for image in images]


def test_without_a_border_none_is_taken_off(made: tuple[Path, ZoeDepth], tmp_path: Path) -> None:
    folder, _ = made
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = tmp_path / "preprocessor_config.json"
    settings.write_text(settings.read_text("utf-8").replace('"do_pad": true', '"do_pad": false'), encoding="utf-8")
    model = ocella.load("zoedepth-nyu", weights=tmp_path, device="cpu")
    image = picture(48, 64)
    processor = ZoeDepthImageProcessorPil.from_pretrained(tmp_path)
    network = transformers.ZoeDepthForDepthEstimation.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        depth = network(**processor(image.pixels, return_tensors="pt")).predicted_depth
    expected = torch.nn.functional.interpolate(depth[:, None], size=(48, 64), mode="bicubic", align_corners=False)
    assert isinstance(model, ZoeDepth)
    np.testing.assert_allclose(model.predict([image])[0].depth, expected[0, 0].numpy(), rtol=1e-4, atol=1e-4)
