"""Random weights of docTR's two networks, made with its own package."""

from pathlib import Path
from typing import Any


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the weights of the card `name` into `folder`; the options that load them."""
    import torch
    from doctr.models import crnn_vgg16_bn, fast_base
    from safetensors.torch import save_file

    del name
    torch.manual_seed(1)
    for file, build in (("detection", fast_base), ("recognition", crnn_vgg16_bn)):
        network = build(pretrained=False, pretrained_backbone=False)
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / f"{file}.safetensors")
    return {"weights": folder}
