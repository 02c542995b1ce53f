"""A small random SegFormer, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

NAMES = {0: "wall", 1: "building", 2: "sky", 3: "N/A", 4: "tree"}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.segformer.image_processing_pil_segformer import SegformerImageProcessorPil

    del name
    torch.manual_seed(1)
    config = transformers.SegformerConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[8, 8, 16, 16], num_attention_heads=[1, 1, 2, 2], decoder_hidden_size=16,
        id2label=NAMES, label2id={n: i for i, n in NAMES.items()},
    )  # fmt: skip
    network = shake(transformers.SegformerForSemanticSegmentation(config), seed=1, by=0.1)
    with torch.no_grad():
        network.decode_head.classifier.weight.mul_(4)
    network.save_pretrained(folder)
    SegformerImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return {"weights": folder}
