"""A small random DINOv2, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

    del name
    config = transformers.Dinov2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=70, patch_size=14
    )
    shake(transformers.Dinov2Model(config)).save_pretrained(folder)
    images = BitImageProcessorPil(size={"shortest_edge": 64}, crop_size={"height": 56, "width": 56})
    images.save_pretrained(folder)
    return {"weights": folder, "threads": 1}
