"""A small random Perception Encoder, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.open_clip_parts import save

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    del name
    vision = {
        "image_size": 384,
        "timm_model_name": "vit_pe_core_tiny_patch16_384",
        "timm_pool": "map",
        "timm_proj": None,
    }
    images = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bilinear", "resize_mode": "squash"}
    return save(folder, vision, tokens=32, images=images)
