"""A small random Depth Pro, made with its own library."""

import json
from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers

    del name
    parts = {
        "model_type": "dinov2", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 32,
        "patch_size": 8, "use_swiglu_ffn": False,
    }  # fmt: skip
    config = transformers.DepthProConfig(
        fusion_hidden_size=16, patch_size=32, intermediate_hook_ids=[1, 0], intermediate_feature_dims=[16, 16],
        scaled_images_feature_dims=[16, 16, 16], image_model_config=parts, patch_model_config=parts,
        fov_model_config=parts, use_fov_model=True,
    )  # fmt: skip
    network = shake(transformers.DepthProForDepthEstimation(config), by=0.05)
    with torch.no_grad():  # a depth of metres and an angle of view that a camera may have
        network.head.layers[4].weight.mul_(0.001)
        network.head.layers[4].bias.fill_(0.3)
        network.fov_model.head.layers[4].bias.fill_(60)
    network.save_pretrained(folder)
    settings = {
        "image_processor_type": "DepthProImageProcessor", "size": {"height": 128, "width": 128}, "resample": 2,
        "rescale_factor": 1 / 255, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "do_resize": True, "do_rescale": True, "do_normalize": True,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return {"weights": folder}
