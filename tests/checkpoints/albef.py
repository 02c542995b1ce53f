"""A small random ALBEF under the published names of its tensors, with what only training needs beside it."""

from pathlib import Path
from typing import Any

__all__ = ["make", "published"]

WORDS = 30522
WIDTH = 128
SIDE = 48


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch

    del name
    torch.save({"model": published(), "epoch": 30}, folder / "ALBEF.pth")
    return {"weights": folder / "ALBEF.pth", "pickle": True, "threads": 1}


def published(*, text: int = 2, fused: int = 2, seed: int = 8) -> dict[str, Any]:
    """Tensors by their published names: `text` layers that read, then `fused` layers that look."""
    import torch

    torch.manual_seed(seed)
    shapes = _image(SIDE // 16) | _text(text, fused)
    shapes |= {"vision_proj": (24, WIDTH), "text_proj": (24, WIDTH), "itm_head": (2, WIDTH)}
    tensors: dict[str, Any] = {}
    for name, shape in shapes.items():
        if name.endswith(("norm", "norm1", "norm2", "LayerNorm")):
            tensors |= {f"{name}.weight": 1 + torch.randn(shape) * 0.1, f"{name}.bias": torch.randn(shape) * 0.1}
        elif name.endswith(("_embeddings", "_token", "_embed")):
            tensors[f"{name}.weight" if "_embeddings" in name else name] = torch.randn(shape) * 0.3
        else:
            tensors |= {f"{name}.weight": torch.randn(shape) * 0.08, f"{name}.bias": torch.randn(shape[0]) * 0.1}
    momentum = {n.replace("encoder.", "encoder_m.", 1): t for n, t in tensors.items() if "itm_head" not in n}
    training = {
        "text_encoder.cls.predictions.bias": torch.zeros(WORDS),
        "text_encoder.bert.embeddings.position_ids": torch.arange(32)[None],
        "image_queue": torch.zeros(24, 8),
        "queue_ptr": torch.zeros(1),
        "temp": torch.tensor(0.07),
    }
    return tensors | {n: t for n, t in momentum.items() if n not in tensors} | training


def _image(patches: int) -> dict[str, tuple[int, ...]]:
    vision = "visual_encoder."
    shapes: dict[str, tuple[int, ...]] = {
        f"{vision}cls_token": (1, 1, WIDTH),
        f"{vision}pos_embed": (1, patches**2 + 1, WIDTH),
        f"{vision}patch_embed.proj": (WIDTH, 3, 16, 16),
        f"{vision}norm": (WIDTH,),
    }
    for i in range(2):
        block = f"{vision}blocks.{i}."
        shapes |= {f"{block}norm1": (WIDTH,), f"{block}norm2": (WIDTH,), f"{block}attn.qkv": (3 * WIDTH, WIDTH)}
        shapes |= {
            f"{block}attn.proj": (WIDTH, WIDTH),
            f"{block}mlp.fc1": (256, WIDTH),
            f"{block}mlp.fc2": (WIDTH, 256),
        }
    return shapes


def _text(text: int, fused: int) -> dict[str, tuple[int, ...]]:
    bert = "text_encoder.bert."
    shapes: dict[str, tuple[int, ...]] = {
        f"{bert}embeddings.word_embeddings": (WORDS, WIDTH),
        f"{bert}embeddings.position_embeddings": (32, WIDTH),
        f"{bert}embeddings.token_type_embeddings": (2, WIDTH),
        f"{bert}embeddings.LayerNorm": (WIDTH,),
    }
    for i in range(text + fused):
        layer = f"{bert}encoder.layer.{i}."
        for attention in ("attention", "crossattention")[: 1 if i < text else 2]:
            shapes |= {f"{layer}{attention}.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
            shapes |= {
                f"{layer}{attention}.output.dense": (WIDTH, WIDTH),
                f"{layer}{attention}.output.LayerNorm": (WIDTH,),
            }
        shapes |= {f"{layer}intermediate.dense": (256, WIDTH), f"{layer}output.dense": (WIDTH, 256)}
        shapes |= {f"{layer}output.LayerNorm": (WIDTH,)}
    return shapes
