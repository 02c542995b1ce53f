"""What networks with mask queries say (Mask2Former, OneFormer, EoMT): a mask and a class of each query, read as classes of
pixels, as instances, or as segments that share out the image.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.ops.masks import boxes_of
from ocella.types import Detections, Masks

__all__ = ["class_scores", "instances", "segments"]

_OVERLAP = 0.8
"""A segment stays if others leave it more than this part of its mask."""


def class_scores(class_logits: Any, masks: Any) -> Any:
    """Scores (classes, h, w) of pixels from class logits (queries, classes + 1), the last of which is "nothing", and mask
    probabilities (queries, h, w): tensors.
    """
    import torch

    return torch.einsum("qc,qhw->chw", class_logits.float().softmax(dim=-1)[:, :-1], masks.float())


def instances(
    ranked: tuple[Any, Any, Any],
    mask_logits: Any,
    size_hw: tuple[int, int],
    floor: float,
    columns: npt.NDArray[np.int64],
    classes: Sequence[str],
    *,
    after: bool = False,
) -> Detections:
    """Objects that may overlap. `ranked` are score, class column and query of each candidate; a confidence is the score
    times the mean certainty within the mask. Masks are enlarged one by one: as logits (`after`, cut afterwards), or cut
    first and enlarged by nearest pixel.
    """
    found: list[tuple[float, int, list[int]]] = []
    place = {int(column): i for i, column in enumerate(columns)}
    for score, column, query in zip(*(r.tolist() for r in ranked), strict=True):
        if column in place and score >= floor:
            full, certainty = _cut(mask_logits[query].float(), size_hw, after=after)
            if score * certainty >= floor and bool(full.any()):
                found.append((score * certainty, place[column], _pack(full)))
    return _detections(sorted(found, key=lambda f: -f[0]), size_hw, classes)


def segments(
    ranked: tuple[Any, Any],
    mask_logits: Any,
    size_hw: tuple[int, int],
    columns: npt.NDArray[np.int64],
    classes: Sequence[str],
    *,
    stuff: Collection[str] = (),
) -> Detections:
    """Things and stuff that share out the image: of queries (score, class column) every pixel goes to the one with the
    highest score times mask probability, and a query stays if it keeps most of its own mask. Segments of one class of
    `stuff` are one. Two passes, one mask at a time.
    """
    import torch

    best = torch.zeros(size_hw, device=mask_logits.device)
    owner = torch.full(size_hw, -1, dtype=torch.int32, device=mask_logits.device)
    for query, score in enumerate(ranked[0]):
        weighed = _enlarge(mask_logits[query], size_hw).sigmoid() * score
        owner = owner.masked_fill(weighed > best, query)
        best = torch.maximum(best, weighed)
    place = {int(column): i for i, column in enumerate(columns)}
    found: dict[tuple[int, int], tuple[float, int, Any]] = {}
    for query, (score, column) in enumerate(zip(*(r.tolist() for r in ranked), strict=True)):
        own, mask = owner == query, _enlarge(mask_logits[query], size_hw) >= 0
        kept = own & mask
        if column in place and bool(kept.any()) and own.sum().item() > _OVERLAP * mask.sum().item():
            key = (place[column], -1 if classes[place[column]] in stuff else query)
            first = found.get(key)
            found[key] = (score, key[0], kept) if first is None else (first[0], key[0], first[2] | kept)
    rows = [(score, class_id, _pack(mask)) for score, class_id, mask in found.values()]
    return _detections(sorted(rows, key=lambda r: -r[0]), size_hw, classes)


def _cut(logits: Any, size_hw: tuple[int, int], *, after: bool) -> tuple[Any, float]:
    """A query's mask in full size, and how certain it is within its mask on average."""
    from torch.nn.functional import interpolate

    source = _enlarge(logits, size_hw) if after else logits
    inside = source > 0
    certainty = float((source.sigmoid() * inside).sum() / (inside.sum() + 1e-6))
    full = inside if after else interpolate(inside[None, None].float(), size_hw, mode="nearest")[0, 0] > 0
    return full, certainty


def _enlarge(mask: Any, size_hw: tuple[int, int]) -> Any:
    from torch.nn.functional import interpolate

    return interpolate(mask[None, None].float(), size_hw, mode="bilinear")[0, 0]


def _pack(mask: Any) -> list[int]:
    return list(Masks.from_dense(mask.cpu().numpy()[None]).run(0).tolist())


def _detections(
    found: Sequence[tuple[float, int, list[int]]], size_hw: tuple[int, int], classes: Sequence[str]
) -> Detections:
    masks = Masks.from_counts([run for _, _, run in found], size_hw)
    confidence = np.array([score for score, _, _ in found], np.float32)
    class_id = np.array([place for _, place, _ in found], np.int64)
    return Detections(boxes_of(masks), confidence, class_id, tuple(classes), masks=masks)
