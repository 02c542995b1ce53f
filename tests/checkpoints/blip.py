"""A small random BLIP, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import bert_tokenizer, shake

SIDE = 64


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    words = bert_tokenizer()
    words.add_tokens(["[DEC]"])
    part = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {
        **part, "vocab_size": len(words), "encoder_hidden_size": 32, "projection_dim": 32, "bos_token_id": len(words) - 1,
        "sep_token_id": words.sep_token_id, "eos_token_id": words.sep_token_id, "pad_token_id": words.pad_token_id,
        "max_position_embeddings": 128,
    }  # fmt: skip
    config = transformers.BlipConfig(
        text_config=text, vision_config={**part, "image_size": SIDE, "patch_size": 16}, projection_dim=32
    )
    kind = transformers.BlipForQuestionAnswering if "vqa" in name else transformers.BlipForConditionalGeneration
    shake(kind(config), by=0.2).save_pretrained(folder)
    images = BlipImageProcessorPil(size={"height": SIDE, "width": SIDE})
    transformers.BlipProcessor(images, words).save_pretrained(folder)
    return {"weights": folder}
