"""A random FastViT of the smallest size, saved by its own library as its hub has it."""

import json
from pathlib import Path
from typing import Any

__all__ = ["LABELS", "make"]

LABELS = ("tench", "crane", "goldfish", "tabby", "espresso")


def make(folder: Path, name: str, *, labels: tuple[str, ...] = LABELS) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import timm
    import torch
    from safetensors.torch import save_file

    del name
    torch.manual_seed(6)
    network = timm.create_model("fastvit_t8", pretrained=False, num_classes=len(labels)).eval()
    network.head.fc.weight.data.mul_(50)
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / "model.safetensors")
    config = {
        "architecture": "fastvit_t8", "num_classes": len(labels), "num_features": 768, "global_pool": "avg",
        "label_names": list(labels),
        "pretrained_cfg": {
            "input_size": [3, 64, 64], "fixed_input_size": False, "interpolation": "bicubic", "crop_pct": 0.9,
            "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
            "num_classes": len(labels), "pool_size": [2, 2], "first_conv": ["stem.0.conv_kxk.0.conv"],
            "classifier": "head.fc",
        },
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return {"weights": folder, "threads": 1}
