"""A small random CLIP, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.contrastive import TOWER, clip_images, vision
from tests.checkpoints.parts import clip_tokenizer, shake

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers

    del name
    words = clip_tokenizer(pad="<|endoftext|>", length=77)
    text = {
        **TOWER, "vocab_size": len(words), "max_position_embeddings": 77, "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id,
    }  # fmt: skip
    config = transformers.CLIPConfig(text_config=text, vision_config=vision(), projection_dim=16)
    shake(transformers.CLIPModel(config)).save_pretrained(folder)
    transformers.CLIPProcessor(clip_images(), words).save_pretrained(folder)
    return {"weights": folder, "threads": 1}
