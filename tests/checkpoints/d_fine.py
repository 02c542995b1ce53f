"""A small random D-FINE, made with its own library."""

from pathlib import Path
from typing import Any

from tests.checkpoints.query_detectors import LABELS, save


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

    del name
    backbone = transformers.HGNetV2Config(
        stage_in_channels=[8, 8, 16, 16], stage_mid_channels=[8, 8, 8, 8], stage_out_channels=[8, 16, 16, 32],
        stage_num_blocks=[1, 1, 1, 1], stage_downsample=[False, True, True, True],
        stage_light_block=[False, False, True, True], stage_kernel_size=[3, 3, 3, 3],
        stage_numb_of_layers=[1, 1, 1, 1], stem_channels=[3, 8, 8], hidden_sizes=[8, 16, 16, 32],
        depths=[1, 1, 1, 1], out_features=["stage2", "stage3", "stage4"], out_indices=[2, 3, 4],
    )  # fmt: skip
    config = transformers.DFineConfig(
        backbone_config=backbone, encoder_hidden_dim=32, encoder_in_channels=[16, 16, 32], encoder_ffn_dim=32,
        encoder_attention_heads=2, d_model=32, num_queries=20, decoder_in_channels=[32, 32, 32], decoder_ffn_dim=32,
        decoder_layers=2, decoder_attention_heads=2, decoder_n_points=[2, 2, 2], num_labels=len(LABELS),
        num_denoising=0,
    )  # fmt: skip
    images = RTDetrImageProcessorPil(size={"height": 64, "width": 64})
    network = transformers.DFineForObjectDetection(config)
    return save(network, images, folder, heads=("class_embed", "enc_score_head"), by=0.3, spread=1)
