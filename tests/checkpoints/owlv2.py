"""A small random OWLv2, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import clip_tokenizer

SIDE = 64


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    del name
    words = clip_tokenizer()
    text = {
        "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 16, "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id, "pad_token_id": 0,
    }  # fmt: skip
    vision = {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": SIDE, "patch_size": 16,
    }  # fmt: skip
    network = transformers.Owlv2ForObjectDetection(
        transformers.Owlv2Config(text_config=text, vision_config=vision, projection_dim=32)
    )
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter_name, parameter in network.named_parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
            if "box_head" in parameter_name or "class_head" in parameter_name:
                parameter.mul_(0.15)
    network.eval().save_pretrained(folder)
    images = Owlv2ImageProcessorPil(size={"height": SIDE, "width": SIDE})
    transformers.Owlv2Processor(images, words).save_pretrained(folder)
    return {"weights": folder}
