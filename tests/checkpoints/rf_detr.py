"""A small random RF-DETR, for boxes or for outlines, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.query_detectors import LABELS, save

SIDE = 64


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it. Its preparation is the one that
    published checkpoints declare.
    """
    import transformers
    from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

    backbone = transformers.RfDetrDinov2Config(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=2, image_size=SIDE, patch_size=8,
        out_indices=[2, 4], num_windows=2,
    )  # fmt: skip
    config = transformers.RfDetrConfig(
        backbone_config=backbone, projector_scale_factors=[1.0], d_model=32, decoder_layers=2, decoder_ffn_dim=32,
        decoder_self_attention_heads=2, decoder_cross_attention_heads=2, num_queries=12, group_detr=1,
        decoder_n_points=2, num_labels=len(LABELS), c2f_num_blocks=1, mask_downsample_ratio=4,
    )  # fmt: skip
    kind = "InstanceSegmentation" if "seg" in name else "ObjectDetection"
    network = getattr(transformers, f"RfDetrFor{kind}")(config)
    images = DetrImageProcessorPil(size={"height": SIDE, "width": SIDE})
    return save(network, images, folder, heads=("class_embed",), by=0.08)
