"""A small random EoMT, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

NAMES = {0: "cat", 1: "person", 2: "sky-other-merged", 3: "dog"}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.eomt.image_processing_pil_eomt import EomtImageProcessorPil

    torch.manual_seed(5)
    config = transformers.EomtConfig(
        hidden_size=32, num_hidden_layers=3, num_attention_heads=2, image_size=64, patch_size=16, num_blocks=1,
        num_queries=12, num_upscale_blocks=2, id2label=NAMES, label2id={n: i for i, n in NAMES.items()},
    )  # fmt: skip
    network = shake(transformers.EomtForUniversalSegmentation(config), by=0.3)
    with torch.no_grad():
        network.query.weight.mul_(30)
        network.class_predictor.weight.mul_(3)
        network.class_predictor.bias[-1] -= 3
    network.save_pretrained(folder)
    semantic = "semantic" in name
    edges = {"shortest_edge": 64, "longest_edge": None if semantic else 64}
    EomtImageProcessorPil(size=edges, do_split_image=semantic, do_pad=not semantic).save_pretrained(folder)
    return {"weights": folder}
