"""PyPI's torchvision beside a torch without CUDA: its compiled part cannot load there, so the two operators that its
Python part needs to be imported are written here. Where the compiled part loads, nothing is changed.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import torch

__all__ = ["make_importable"]

_kept: list[Any] = []  # operators go when their library does


def make_importable() -> None:
    """Call before anything imports torchvision, timm, open_clip or a processor of transformers."""
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None or "torchvision" in sys.modules:
        return
    untyped: Any = torch  # its parts for operators have no types
    for compiled in Path(found.origin).parent.glob("_C*.so"):
        try:
            untyped.ops.load_library(str(compiled))
        except OSError:
            continue
        return
    library = untyped.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", suppress, "CPU")
    _kept.append(library)
    boxes: Any = importlib.import_module("torchvision.ops.boxes")
    boxes._assert_has_ops = lambda: None


def suppress(dets: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Rows to keep, best first: those that no better kept one overlaps by more than `iou_threshold`."""
    left, kept = scores.argsort(descending=True, stable=True), []
    sides = (dets[:, 2:] - dets[:, :2]).prod(dim=1)
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        corners = torch.maximum(dets[best, :2], dets[left, :2]), torch.minimum(dets[best, 2:], dets[left, 2:])
        shared = (corners[1] - corners[0]).clamp(min=0).prod(dim=1)
        left = left[shared / (sides[best] + sides[left] - shared) <= iou_threshold]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.long)
