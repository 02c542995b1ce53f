"""Depth Anything and DPT on small random checkpoints, beside the library's own preparation and post-processing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints import depth_anything, dpt
from tests.checkpoints.parts import picture
from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

import ocella
from ocella.errors import Mismatch
from ocella.models.depth.network import DepthNetwork
from ocella.types import Image

MAKERS: dict[str, Callable[[Path, str], dict[str, Any]]] = {
    "depth-anything-v2-small": depth_anything.make,
    "depth-anything-v2-metric-indoor-small": depth_anything.make,
    "dpt-swinv2-tiny-256": dpt.make,
    "dpt-large": dpt.make,
}


@pytest.fixture(scope="module", params=MAKERS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DepthNetwork]:
    folder = tmp_path_factory.mktemp(request.param)
    model = ocella.load(request.param, device="cpu", **MAKERS[request.param](folder, request.param))
    assert isinstance(model, DepthNetwork)
    return folder, model


def reference(folder: Path, image: Image) -> npt.NDArray[np.float32]:
    """The library's result for the image alone, in the image's size."""
    processor = DPTImageProcessorPil.from_pretrained(folder)
    network = transformers.AutoModelForDepthEstimation.from_pretrained(folder).eval()
    with torch.inference_mode():
        outputs = network(**processor(image.pixels, return_tensors="pt"))
        (found,) = processor.post_process_depth_estimation(outputs, target_sizes=[image.size_hw])
    return np.asarray(found["predicted_depth"].numpy(), np.float32)


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (56, 56), (90, 300)])
def test_depth_is_the_librarys(made: tuple[Path, DepthNetwork], size_hw: tuple[int, int]) -> None:
    folder, model = made
    image = picture(*size_hw)
    expected = reference(folder, image)
    near = 1e-4 * max(1.0, float(np.abs(expected).max()))
    (raw,) = model.measure([image])
    np.testing.assert_allclose(raw, expected, atol=near)
    assert np.ptp(expected) > 1e-3
    (found,) = model.predict([image])
    assert found.metric == ("metric" in model.card.name)
    np.testing.assert_allclose(found.depth, expected if found.metric else expected.max() - expected, atol=2 * near)


def test_images_of_several_sizes_go_together(made: tuple[Path, DepthNetwork]) -> None:
    _, model = made
    images = [picture(48, 64), picture(100, 40, 1), picture(48, 64, 2), picture(7, 120, 3)]
    singles = [model.predict([i])[0].depth for i in images]
    model.batch = 4
    together = model.predict(images)
    model.batch = 1
    for one, many in zip(singles, together, strict=True):
        np.testing.assert_allclose(many.depth, one, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 300), (300, 1), (3, 3), (2, 500)])
def test_strips_keep_a_step(made: tuple[Path, DepthNetwork], size_hw: tuple[int, int]) -> None:
    (found,) = made[1].predict([picture(*size_hw)])
    assert found.depth.shape == size_hw


def test_the_card_says_where_the_weights_are_from(made: tuple[Path, DepthNetwork]) -> None:
    folder, model = made
    assert model.card.checkpoint == f"folder {folder.name}"


def test_a_folder_is_opened_by_its_architecture(made: tuple[Path, DepthNetwork]) -> None:
    folder, model = made
    opened = ocella.load(folder, device="cpu")
    assert isinstance(opened, DepthNetwork)
    assert opened.card.name == folder.name
    assert opened.predict([picture(30, 40)]) == model.predict([picture(30, 40)])


def test_another_kind_of_checkpoint_is_refused(made: tuple[Path, DepthNetwork]) -> None:
    folder, _ = made
    with pytest.raises(Mismatch, match="must hold a checkpoint of the type zoedepth"):
        ocella.load("zoedepth-nyu", weights=folder, device="cpu")
