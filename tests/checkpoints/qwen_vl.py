"""A small Qwen-VL, made with its own library; the one that finds things knows one answer."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake
from tests.checkpoints.vlm_parts import byte_tokenizer, scripted

MARKS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
ENDS = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
SAYS = {
    "qwen3-vl-2b-instruct-detect": (
        '[{"bbox_2d": [100, 200, 500, 750], ', '"label": "cat"}, ', '{"bbox_2d": [0, 0, 90, 90], "label": "hat"}', "]",
    ),
    "qwen2.5-vl-7b-instruct-detect": ("```json", '[{"bbox_2d": [14, 28, 56, 42], ', '"label": "Red dog"}]', "```"),
}  # fmt: skip
"""What the scripted ones say, whatever the image."""


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    words = byte_tokenizer("Qwen2Tokenizer", MARKS, **ENDS)
    network, patch = _network(name, words)
    if name in SAYS:
        scripted(network, words, "\u010a", SAYS[name], "<|im_end|>")
    words.save_pretrained(folder)
    Qwen2VLImageProcessorPil(
        patch_size=patch, size={"shortest_edge": 32 * 32, "longest_edge": 96 * 96}
    ).save_pretrained(folder)
    network.save_pretrained(folder)
    return {"weights": folder, "dtype": "float32"}


def _network(name: str, words: Any) -> tuple[Any, int]:
    import transformers

    ids = {t: words.convert_tokens_to_ids(t) for t in MARKS}
    text = {
        "vocab_size": len(words), "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 2048,
        "rope_parameters": {
            "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6], "mrope_interleaved": True,
        },
        "bos_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"], "tie_word_embeddings": False,
    }  # fmt: skip
    vision: dict[str, Any] = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": 64,
    }
    marks = {
        "image_token_id": ids["<|image_pad|>"], "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"], "vision_end_token_id": ids["<|vision_end|>"], "tie_word_embeddings": False,
    }  # fmt: skip
    if name.startswith("qwen3"):
        vision |= {"patch_size": 16, "deepstack_visual_indexes": [0], "num_position_embeddings": 64}
        config = transformers.Qwen3VLConfig(text_config=text, vision_config=vision, **marks)
        return shake(transformers.Qwen3VLForConditionalGeneration(config), by=0.05), 16
    vision |= {"patch_size": 14, "fullatt_block_indexes": [1], "window_size": 56}
    config = transformers.Qwen2_5_VLConfig(text_config=text, vision_config=vision, **marks)
    return shake(transformers.Qwen2_5_VLForConditionalGeneration(config), by=0.05), 14
