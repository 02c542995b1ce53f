"""A small PaliGemma, made with its own library; the one that finds things knows one answer."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake
from tests.checkpoints.vlm_parts import piece_tokenizer, scripted

SIDE = 64
PLACES = tuple(f"<loc{i:04d}>" for i in range(1024))
SAYS = (
    "<loc0256>",
    "<loc0128>",
    "<loc0512>",
    "<loc0768>",
    " Cat",
    " ; ",
    "<loc0000>",
    "<loc0001>",
    "<loc0100>",
    "<loc1023>",
    " red dog",
)
PART = {"hidden_size": 64, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    words = piece_tokenizer(
        "GemmaTokenizer", ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>"), ("<image>", *PLACES), ("<image>",)
    )
    config = transformers.PaliGemmaConfig(
        vision_config={
            **PART, "model_type": "siglip_vision_model", "image_size": SIDE, "patch_size": 16, "vision_use_head": False,
        },
        text_config={
            **PART, "model_type": "gemma2", "vocab_size": len(words), "num_key_value_heads": 1, "head_dim": 16,
            "max_position_embeddings": 512, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2,
            "tie_word_embeddings": False,
        },
        image_token_index=words.convert_tokens_to_ids("<image>"), projection_dim=64, hidden_size=64,
        tie_word_embeddings=False, pad_token_id=0, eos_token_id=1, bos_token_id=2,
    )  # fmt: skip
    network = shake(transformers.PaliGemmaForConditionalGeneration(config))
    if name.endswith("-detect"):
        scripted(network, words, "\n", SAYS, "<eos>")
    network.save_pretrained(folder)
    words.save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    return {"weights": folder, "dtype": "float32"}
