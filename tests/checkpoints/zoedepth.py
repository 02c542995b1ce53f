"""A small random ZoeDepth, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

HEADS = [
    {"name": "nyu", "n_bins": 8, "min_depth": 1e-3, "max_depth": 10.0},
    {"name": "kitti", "n_bins": 8, "min_depth": 1e-3, "max_depth": 80.0},
]


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    import transformers
    from transformers.models.zoedepth.image_processing_pil_zoedepth import ZoeDepthImageProcessorPil

    backbone = transformers.BeitConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32, image_size=64, patch_size=16,
        out_features=[f"stage{i}" for i in range(1, 5)], reshape_hidden_states=False, use_relative_position_bias=True,
    )  # fmt: skip
    several: dict[str, Any] = {
        "num_patch_transformer_layers": 4, "patch_transformer_hidden_size": 128,
        "patch_transformer_intermediate_size": 16, "patch_transformer_num_attention_heads": 2,
    }  # fmt: skip
    config = transformers.ZoeDepthConfig(
        backbone_config=backbone, neck_hidden_sizes=[8, 8, 16, 16], fusion_hidden_size=16, bottleneck_features=16,
        num_relative_features=8, num_attractors=[2, 2, 2, 1], bin_embedding_dim=16,
        bin_configurations=HEADS if name == "zoedepth-nyu-kitti" else HEADS[:1],
        **(several if name == "zoedepth-nyu-kitti" else {}),
    )  # fmt: skip
    torch.manual_seed(1)  # both heads are chosen for some picture
    network = shake(transformers.ZoeDepthForDepthEstimation(config), by=0.2)
    if name == "zoedepth-nyu-kitti":
        with torch.no_grad():  # so that either head is chosen for some pictures
            network.metric_head.mlp_classifier.linear2.bias[0] += 2
    network.save_pretrained(folder)
    ZoeDepthImageProcessorPil(size={"height": 64, "width": 96}, ensure_multiple_of=32).save_pretrained(folder)
    return {"weights": folder}
