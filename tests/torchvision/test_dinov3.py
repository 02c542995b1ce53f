"""DINOv3's preparation, beside the library's own, which needs torchvision."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.dinov3 import make
from tests.checkpoints.parts import picture

import ocella


@pytest.mark.parametrize("size_hw", [(64, 64), (48, 90), (300, 200)])
def test_vectors_are_the_librarys(tmp_path: Path, size_hw: tuple[int, int]) -> None:
    make(tmp_path, "dinov3-vits16-pretrain-lvd1689m")
    image = picture(*size_hw)
    processor = transformers.DINOv3ViTImageProcessor.from_pretrained(tmp_path)
    network = transformers.DINOv3ViTModel.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        theirs = network(**processor(image.pixels.copy(), return_tensors="pt", input_data_format="channels_last"))
    model: Any = ocella.load("dinov3-vits16-pretrain-lvd1689m", weights=tmp_path, device="cpu")
    expected = torch.nn.functional.normalize(theirs.pooler_output)[0].numpy()
    np.testing.assert_allclose(model.predict([image])[0].vector, expected, atol=1e-4)
