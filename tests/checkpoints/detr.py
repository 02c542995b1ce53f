"""A small random DETR, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.query_detectors import LABELS, save


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

    del name
    backbone = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], out_features=["stage4"]
    )
    config = transformers.DetrConfig(
        use_timm_backbone=False, backbone_config=backbone, backbone=None, num_queries=12, d_model=32,
        encoder_layers=1, decoder_layers=2, encoder_ffn_dim=32, decoder_ffn_dim=32, encoder_attention_heads=2,
        decoder_attention_heads=2, num_labels=len(LABELS),
    )  # fmt: skip
    images = DetrImageProcessorPil(size={"shortest_edge": 80, "longest_edge": 120})
    network = transformers.DetrForObjectDetection(config)
    return save(network, images, folder, heads=("class_labels_classifier",), by=0.4, nothing=3)
