"""A small random ResNet, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

__all__ = ["LABELS", "make"]

LABELS = ("tench", "crane", "goldfish", "tabby", "espresso")


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil

    del name
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], id2label=dict(enumerate(LABELS))
    )
    shake(transformers.ResNetForImageClassification(config)).save_pretrained(folder)
    ConvNextImageProcessorPil(size={"shortest_edge": 64}, crop_pct=0.875).save_pretrained(folder)
    return {"weights": folder, "threads": 1}
