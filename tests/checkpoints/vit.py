"""A small random ViT, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.contrastive import SIDE, vision
from tests.checkpoints.parts import shake

__all__ = ["LABELS", "make"]

LABELS = ("tench", "crane", "goldfish", "tabby", "espresso")


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    del name
    config = transformers.ViTConfig(**vision(), id2label=dict(enumerate(LABELS)))
    shake(transformers.ViTForImageClassification(config), by=0.2).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    return {"weights": folder, "threads": 1}
