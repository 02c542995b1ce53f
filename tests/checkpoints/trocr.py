"""A small random TrOCR, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from tokenizers import pre_tokenizers
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = transformers.RobertaTokenizer(vocab={t: i for i, t in enumerate([*marks, *letters])}, merges=[])
    size: dict[str, Any] = {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 64,
        "patch_size": 16,
    }  # fmt: skip
    encoder = transformers.DeiTConfig(**size) if "small" in name else transformers.ViTConfig(**size)
    decoder = transformers.TrOCRConfig(
        vocab_size=len(words), d_model=32, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=32,
        max_position_embeddings=24, cross_attention_hidden_size=32, is_decoder=True, add_cross_attention=True,
    )  # fmt: skip
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    torch.manual_seed(0)  # words that are not all blank
    network = shake(transformers.VisionEncoderDecoderModel(config), by=0.3)
    for settings in (network.generation_config, config):
        settings.decoder_start_token_id = words.eos_token_id
        settings.pad_token_id = words.pad_token_id
        settings.eos_token_id = words.eos_token_id
    network.save_pretrained(folder)
    images = ViTImageProcessorPil(size={"height": 64, "width": 64})
    transformers.TrOCRProcessor(images, words).save_pretrained(folder)
    return {"weights": folder}
