"""A small random EVA-CLIP, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.open_clip_parts import save

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    del name
    vision = {"image_size": 224, "timm_model_name": "eva02_tiny_patch14_224", "timm_pool": "token", "timm_proj": None}
    images = {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    return save(folder, vision, tokens=77, images=images)
