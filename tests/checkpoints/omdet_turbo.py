"""A small random OmDet-Turbo, made with its own library, with a Swin of its own instead of timm's."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import clip_tokenizer, shake


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

    del name
    words = clip_tokenizer(pad="<|endoftext|>", length=77)
    swin = transformers.SwinConfig(
        embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2, image_size=64,
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    text = transformers.CLIPTextConfig(
        vocab_size=len(words), hidden_size=64, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=77, projection_dim=64, bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id, pad_token_id=words.eos_token_id,
    )  # fmt: skip
    config = transformers.OmDetTurboConfig(
        text_config=text, backbone_config=swin, apply_layernorm_after_vision_backbone=False, image_size=64,
        class_embed_dim=64, text_projection_in_dim=64, text_projection_out_dim=64, encoder_hidden_dim=32,
        decoder_hidden_dim=32, vision_features_channels=[32, 32, 32], encoder_in_channels=[16, 32, 64],
        encoder_dim_feedforward=32, decoder_dim_feedforward=32, encoder_attention_heads=2, decoder_num_heads=2,
        decoder_num_layers=2, num_queries=20, task_encoder_hidden_dim=32, decoder_num_points=2,
    )  # fmt: skip
    shake(transformers.OmDetTurboForObjectDetection(config)).save_pretrained(folder)
    images = DetrImageProcessorPil(
        size={"height": 64, "width": 64}, do_rescale=False, image_mean=[123.675, 116.28, 103.53],
        image_std=[58.395, 57.12, 57.375], do_pad=False,
    )  # fmt: skip
    images.save_pretrained(folder)
    words.save_pretrained(folder)
    return {"weights": folder}
