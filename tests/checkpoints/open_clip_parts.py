"""A small random checkpoint of open_clip, as its hub has them; the image network is the smallest of its family in timm."""

import json
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["save"]


def save(folder: Path, vision: dict[str, Any], *, tokens: int, images: dict[str, Any]) -> dict[str, Any]:
    """Write open_clip_config.json and open_clip_model.safetensors; the options that load them."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    text = {"context_length": tokens, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2}
    model = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    torch.manual_seed(4)
    network = open_clip.CustomTextCLIP(**model)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
        network.logit_scale.fill_(float(np.log(30)))
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / "open_clip_model.safetensors")
    config = {"model_cfg": {**model, "custom_text": True}, "preprocess_cfg": images}
    (folder / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")
    return {"weights": folder, "threads": 1}
