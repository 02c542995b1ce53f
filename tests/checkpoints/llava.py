"""A small LLaVA-1.5, made with its own library; the one that finds things knows one answer."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake
from tests.checkpoints.vlm_parts import piece_tokenizer, scripted

SIDE = 64
SAYS = ("[0.25, ", "0.3, ", "0.75, ", "0.5]")
PADDED = {"pad_token": "<pad>"}
PART = {"hidden_size": 64, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    words = piece_tokenizer("LlamaTokenizer", ("<unk>", "<s>", "</s>"), ("<pad>", "<image>"), ("<image>",), **PADDED)
    config = transformers.LlavaConfig(
        vision_config={**PART, "model_type": "clip_vision_model", "image_size": SIDE, "patch_size": 16},
        text_config={
            **PART, "model_type": "llama", "vocab_size": len(words), "num_key_value_heads": 2,
            "max_position_embeddings": 512, "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id,
            "pad_token_id": words.pad_token_id, "tie_word_embeddings": False,
        },
        image_token_index=words.convert_tokens_to_ids("<image>"), image_seq_length=16, tie_word_embeddings=False,
    )  # fmt: skip
    network = shake(transformers.LlavaForConditionalGeneration(config))
    if name.endswith("-detect"):
        scripted(network, words, ":", SAYS, "</s>")
    network.save_pretrained(folder)
    words.save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}).save_pretrained(
        folder
    )
    return {"weights": folder, "dtype": "float32"}
