"""A small random Grounding DINO, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import bert_tokenizer, shake


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import GroundingDinoImageProcessorPil

    del name
    swin = transformers.SwinConfig(
        embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2, image_size=64,
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    bert = transformers.BertConfig(
        vocab_size=1200, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    config = transformers.GroundingDinoConfig(
        backbone_config=swin, text_config=bert, d_model=32, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, encoder_attention_heads=2, decoder_attention_heads=2, num_queries=20, max_text_len=24,
    )  # fmt: skip
    torch.manual_seed(0)  # another prompt wins for some box than for most
    shake(transformers.GroundingDinoForObjectDetection(config)).save_pretrained(folder)
    images = GroundingDinoImageProcessorPil(size={"shortest_edge": 80, "longest_edge": 120})
    transformers.GroundingDinoProcessor(images, bert_tokenizer()).save_pretrained(folder)
    return {"weights": folder}
