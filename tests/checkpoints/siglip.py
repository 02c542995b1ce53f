"""A small random SigLIP or SigLIP 2, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.contrastive import SIDE, TOWER, gemma_tokenizer, sentencepiece_model, vision
from tests.checkpoints.parts import shake

__all__ = ["make"]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
    from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

    places = {"model_max_length": 64, "model_input_names": ["input_ids"]}
    if name.startswith("siglip-"):
        words = transformers.SiglipTokenizer(sentencepiece_model(folder), **places)
    else:
        words = gemma_tokenizer(**places)
    text = {**TOWER, "vocab_size": len(words), "max_position_embeddings": 64}
    if "naflex" in name:
        flexible = {**TOWER, "num_patches": 16, "patch_size": 16}
        network: Any = transformers.Siglip2Model(transformers.Siglip2Config(text_config=text, vision_config=flexible))
        images: Any = Siglip2ImageProcessorPil(patch_size=16, max_num_patches=16)
        processor: Any = transformers.Siglip2Processor(images, words)
    else:
        network = transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision()))
        images = SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE})
        processor = transformers.SiglipProcessor(images, words)
    shake(network, by=0.2)
    network.logit_scale.data.fill_(2.5)  # texts are mostly padding here, and small differences should show
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return {"weights": folder, "threads": 1}
