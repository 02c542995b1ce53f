"""Names and sizes of DETRPose's published weights."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ocella.errors import Mismatch
from ocella.models.networks.detrpose_encoder import HEADS

__all__ = ["DecoderSizes", "DetrPoseSizes", "StageSizes", "parted", "rename", "sizes_of"]

_BACKBONE = (("stem.", "embedder."), ("stages.", "encoder.stages."))
_TRAINING = ("transformer.label_enc.", "transformer.pose_enc.")
_HEAD = re.compile(r"decoder\.(class_embed|lqe_embed)\.(\d+)\.(.+)")


@dataclass(frozen=True)
class StageSizes:
    """Channels, blocks, convolutions of a block and their kernel of one stage; `light` ones look at each channel alone."""

    before: int
    middle: int
    after: int
    blocks: int
    layers: int
    kernel: int
    light: bool


@dataclass(frozen=True)
class DecoderSizes:
    """`places` of all maps, `samples` taken around a point, `bins` that move it, `quality` channels that judge it."""

    width: int
    layers: int
    feedforward: int
    samples: int
    queries: int
    keypoints: int
    classes: int
    bins: int
    quality: int
    places: int


@dataclass(frozen=True)
class DetrPoseSizes:
    """`stem` of the backbone, its `stages`, the last `levels` of which are used, whether it has learned scales (`affine`),
    and of the encoder the feedforward and middle channels and the repeats.
    """

    stem: tuple[int, int]
    stages: tuple[StageSizes, ...]
    levels: int
    affine: bool
    encoder: tuple[int, int, int]
    decoder: DecoderSizes


def rename(name: str) -> str | None:
    """The name here of a published tensor; None for what only training needs."""
    if name.startswith(_TRAINING):
        return None
    part, _, inner = name.partition(".")
    if part == "backbone":
        for published, own in _BACKBONE:
            inner = own + inner.removeprefix(published) if inner.startswith(published) else inner
        return f"backbone.{inner.replace('.conv.', '.convolution.').replace('.bn.', '.normalization.')}"
    if part == "transformer":
        return f"decoder.{inner.removeprefix('decoder.')}"
    name = name.replace("encoder.encoder.0.layers.0.", "encoder.attention.")
    return re.sub(r"(downsample_convs\.\d+)\.0\.", r"\1.", name)


def parted(tensors: dict[str, Any]) -> dict[str, Any]:
    """Of the heads of each layer, with which it was trained, the last alone; and batch counts of the backbone's norms,
    which were frozen and so are published without.
    """
    last = max((int(found[2]) for found in map(_HEAD.fullmatch, tensors) if found), default=0)
    out = {}
    for name, tensor in tensors.items():
        head = _HEAD.fullmatch(name)
        if head is None:
            out[name] = tensor
        elif int(head[2]) == last:
            out[f"decoder.{head[1]}.{head[3]}"] = tensor
        if name.startswith("backbone.") and name.endswith(".running_var"):
            out.setdefault(name.replace("running_var", "num_batches_tracked"), torch.tensor(0))
    return out


def sizes_of(tensors: Mapping[str, Any]) -> DetrPoseSizes:
    """The sizes of weights by their shapes; raises Mismatch where they are of another network."""
    try:
        levels = _count(tensors, "encoder.input_proj.")
        repeats = _count(tensors, "encoder.fpn_blocks.0.cv2.0.bottlenecks.")
        return DetrPoseSizes(
            (
                _out(tensors, "backbone.embedder.stem1.convolution"),
                _out(tensors, "backbone.embedder.stem4.convolution"),
            ),
            tuple(_stage(tensors, i) for i in range(_count(tensors, "backbone.encoder.stages."))),
            levels,
            any(".lab." in name for name in tensors),
            (_out(tensors, "encoder.attention.linear1"), _out(tensors, "encoder.fpn_blocks.0.cv2.1.conv"), repeats),
            _decoder(tensors, levels),
        )
    except KeyError as error:
        raise Mismatch(f"These are no weights of a DETRPose: {error} is not among them.") from error


def _stage(tensors: Mapping[str, Any], number: int) -> StageSizes:
    stage = f"backbone.encoder.stages.{number}."
    block = f"{stage}blocks.0."
    light = f"{block}layers.0.conv1.convolution.weight" in tensors
    first = tensors[f"{block}layers.0.{'conv1.' if light else ''}convolution.weight"].shape
    kernel = tensors[f"{block}layers.0.{'conv2.' if light else ''}convolution.weight"].shape[-1]
    after = _out(tensors, f"{block}aggregation.1.convolution")
    blocks, layers = _count(tensors, f"{stage}blocks."), _count(tensors, f"{block}layers.")
    return StageSizes(first[1], first[0], after, blocks, layers, kernel, light)


def _decoder(tensors: Mapping[str, Any], levels: int) -> DecoderSizes:
    queries, width = tensors["decoder.tgt_embed.weight"].shape
    weighed = _out(tensors, "decoder.layers.0.cross_attn.attention_weights")
    return DecoderSizes(
        width=width,
        layers=_count(tensors, "decoder.layers."),
        feedforward=_out(tensors, "decoder.layers.0.linear1"),
        samples=weighed // (HEADS * levels),
        queries=queries,
        keypoints=_out(tensors, "decoder.keypoint_embedding"),
        classes=_out(tensors, "decoder.class_embed"),
        bins=_out(tensors, "decoder.pose_embed.0.layers.2") // 2,
        quality=_out(tensors, "decoder.lqe_embed.reg_conf.layers.0"),
        places=tensors["decoder.anchors"].shape[1],
    )


def _out(tensors: Mapping[str, Any], name: str) -> int:
    return int(tensors[f"{name}.weight"].shape[0])


def _count(tensors: Mapping[str, Any], prefix: str) -> int:
    """How many numbered parts there are under `prefix`; raises KeyError where there is none."""
    parts = {name[len(prefix) :].partition(".")[0] for name in tensors if name.startswith(prefix)}
    if not parts:
        raise KeyError(f"{prefix}0")
    return len(parts)
