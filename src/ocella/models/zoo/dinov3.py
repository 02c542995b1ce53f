"""DINOv3: features of images, behind a licence that has to be accepted."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint
from ocella.models.embedding.image_network import FeatureEmbedder
from ocella.models.entry import ModelEntry
from ocella.types import Image

__all__ = ["UNITS", "prepare"]

_CARD = ModelCard(
    name="dinov3-vits16-pretrain-lvd1689m",
    try_order=5,
    advice="as dinov2-small, newer, behind a licence to accept",
    task="embed",
    summary="384-d image features, newer than DINOv2; its licence has to be accepted first; no text side",
    checkpoint="hub: facebook/dinov3-vits16-pretrain-lvd1689m (revision main)",
    code_license="Apache-2.0 (transformers)",
    weights_license="DINOv3 License (commercial use allowed; its terms go with the weights and what is made of them)",
    commercial_use=True,
    parameters=21_596_544,
    megabytes=86.4,
    input_hw=(224, 224),
    threshold=0.0,
    extra="torch",
    good_at="how things look: kinds, textures, parts, the same object again",
    bad_at="what things are called: there is no text side",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/dinov3-vits16-pretrain-lvd1689m", "revision": "main"},
    system="DINOv3",
    library="transformers",
    score_kind="similarity",
    speed="fast",
    memory_gb=0.4,
    gated="https://huggingface.co/facebook/dinov3-vits16-pretrain-lvd1689m",
    stand_in="dinov2-small",
)


def prepare(opened: Checkpoint, images: Sequence[Image]) -> dict[str, Any]:
    """Pixels (n, 3, height, width): scaled to 0..1 before they are resized, as this network's own preparation does it,
    which needs torchvision and so is written here.
    """
    import torch

    settings = opened.image
    mean = np.array(settings.get("image_mean", (0.485, 0.456, 0.406)), np.float32)
    std = np.array(settings.get("image_std", (0.229, 0.224, 0.225)), np.float32)
    size = settings.get("size", {"height": 224, "width": 224})
    size_hw = int(size["height"]), int(size["width"])
    planes = np.stack([_resized(image.pixels, size_hw, settings) for image in images])
    return {"pixel_values": torch.from_numpy((planes - mean[:, None, None]) / std[:, None, None])}


def _resized(
    pixels: npt.NDArray[np.uint8], size_hw: tuple[int, int], settings: dict[str, Any]
) -> npt.NDArray[np.float32]:
    from PIL import Image as Pillow

    scaled = pixels.astype(np.float32) * np.float32(settings.get("rescale_factor", 1 / 255))
    resample = Pillow.Resampling(settings.get("resample", 2))
    planes = [Pillow.fromarray(scaled[..., c]).resize(size_hw[::-1], resample) for c in range(3)]
    return np.stack([np.asarray(p, np.float32) for p in planes])


UNITS = (
    ModelEntry(
        _CARD,
        partial(FeatureEmbedder, _CARD, kind="dinov3_vit", network="DINOv3ViTModel", images=prepare),
        ("DINOv3ViTModel",),
    ),
)
