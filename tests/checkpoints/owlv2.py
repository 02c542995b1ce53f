"""A small random OWLv2, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import clip_tokenizer

SIDE = 64


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    del name
    words = clip_tokenizer()
    text, vision = sizes(words)
    config = transformers.Owlv2Config(text_config=text, vision_config=vision, projection_dim=32)
    scatter(transformers.Owlv2ForObjectDetection(config)).save_pretrained(folder)
    images = Owlv2ImageProcessorPil(size={"height": SIDE, "width": SIDE})
    transformers.Owlv2Processor(images, words).save_pretrained(folder)
    return {"weights": folder}


def sizes(words: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of the text and the image side."""
    text = {
        "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 16, "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id, "pad_token_id": 0,
    }  # fmt: skip
    vision = {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": SIDE, "patch_size": 16,
    }  # fmt: skip
    return text, vision


def scatter(network: Any) -> Any:
    """Random weights with boxes and scores of many sizes."""
    import torch

    torch.manual_seed(5)
    with torch.no_grad():
        for parameter_name, parameter in network.named_parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
            if "box_head" in parameter_name or "class_head" in parameter_name:
                parameter.mul_(0.15)
    return network.eval()
