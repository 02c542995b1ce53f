"""A small random RT-DETR of either version, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.query_detectors import LABELS, save


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

    version = "RTDetrV2" if "v2" in name else "RTDetr"
    backbone = transformers.RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = getattr(transformers, f"{version}Config")(
        backbone_config=backbone, encoder_hidden_dim=32, encoder_in_channels=[8, 16, 16], encoder_ffn_dim=32,
        encoder_attention_heads=2, d_model=32, num_queries=20, decoder_in_channels=[32, 32, 32], decoder_ffn_dim=32,
        decoder_layers=2, decoder_attention_heads=2, decoder_n_points=2, num_labels=len(LABELS), num_denoising=0,
    )  # fmt: skip
    images = RTDetrImageProcessorPil(size={"height": 64, "width": 64})
    network = getattr(transformers, f"{version}ForObjectDetection")(config)
    return save(network, images, folder, heads=("class_embed", "enc_score_head"), by=0.4)
