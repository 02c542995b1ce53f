"""A small random Mask2Former, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

NAMES = {0: "cat", 1: "person", 2: "dog", 3: "sky"}


def swin() -> Any:
    """The configuration of a small backbone."""
    import transformers

    return transformers.SwinConfig(
        embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2, image_size=64,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.mask2former.image_processing_pil_mask2former import Mask2FormerImageProcessorPil

    torch.manual_seed(1)
    config = transformers.Mask2FormerConfig(
        backbone_config=swin(), feature_size=32, mask_feature_size=32, hidden_dim=32, encoder_feedforward_dim=32,
        encoder_layers=1, decoder_layers=3, num_attention_heads=2, dim_feedforward=32, num_queries=10,
        id2label=NAMES, label2id={n: i for i, n in NAMES.items()},
    )  # fmt: skip
    network = shake(transformers.Mask2FormerForUniversalSegmentation(config), by=0.6)
    with torch.no_grad():
        network.class_predictor.weight.mul_(12)
        network.class_predictor.bias[-1] -= 3
    network.save_pretrained(folder)
    edges = {"shortest_edge": 64, "longest_edge": 128} if "semantic" in name else {"height": 64, "width": 96}
    Mask2FormerImageProcessorPil(size=edges, size_divisor=32).save_pretrained(folder)
    return {"weights": folder}
