"""Small random weights of a Depth Anything 3, by the names that its authors publish."""

from pathlib import Path
from typing import Any

HIDDEN, SIDE, FUSION, NECK = 64, 5, 16, (8, 8, 16, 16)


def tensors() -> dict[str, Any]:
    """What the file of DA3MONO-LARGE holds, in other sizes. Names: github.com/ByteDance-Seed/Depth-Anything-3."""
    import torch

    torch.manual_seed(4)
    shapes: dict[str, tuple[int, ...]] = {
        "cls_token": (1, 1, HIDDEN), "pos_embed": (1, SIDE * SIDE + 1, HIDDEN), "norm.weight": (HIDDEN,),
        "norm.bias": (HIDDEN,), "patch_embed.proj.weight": (HIDDEN, 3, 14, 14), "patch_embed.proj.bias": (HIDDEN,),
    }  # fmt: skip
    for i in range(24):
        shapes |= {f"blocks.{i}.norm{n}.{p}": (HIDDEN,) for n in (1, 2) for p in ("weight", "bias")}
        shapes |= {f"blocks.{i}.ls{n}.gamma": (HIDDEN,) for n in (1, 2)}
        for part, out, into in (("attn.qkv", 3, 1), ("attn.proj", 1, 1), ("mlp.fc1", 4, 1), ("mlp.fc2", 1, 4)):
            shapes[f"blocks.{i}.{part}.weight"] = (out * HIDDEN, into * HIDDEN)
            shapes[f"blocks.{i}.{part}.bias"] = (out * HIDDEN,)
    named = {f"model.backbone.pretrained.{name}": shape for name, shape in shapes.items()}
    head: dict[str, tuple[int, ...]] = {}
    for i, width in enumerate(NECK):
        head |= {f"projects.{i}.weight": (width, HIDDEN, 1, 1), f"projects.{i}.bias": (width,)}
        head[f"scratch.layer{i + 1}_rn.weight"] = (FUSION, width, 3, 3)
    for i, kernel in ((0, 4), (1, 2), (3, 3)):
        head |= {f"resize_layers.{i}.weight": (NECK[i], NECK[i], kernel, kernel), f"resize_layers.{i}.bias": (NECK[i],)}
    for i in range(1, 5):
        head |= {f"scratch.refinenet{i}.out_conv.weight": (FUSION, FUSION, 1, 1)}
        head |= {f"scratch.refinenet{i}.out_conv.bias": (FUSION,)}
        for unit in (1, 2)[i == 4 :]:
            for conv in ("conv1", "conv2"):
                head[f"scratch.refinenet{i}.resConfUnit{unit}.{conv}.weight"] = (FUSION, FUSION, 3, 3)
                head[f"scratch.refinenet{i}.resConfUnit{unit}.{conv}.bias"] = (FUSION,)
    head |= {"scratch.output_conv1.weight": (FUSION // 2, FUSION, 3, 3), "scratch.output_conv1.bias": (FUSION // 2,)}
    for branch in ("output_conv2", "sky_output_conv2"):
        head |= {f"scratch.{branch}.0.weight": (32, FUSION // 2, 3, 3), f"scratch.{branch}.0.bias": (32,)}
        head |= {f"scratch.{branch}.2.weight": (1, 32, 1, 1), f"scratch.{branch}.2.bias": (1,)}
    named |= {f"model.head.{name}": shape for name, shape in head.items()}
    made = {name: torch.randn(shape) * (0.6 / max(1, _fan_in(shape)) ** 0.5) for name, shape in named.items()}
    lifted = ("norm.weight", "norm1.weight", "norm2.weight", "gamma", "sky_output_conv2.2.bias")
    return {name: t + 1 if name.endswith(lifted) else t for name, t in made.items()}


def _fan_in(shape: tuple[int, ...]) -> int:
    size = 1
    for side in shape[1:]:
        size *= side
    return size


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write weights for the card `name` into `folder`; the options that load them."""
    from safetensors.torch import save_file

    del name
    save_file(tensors(), folder / "model.safetensors")
    return {"weights": folder}
