"""From scores of classes on a network's grid to one class for every pixel of the image."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.prompt_table import PromptTable
from ocella.types import Image

__all__ = ["best_class", "best_prompt", "shortened"]

_AT_ONCE = 32_000_000
"""Enlarged scores in memory at the same time: 128 MB."""
_LONGEST = 16
"""How many times its width an image may be long before a network cuts it into windows."""


def best_class(scores: Any, size_hw: tuple[int, int]) -> npt.NDArray[np.int32]:
    """The class with the highest of scores (classes, h, w), a tensor, at each pixel of `size_hw`: the scores are enlarged
    and then compared, a few classes at a time, as 150 of them on a large photograph would be gigabytes.
    """
    import torch
    from torch.nn.functional import interpolate

    step = max(1, _AT_ONCE // (size_hw[0] * size_hw[1]))
    best = torch.full(size_hw, -torch.inf, device=scores.device)
    chosen = torch.zeros(size_hw, dtype=torch.int32, device=scores.device)
    for start in range(0, len(scores), step):
        part = interpolate(scores[None, start : start + step].float(), size_hw, mode="bilinear")[0]
        value, index = part.max(dim=0)
        chosen = torch.where(value > best, index.to(torch.int32) + start, chosen)
        best = torch.maximum(best, value)
    return np.asarray(chosen.cpu().numpy())


def best_prompt(
    logits: Any, table: PromptTable, floors: npt.NDArray[np.float32], size_hw: tuple[int, int]
) -> npt.NDArray[np.int32]:
    """The class of a table that wins each pixel of `size_hw`, -1 where none reaches its floor, from logits (texts, h, w), a
    tensor. As `table.assign` does for boxes: the best prompt counts, a class is out where one of its negatives is higher.
    """
    import torch

    def probability(text: int) -> Any:
        return _enlarge(logits[text], size_hw).sigmoid()

    best = torch.full(size_hw, -1.0, device=logits.device)
    chosen = torch.full(size_hw, -1, dtype=torch.int32, device=logits.device)
    for class_id, (positive, negative) in enumerate(zip(table.positive, table.negative, strict=True)):
        own = probability(positive[0])
        for text in positive[1:]:
            own = torch.maximum(own, probability(text))
        for text in negative:
            own = own.masked_fill(probability(text) > own, -1)
        higher = (own >= float(floors[class_id])) & (own > best)
        best = torch.where(higher, own, best)
        chosen = chosen.masked_fill(higher, class_id)
    return np.asarray(chosen.cpu().numpy())


def _enlarge(scores: Any, size_hw: tuple[int, int]) -> Any:
    from torch.nn.functional import interpolate

    return interpolate(scores[None, None].float(), size_hw, mode="bilinear")[0, 0]


def shortened(image: Image) -> Image:
    """An image that is more than 16 times as long as wide, as one that is 16 times: scaled up whole to a network's
    height, a line of pixels would fill the memory.
    """
    from PIL import Image as Pillow

    limit = min(image.size_hw) * _LONGEST
    if max(image.size_hw) <= limit:
        return image
    height, width = (min(side, limit) for side in image.size_hw)
    return Image(np.asarray(Pillow.fromarray(image.pixels).resize((width, height), Pillow.Resampling.BILINEAR)))
