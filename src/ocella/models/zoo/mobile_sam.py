"""MobileSAM: SAM's prompts and masks behind a small image encoder, fast without a graphics card."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ocella.errors import Mismatch
from ocella.models.card import ModelCard
from ocella.models.checkpoints.port_checkpoint import open_port
from ocella.models.checkpoints.transformers_checkpoint import adopt_card
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.sam_segmenter import SamSegmenter

__all__ = ["UNITS", "rename"]

_SIDE = 1024
_ENCODER = "vision_encoder."
_CARD = ModelCard(
    name="mobile-sam",
    try_order=4,
    advice="the outline of whatever a box or a click shows, on a small machine",
    task="segment",
    summary="a mask of whatever each box or point shows; a tenth of the size of SAM and many times faster",
    checkpoint="file: mobile_sam.pt of github.com/ChaoningZhang/MobileSAM (folder weights)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=9_808_708,
    megabytes=39.2,
    input_hw=(_SIDE, _SIDE),
    threshold=0.5,
    extra="torch",
    aliases=("mobilesam",),
    good_at="masks for boxes and clicks where there is no graphics card",
    bad_at="naming what it masks; outlines less exact than those of the larger SAMs",
    run_here="small self-made checkpoints only; at full size beside an independent implementation on the same random weights",
    system="MobileSAM",
    library="port",
    prompts=("box", "point"),
    score_kind="none",
    speed="medium",
    memory_gb=2,
)
_WORDS = (
    (r"^image_encoder\.", _ENCODER),
    (r"\bpe_layer\.positional_encoding_gaussian_matrix$", "shared_embedding.positional_embedding"),
    (r"\bpoint_embeddings\.", "point_embed."),
    (r"\bmask_downscaling\.0\.", "mask_embed.conv1."),
    (r"\bmask_downscaling\.1\.", "mask_embed.layer_norm1."),
    (r"\bmask_downscaling\.3\.", "mask_embed.conv2."),
    (r"\bmask_downscaling\.4\.", "mask_embed.layer_norm2."),
    (r"\bmask_downscaling\.6\.", "mask_embed.conv3."),
    (r"\boutput_upscaling\.0\.", "upscale_conv1."),
    (r"\boutput_upscaling\.1\.", "upscale_layer_norm."),
    (r"\boutput_upscaling\.3\.", "upscale_conv2."),
    (r"^(mask_decoder\.transformer\..*)\bnorm", r"\1layer_norm"),
    (r"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.layers\.0\.", r"\1.proj_in."),
    (r"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.layers\.2\.", r"\1.proj_out."),
    (r"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.layers\.1\.", r"\1.layers.0."),
)
"""Published names to those of the library's prompt encoder and mask decoder, tried in this order."""
_CLASSIFIER = re.compile(r"^image_encoder\.(norm_head|head)\.|\.attention_bias_idxs$")
"""Left over from the classifier that the encoder was."""


def rename(name: str) -> str | None:
    """The library's name of a published tensor; None for one that is of no use here."""
    if _CLASSIFIER.search(name):
        return None
    for pattern, word in _WORDS:
        name, changed = re.subn(pattern, word, name)
        if changed and not pattern.startswith(r"^image_encoder"):
            break
    return name


def _build(tensors: Mapping[str, Any]) -> Any:
    """SAM without its encoder, and TinyViT in that one's place, in the sizes that the tensors have."""
    import transformers

    from ocella.models.networks.tiny_vit import TinyVit, sizes_of

    try:
        sizes = sizes_of(tensors, _ENCODER)
        perceptron = int(tensors["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0])
        overlap = int(tensors["mask_decoder.iou_prediction_head.proj_in.weight"].shape[0])
        downscaled = int(tensors["prompt_encoder.mask_embed.conv2.weight"].shape[0])
    except KeyError as error:
        raise Mismatch(f"The file is not the published weights of '{_CARD.name}': it lacks {error.args[0]}.") from error
    placeholder = transformers.SamVisionConfig(
        hidden_size=16, num_hidden_layers=0, num_attention_heads=1, mlp_dim=16, num_pos_feats=sizes.neck // 2
    )
    prompts = {"hidden_size": sizes.neck, "image_size": _SIDE, "mask_input_channels": downscaled}
    decoder = {"hidden_size": sizes.neck, "mlp_dim": perceptron, "iou_head_hidden_dim": overlap}
    network = transformers.SamModel(
        transformers.SamConfig(
            vision_config=placeholder.to_dict(), prompt_encoder_config=prompts, mask_decoder_config=decoder
        )
    )
    network.vision_encoder = TinyVit(sizes)
    shared = network.prompt_encoder.shared_embedding
    del network.shared_image_embedding
    object.__setattr__(network, "shared_image_embedding", shared)  # known twice, but one tensor of the file
    return network


def _open(card: ModelCard, options: LoadOptions) -> SamSegmenter:
    opened = open_port(card, options, _build, rename)
    return SamSegmenter(adopt_card(card, options, opened), opened, {})


UNITS = (ModelEntry(_CARD, partial(_open, _CARD)),)
