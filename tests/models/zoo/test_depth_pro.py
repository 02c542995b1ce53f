"""Depth Pro on a small random checkpoint, beside the library's formulas, written out because its processor needs
torchvision; tests/torchvision runs the processor itself.
"""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.depth_pro import make
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import Refused
from ocella.models.zoo.depth_pro import DepthPro
from ocella.types import Image


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-depth-pro")
    make(made, "depthpro")
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> DepthPro:
    loaded = ocella.load("depthpro", weights=folder, device="cpu")
    assert isinstance(loaded, DepthPro)
    return loaded


def reference(folder: Path, image: Image) -> tuple[npt.NDArray[np.float32], float]:
    network = transformers.DepthProForDepthEstimation.from_pretrained(folder).eval()
    pixels = torch.tensor(image.pixels).permute(2, 0, 1)[None] / 127.5 - 1
    pixels = torch.nn.functional.interpolate(pixels, size=(128, 128), mode="bilinear", align_corners=False)
    with torch.inference_mode():
        out = network(pixel_values=pixels)
        focal = 0.5 * image.width / torch.tan(0.5 * torch.deg2rad(out.field_of_view[0]))
        inverse = out.predicted_depth[:, None] * image.width / focal
        sized = torch.nn.functional.interpolate(inverse, size=image.size_hw, mode="bilinear", align_corners=False)
    return np.asarray((1 / sized[0, 0].clamp(1e-4, 1e4)).numpy(), np.float32), float(out.field_of_view[0])


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (128, 300)])
def test_metres_are_the_librarys(folder: Path, model: DepthPro, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    expected, angle = reference(folder, image)
    (found,) = model.predict([image])
    assert found.metric
    assert abs(angle) > 1e-3
    assert len(np.unique(expected)) > 100
    np.testing.assert_allclose(found.depth, expected, rtol=1e-4, atol=1e-4)


def test_a_network_that_sees_no_angle_gives_no_metres(folder: Path, tmp_path: Path) -> None:
    network = transformers.DepthProForDepthEstimation.from_pretrained(folder, use_fov_model=False)
    network.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_bytes((folder / "preprocessor_config.json").read_bytes())
    assert json.loads((tmp_path / "config.json").read_text("utf-8"))["use_fov_model"] is False
    model = ocella.load("depthpro", weights=tmp_path, device="cpu")
    assert isinstance(model, DepthPro)
    assert not model.predict([picture(48, 64)])[0].metric


def test_its_licence_forbids_commercial_use(folder: Path) -> None:
    with pytest.raises(Refused, match=r"may not be used commercially.*research only"):
        ocella.load("depthpro", weights=folder, license="commercial")
