"""A small random OneFormer, made with its own library. Its list of classes is said to lie elsewhere, as published."""

import json
from pathlib import Path
from typing import Any

from tests.checkpoints.mask2former import swin
from tests.checkpoints.parts import clip_tokenizer, shake

NAMES = {0: "wall", 1: "building", 2: "sky"}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.oneformer.image_processing_pil_oneformer import OneFormerImageProcessorPil

    del name
    torch.manual_seed(1)
    words = clip_tokenizer(pad="<|endoftext|>", length=77)
    config = transformers.OneFormerConfig(
        backbone_config=swin(), num_queries=7, conv_dim=32, mask_dim=32, hidden_dim=32, encoder_feedforward_dim=32,
        encoder_layers=1, decoder_layers=3, num_attention_heads=2, dim_feedforward=32, query_dec_layers=1,
        text_encoder_width=32, text_encoder_num_layers=1, text_encoder_vocab_size=len(words), text_encoder_n_ctx=2,
        id2label=NAMES, label2id={n: i for i, n in NAMES.items()},
    )  # fmt: skip
    network = shake(transformers.OneFormerForUniversalSegmentation(config), by=0.6)
    with torch.no_grad():
        network.model.transformer_module.decoder.class_embed.weight.mul_(4)
    network.save_pretrained(folder)
    OneFormerImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}).save_pretrained(folder)
    file = folder / "preprocessor_config.json"
    settings = {**json.loads(file.read_text(encoding="utf-8")), "class_info_file": "ade20k_panoptic.json"}
    file.write_text(json.dumps({**settings, "repo_path": "shi-labs/oneformer_demo"}), encoding="utf-8")
    words.save_pretrained(folder)
    return {"weights": folder}
