"""A small random AltCLIP, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.contrastive import TOWER, clip_images, vision, xlm_tokenizer
from tests.checkpoints.parts import shake

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers

    del name
    words = xlm_tokenizer()
    text = {
        **TOWER, "vocab_size": len(words), "project_dim": 24, "max_position_embeddings": 79, "bos_token_id": 0,
        "eos_token_id": 2, "pad_token_id": 1,
    }  # fmt: skip
    config = transformers.AltCLIPConfig(text_config=text, vision_config=vision(), projection_dim=16)
    shake(transformers.AltCLIPModel(config)).save_pretrained(folder)
    transformers.AltCLIPProcessor(clip_images(), words).save_pretrained(folder)
    return {"weights": folder, "threads": 1}
