from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocella.errors import Mismatch, NotFound
from ocella.models.detection.nanodet_decode import cells
from ocella.models.onnx.runtime import Session
from ocella.models.starter import starter_file
from ocella.training.networks.efficientnet_lite0 import EfficientNetLite0
from ocella.training.networks.nanodet_g import NanoDetG


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(2, 3, 96, 160, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("network", "file", "outputs", "last"),
    [
        (NanoDetG(), "nanodet-g.onnx", ("scores", "distances"), torch.sigmoid),
        (EfficientNetLite0(), "efficientnet-lite0.onnx", ("features", "logits"), torch.Tensor.clone),
    ],
)
def test_the_same_weights_give_the_same_outputs(
    network: Any, file: str, outputs: tuple[str, str], last: Any, images: torch.Tensor
) -> None:
    network.eval().load_starter(starter_file(file))
    with torch.inference_mode():
        first, second = network(images)
    wanted = Session(starter_file(file), device="cpu").run({"images": images.numpy()})
    first = last(first) if outputs[0] == "scores" else first
    assert np.abs(first.numpy() - wanted[outputs[0]]).max() < 1e-4
    assert np.abs(second.numpy() - wanted[outputs[1]]).max() < 1e-4


@pytest.mark.parametrize("input_hw", [(64, 96), (128, 32)])
@pytest.mark.parametrize("classes", [1, 3])
def test_one_row_for_each_cell(input_hw: tuple[int, int], classes: int) -> None:
    logits, distances = NanoDetG(classes)(torch.zeros(2, 3, *input_hw))
    n = len(cells(input_hw)[0])
    assert logits.shape == (2, n, classes)
    assert distances.shape == (2, n, 44)


def test_new_classes_start_from_known_ones_or_from_the_prior() -> None:
    network = NanoDetG(80).eval()
    network.load_starter(starter_file("nanodet-g.onnx"))
    image = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        old, sides = network(image)
        network.reset_classes(2, {1: 16})
        new, same = network(image)
    assert torch.allclose(new[..., 1], old[..., 16], atol=1e-5)
    assert torch.allclose(same, sides, atol=1e-5)
    assert abs(float(new[..., 0].sigmoid().mean()) - 0.01) < 0.005


def test_new_image_classes_start_equal() -> None:
    network = EfficientNetLite0()
    network.reset_classes(4)
    assert network(torch.zeros(1, 3, 64, 64))[1].tolist() == [[0.0] * 4]


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(Mismatch, match="convolution with bias of shape"):
        NanoDetG(3).load_starter(starter_file("nanodet-g.onnx"))


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.onnx"):
        NanoDetG().load_starter(tmp_path / "gone.onnx")
