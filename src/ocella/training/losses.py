"""Losses of the detector: quality focal loss, generalised IoU, distribution focal loss (Li et al. 2020)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ocella.models.detection.nanodet_decode import BINS

__all__ = ["distances_to_xyxy", "distribution_focal", "generalised_iou", "mean_distance", "quality_focal"]


def quality_focal(logits: Tensor, quality: Tensor) -> Tensor:
    """Cross-entropy to a soft target in 0..1 times |target - sigmoid|^2, elementwise."""
    distance = (quality - logits.detach().sigmoid()).square()
    return F.binary_cross_entropy_with_logits(logits, quality, reduction="none") * distance


def mean_distance(distances: Tensor) -> Tensor:
    """Distance logits (n, 44) to the mean bin of each side (n, 4), in strides."""
    bins = torch.arange(BINS, dtype=distances.dtype, device=distances.device)
    return distances.reshape(-1, 4, BINS).softmax(2) @ bins


def distances_to_xyxy(sides: Tensor, centres: Tensor) -> Tensor:
    """Distances left, top, right, bottom (n, 4) of centres (n, 2) as boxes."""
    return torch.cat([centres - sides[:, :2], centres + sides[:, 2:]], 1)


def generalised_iou(boxes: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU of boxes (n, 4) with their targets, row by row."""
    low, high = torch.maximum(boxes[:, :2], targets[:, :2]), torch.minimum(boxes[:, 2:], targets[:, 2:])
    shared = (high - low).clamp(min=0).prod(1)
    union = _area(boxes) + _area(targets) - shared
    hull = torch.maximum(boxes[:, 2:], targets[:, 2:]) - torch.minimum(boxes[:, :2], targets[:, :2])
    around = hull.prod(1)
    overlap = shared / (union + 1e-9)
    return overlap, overlap - (around - union) / (around + 1e-9)


def distribution_focal(distances: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy to the two bins around each target distance (n, 4), in strides; mean over the sides, (n,)."""
    target = target.clamp(0, BINS - 1 - 0.01)
    lower = target.floor()
    share = target - lower
    logs = distances.reshape(-1, 4, BINS).log_softmax(2)
    index = lower.long().unsqueeze(2)
    below, above = logs.gather(2, index).squeeze(2), logs.gather(2, index + 1).squeeze(2)
    return -(below * (1 - share) + above * share).mean(1)


def _area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(1)
