"""A small random DPT, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

STAGES = [f"stage{i}" for i in range(1, 5)]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

    shape: dict[str, Any] = {"neck_hidden_sizes": [8, 16, 32, 64], "fusion_hidden_size": 16}
    if "swin" in name:
        shape["backbone_config"] = transformers.Swinv2Config(
            image_size=64, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4, out_features=STAGES
        )
    else:
        shape |= {
            "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 32,
            "image_size": 64, "patch_size": 16, "backbone_out_indices": [0, 1, 2, 3],
        }  # fmt: skip
    shake(transformers.DPTForDepthEstimation(transformers.DPTConfig(**shape)), by=0.1).save_pretrained(folder)
    DPTImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return {"weights": folder}
