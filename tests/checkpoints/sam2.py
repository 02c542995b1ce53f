"""A small random SAM 2, made with its own library."""

import json
from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

SIDE = 128
HIDDEN = 128
"""More than the 64 of its memory, which the library fixes."""


def vision(hidden: int) -> Any:
    """The configuration of a small image encoder."""
    import transformers

    backbone = transformers.Sam2HieraDetConfig(
        hidden_size=12, num_attention_heads=1, image_size=[SIDE, SIDE], blocks_per_stage=[1, 1, 1, 1],
        embed_dim_per_stage=[12, 24, 48, 96], num_attention_heads_per_stage=[1, 2, 4, 8],
        window_size_per_stage=[4, 4, 4, 4], global_attention_blocks=[],
    )  # fmt: skip
    return transformers.Sam2VisionConfig(
        backbone_config=backbone, backbone_channel_list=[96, 48, 24, 12],
        backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]], fpn_hidden_size=hidden, fpn_top_down_levels=[2, 3],
    )  # fmt: skip


def heads(hidden: int) -> dict[str, Any]:
    """Settings of small prompt encoder and mask decoder."""
    return {
        "prompt_encoder_config": {
            "hidden_size": hidden, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 4
        },
        "mask_decoder_config": {
            "hidden_size": hidden, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 32
        },
    }  # fmt: skip


def write_settings(folder: Path) -> None:
    """The settings of images, as the library's preparation, which needs torchvision, would write them."""
    settings = {
        "image_processor_type": "Sam2ImageProcessor", "size": {"height": SIDE, "width": SIDE}, "rescale_factor": 1 / 255,
        "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 2,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")


def lively(network: Any) -> Any:
    """Random weights whose masks differ from prompt to prompt, and whose objects are in view now and then."""
    import torch

    shake(network, seed=1, by=0.3)
    with torch.no_grad():
        network.prompt_encoder.point_embed.weight.mul_(3)
        network.mask_decoder.pred_obj_score_head.proj_out.weight.mul_(0.1)
        network.mask_decoder.pred_obj_score_head.proj_out.bias.sub_(2.7)
    return network


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers

    del name
    torch.manual_seed(1)
    config = transformers.Sam2Config(vision_config=vision(32), **heads(32))
    lively(transformers.Sam2Model(config)).save_pretrained(folder)
    write_settings(folder)
    return {"weights": folder}
