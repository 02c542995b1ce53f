"""The network of Depth Anything 3 for one image, built of parts of transformers, and the names of its published weights.

Its parts are those of Depth Anything V2, a DINOv2 and a DPT head, but for the head's exponential, a second head for the
sky, the last layer norm's epsilon and how places are stretched. Source of structure and names:
github.com/ByteDance-Seed/Depth-Anything-3 (Apache-2.0).
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ocella.errors import Mismatch

__all__ = ["PATCH", "build", "forward", "parted", "rename"]

PATCH = 14
_STAGES = ("stage5", "stage12", "stage18", "stage24")
_HEAD_WIDTH = 64
_NAMES = (
    (r"backbone\.pretrained\.cls_token", r"backbone.embeddings.cls_token"),
    (r"backbone\.pretrained\.pos_embed", r"backbone.embeddings.position_embeddings"),
    (r"backbone\.pretrained\.patch_embed\.proj\.(\w+)", r"backbone.embeddings.patch_embeddings.projection.\1"),
    (r"backbone\.pretrained\.norm\.(\w+)", r"backbone.layernorm.\1"),
    (r"backbone\.pretrained\.blocks\.(\d+)\.attn\.proj\.(\w+)", r"backbone.encoder.layer.\1.attention.o_proj.\2"),
    (r"backbone\.pretrained\.blocks\.(\d+)\.attn\.qkv\.(\w+)", r"backbone.encoder.layer.\1.attention.qkv.\2"),
    (r"backbone\.pretrained\.blocks\.(\d+)\.ls(\d)\.gamma", r"backbone.encoder.layer.\1.layer_scale\2.lambda1"),
    (r"backbone\.pretrained\.blocks\.(\d+)\.(norm\d|mlp\.fc\d)\.(\w+)", r"backbone.encoder.layer.\1.\2.\3"),
    (r"head\.projects\.(\d)\.(\w+)", r"neck.reassemble_stage.layers.\1.projection.\2"),
    (r"head\.resize_layers\.(\d)\.(\w+)", r"neck.reassemble_stage.layers.\1.resize.\2"),
    (r"head\.scratch\.output_conv1\.(\w+)", r"head.conv1.\1"),
    (r"head\.scratch\.output_conv2\.0\.(\w+)", r"head.conv2.\1"),
    (r"head\.scratch\.output_conv2\.2\.(\w+)", r"head.conv3.\1"),
    (r"head\.scratch\.sky_output_conv2\.(\d)\.(\w+)", r"head.sky.\1.\2"),
)
_FUSION = re.compile(r"head\.scratch\.refinenet(\d)\.(?:out_conv|resConfUnit(\d)\.conv(\d))\.(\w+)")
_SCALE = re.compile(r"head\.scratch\.layer(\d)_rn\.weight")


def rename(name: str) -> str:
    """A published tensor's name in the network; unknown ones stay as they are, to be refused."""
    inner = name.removeprefix("model.")
    for published, own in _NAMES:
        if re.fullmatch(published, inner):
            return re.sub(published, own, inner)
    if found := _SCALE.fullmatch(inner):
        return f"neck.convs.{int(found[1]) - 1}.weight"
    if found := _FUSION.fullmatch(inner):
        part = f"residual_layer{found[2]}.convolution{found[3]}" if found[2] else "projection"
        return f"neck.fusion_stage.layers.{4 - int(found[1])}.{part}.{found[4]}"
    return name


def parted(tensors: dict[str, Any]) -> dict[str, Any]:
    """Queries, keys and values, which are published as one tensor, as three."""
    out: dict[str, Any] = {}
    for name, tensor in tensors.items():
        if ".attention.qkv." not in name:
            out[name] = tensor
            continue
        for part, piece in zip("qkv", tensor.chunk(3), strict=True):
            out[name.replace(".qkv.", f".{part}_proj.")] = piece
    return out


def build(tensors: Mapping[str, Any]) -> Any:
    """The network of the tensors' sizes; raises Mismatch where they are of another network."""
    import transformers
    from torch import nn

    try:
        positions, hidden = tensors["backbone.embeddings.position_embeddings"].shape[1:]
        neck = [tensors[f"neck.reassemble_stage.layers.{i}.projection.weight"].shape[0] for i in range(4)]
        fusion, narrow = tensors["neck.convs.0.weight"].shape[0], tensors["head.conv2.weight"].shape[0]
        ratio = tensors["backbone.encoder.layer.0.mlp.fc1.weight"].shape[0] // hidden
    except KeyError as error:
        raise Mismatch(
            f"These are no weights of a Depth Anything 3 for one image: {error} is not among them."
        ) from error
    backbone = transformers.Dinov2Config(
        hidden_size=hidden,
        num_hidden_layers=24,
        num_attention_heads=max(1, hidden // _HEAD_WIDTH),
        mlp_ratio=ratio,
        image_size=PATCH * round((positions - 1) ** 0.5),
        patch_size=PATCH,
        out_features=list(_STAGES),
        apply_layernorm=True,
        reshape_hidden_states=False,
        use_mask_token=False,
    )
    config = transformers.DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=hidden,
        neck_hidden_sizes=neck,
        fusion_hidden_size=fusion,
        head_hidden_size=narrow,
    )
    network = transformers.DepthAnythingForDepthEstimation(config)
    network.backbone.layernorm.eps = 1e-5
    network.neck.fusion_stage.layers[0].residual_layer1 = nn.Identity()  # has nothing to add
    network.head.sky = nn.Sequential(nn.Conv2d(fusion // 2, narrow, 3, padding=1), nn.ReLU(), nn.Conv2d(narrow, 1, 1))
    embeddings = network.backbone.embeddings
    embeddings.interpolate_pos_encoding = partial(_places, embeddings)
    return network


def _places(embeddings: Any, tokens: Any, height: int, width: int) -> Any:
    """What tells patches where they are, stretched to the image by a factor that is a tenth of a patch too large: so the
    weights were trained.
    """
    import torch

    known = embeddings.position_embeddings
    side = round((known.shape[1] - 1) ** 0.5)
    rows, columns = height // PATCH, width // PATCH
    if (rows, columns) == (side, side):
        return known
    grid = known[:, 1:].float().reshape(1, side, side, -1).permute(0, 3, 1, 2)
    factor = ((rows + 0.1) / side, (columns + 0.1) / side)
    stretched = torch.nn.functional.interpolate(grid, scale_factor=factor, mode="bicubic")
    return torch.cat([known[:, :1], stretched.flatten(2).transpose(1, 2).to(known.dtype)], dim=1).to(tokens.dtype)


def forward(network: Any, pixels: Any) -> tuple[Any, Any]:
    """Depth and how much each pixel is sky, both (n, h, w), of images (n, 3, h, w) with sides in whole patches."""
    import torch

    rows, columns = pixels.shape[2] // PATCH, pixels.shape[3] // PATCH
    fused = network.neck(network.backbone(pixels).feature_maps, rows, columns)[-1]
    shared = torch.nn.functional.interpolate(
        network.head.conv1(fused), size=tuple(pixels.shape[2:]), mode="bilinear", align_corners=True
    )
    depth = network.head.conv3(network.head.conv2(shared).relu()).exp()
    return depth[:, 0], network.head.sky(shared).relu()[:, 0]
