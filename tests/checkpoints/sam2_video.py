"""A small random SAM 2 for video, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.sam2 import HIDDEN, SIDE, heads, lively, vision, write_settings


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers

    del name
    torch.manual_seed(1)
    config = transformers.Sam2VideoConfig(
        vision_config=vision(HIDDEN), **heads(HIDDEN), image_size=SIDE, memory_attention_hidden_size=HIDDEN,
        memory_attention_num_layers=1, memory_attention_num_attention_heads=1,
        memory_attention_feed_forward_hidden_size=32, memory_encoder_hidden_size=HIDDEN,
        memory_encoder_output_channels=64, mask_downsampler_embed_dim=HIDDEN, memory_fuser_embed_dim=HIDDEN,
        memory_fuser_intermediate_dim=32, memory_fuser_num_layers=1, memory_attention_rope_feat_sizes=[8, 8],
    )  # fmt: skip
    lively(transformers.Sam2VideoModel(config)).save_pretrained(folder)
    write_settings(folder)
    return {"weights": folder}
