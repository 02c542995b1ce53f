"""A small random ViTPose, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    torch.manual_seed(0)  # peaks that are no ridges, along which a last digit moves the place

    experts: dict[str, Any] = {"num_experts": 6, "part_features": 8} if "plus" in name else {}
    backbone = transformers.VitPoseBackboneConfig(
        image_size=[64, 48], patch_size=[16, 16], hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        out_features=["stage2"], **experts,
    )  # fmt: skip
    config = transformers.VitPoseConfig(
        backbone_config=backbone, num_labels=17, use_simple_decoder="simple" in name, scale_factor=4
    )
    network = shake(transformers.VitPoseForPoseEstimation(config), by=0.15)
    with torch.no_grad():
        network.head.conv.weight.mul_(0.3 if "simple" in name else 0.05)
        network.head.conv.bias.fill_(0.4)
    network.save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": 64, "width": 48}).save_pretrained(folder)
    return {"weights": folder}
