"""A small random OWL-ViT, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.owlv2 import SIDE, scatter, sizes
from tests.checkpoints.parts import clip_tokenizer


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.owlvit.image_processing_pil_owlvit import OwlViTImageProcessorPil

    del name
    words = clip_tokenizer()
    text, vision = sizes(words)
    config = transformers.OwlViTConfig(text_config=text, vision_config=vision, projection_dim=32)
    scatter(transformers.OwlViTForObjectDetection(config)).save_pretrained(folder)
    images = OwlViTImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, crop_size={"height": SIDE, "width": SIDE}, do_center_crop=True
    )
    transformers.OwlViTProcessor(images, words).save_pretrained(folder)
    return {"weights": folder}
