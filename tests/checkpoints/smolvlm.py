"""A small random SmolVLM, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake
from tests.checkpoints.vlm_parts import byte_tokenizer

MARKS = ("<|im_start|>", "<|im_end|>", "<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>")
TILES = tuple(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7))
ENDS = {
    "bos_token": "<|im_start|>",
    "eos_token": "<end_of_utterance>",
    "unk_token": "<|im_end|>",
    "pad_token": "<|im_end|>",
}
PART = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

    words = byte_tokenizer(
        "GPT2Tokenizer", (*MARKS, *TILES), **ENDS
    )  # fmt: skip
    kind = "SmolVLM" if name.startswith("smolvlm2") else "Idefics3"
    config = getattr(transformers, f"{kind}Config")(
        vision_config={**PART, "image_size": 64, "patch_size": 16},
        text_config={
            **PART, "model_type": "llama", "vocab_size": len(words), "num_key_value_heads": 2,
            "max_position_embeddings": 2048, "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id,
            "pad_token_id": words.pad_token_id,
        },
        image_token_id=words.convert_tokens_to_ids("<image>"), scale_factor=2, pad_token_id=words.pad_token_id,
        tie_word_embeddings=False,
    )  # fmt: skip
    shake(getattr(transformers, f"{kind}ForConditionalGeneration")(config)).save_pretrained(folder)
    words.save_pretrained(folder)
    Idefics3ImageProcessorPil(size={"longest_edge": 128}, max_image_size={"longest_edge": 64}).save_pretrained(folder)
    return {"weights": folder}
