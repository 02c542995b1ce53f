"""A small random CLIPSeg, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import clip_tokenizer, shake


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    del name
    torch.manual_seed(1)
    words = clip_tokenizer(pad="<|endoftext|>")
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 2}
    text = {
        **sizes, "vocab_size": len(words), "num_hidden_layers": 1, "max_position_embeddings": 16,
        "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id,
    }  # fmt: skip
    vision = {**sizes, "num_hidden_layers": 3, "image_size": 64, "patch_size": 16}
    network = transformers.CLIPSegForImageSegmentation(
        transformers.CLIPSegConfig(
            text_config=text, vision_config=vision, projection_dim=16, extract_layers=[0, 1, 2], reduce_dim=16,
            decoder_num_attention_heads=2, decoder_intermediate_size=32,
        )
    )  # fmt: skip
    shake(network, by=0.2)
    with torch.no_grad():
        network.decoder.film_mul.weight.mul_(3)
    network.save_pretrained(folder)
    images = ViTImageProcessorPil(size={"height": 64, "width": 64})
    transformers.CLIPSegProcessor(images, words).save_pretrained(folder)
    return {"weights": folder}
