"""A small random BLIP for retrieval, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.contrastive import SIDE, TOWER, vision
from tests.checkpoints.parts import bert_tokenizer, shake

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    del name
    words = bert_tokenizer()
    text = {
        **TOWER, "vocab_size": 1200, "encoder_hidden_size": 32, "max_position_embeddings": 64, "pad_token_id": 0,
        "bos_token_id": 101, "eos_token_id": 102, "sep_token_id": 102,
    }  # fmt: skip
    config = transformers.BlipConfig(text_config=text, vision_config=vision(), image_text_hidden_size=16)
    shake(transformers.BlipForImageTextRetrieval(config)).save_pretrained(folder)
    images = BlipImageProcessorPil(size={"height": SIDE, "width": SIDE})
    transformers.BlipProcessor(images, words).save_pretrained(folder)
    return {"weights": folder, "threads": 1}
