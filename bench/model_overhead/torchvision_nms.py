"""Lets PyPI's torchvision, which is built for CUDA, be imported beside a torch for processors: its NMS in numpy.

Imported by a peer's program before anything that imports torchvision. Does nothing where its own operators load.
"""

import importlib
import importlib.util
from pathlib import Path

import numpy as np
import torch

_LIBRARY = None


def nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    order = torch.argsort(scores, descending=True, stable=True).numpy()
    xyxy = boxes.float().numpy()[order]
    area = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])
    alive, kept = np.ones(len(xyxy), bool), []
    for i in range(len(xyxy)):
        if alive[i]:
            kept.append(order[i])
            low, high = np.maximum(xyxy[i, :2], xyxy[i:, :2]), np.minimum(xyxy[i, 2:], xyxy[i:, 2:])
            common = np.prod(np.clip(high - low, 0, None), axis=1)
            alive[i:] &= common / (area[i] + area[i:] - common) <= iou_threshold
    return torch.from_numpy(np.array(kept, np.int64))


def _define() -> None:
    global _LIBRARY  # noqa: PLW0603  # kept, or torch forgets the operators
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return
    for compiled in Path(spec.origin).parent.glob("_C*.so"):
        try:
            torch.ops.load_library(str(compiled))
        except OSError:
            continue
        return
    _LIBRARY = torch.library.Library("torchvision", "DEF")
    _LIBRARY.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _LIBRARY.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _LIBRARY.impl("nms", nms, "CPU")
    importlib.import_module("torchvision.ops.boxes")._assert_has_ops = lambda: None  # noqa: SLF001  # it asks for the compiled ones


_define()
