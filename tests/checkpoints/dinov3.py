"""A small random DINOv3, made with its own library; its image settings are written as the hub has them."""

import json
from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

__all__ = ["SETTINGS", "make"]

SETTINGS = {
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "DINOv3ViTImageProcessor",
    "image_std": [0.229, 0.224, 0.225],
    "resample": 2,
    "rescale_factor": 0.00392156862745098,
    "size": {"height": 64, "width": 64},
}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers

    del name
    config = transformers.DINOv3ViTConfig(
        hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=64, patch_size=16,
        num_register_tokens=4,
    )  # fmt: skip
    shake(transformers.DINOv3ViTModel(config)).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    return {"weights": folder, "threads": 1}
