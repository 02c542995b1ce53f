"""NanoDet-g in torch: the network behind the starter detector, ready to be trained on other classes.

Batch norms: the shipped weights have them folded into the convolutions, and they stay folded. Each convolution carries
a bias, there is no batch norm, and a forward pass in training equals one in use. The same weights give the same
outputs as the ONNX file.

A CSP backbone of 25 convolutions, three 1x1 laterals, bilinear paths up and down without weights, and for each stride
one 3x3 convolution and one 1x1 prediction of `classes + 4 sides x 11 bins` channels.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ocella.models.detection.nanodet_decode import BINS, STRIDES
from ocella.training.networks.onnx_weights import OnnxWeights

__all__ = ["NanoDetG"]

_SIDES = 4 * BINS
_PRIOR = -math.log((1 - 0.01) / 0.01)
_NECK = 128


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


def _activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.1, inplace=True)


class _Stage(nn.Module):
    """Entry convolution, pairs of half width that are each joined, a merge, and the entry joined again."""

    def __init__(self, inputs: int, width: int, stride: int, pairs: int) -> None:
        super().__init__()
        half = width // 2
        self.entry = _conv(inputs, width, 3, stride)
        self.pairs = nn.ModuleList(nn.ModuleList([_conv(width, half, 3), _conv(half, half, 3)]) for _ in range(pairs))
        self.merge = _conv(width, width, 3)

    def forward(self, x: Tensor) -> Tensor:
        whole = _activate(self.entry(x))
        joined = whole
        for pair in self.pairs:
            assert isinstance(pair, nn.ModuleList)
            first = _activate(pair[0](joined))
            joined = torch.cat([_activate(pair[1](first)), first], 1)
        return torch.cat([_activate(self.merge(joined)), whole], 1)


class NanoDetG(nn.Module):
    """Images (n, 3, h, w), BGR normalised, h and w multiples of 32, to class logits (n, cells, classes) and distance
    logits (n, cells, 44); cells of strides 8, 16, 32 in that order, row by row.
    """

    def __init__(self, classes: int = 80) -> None:
        super().__init__()
        self.classes = classes
        self.stem = _conv(3, 32, 3, 2)
        self.stages = nn.ModuleList(
            [_Stage(32, 32, 1, 1), _Stage(64, 64, 2, 2), _Stage(128, 128, 2, 2), _Stage(256, 256, 2, 3)]
        )
        self.laterals = nn.ModuleList(_conv(width, _NECK, 1) for width in (128, 256, 512))
        self.towers = nn.ModuleList(_conv(_NECK, _NECK, 3) for _ in STRIDES)
        self.predict = nn.ModuleList(_conv(_NECK, classes + _SIDES, 1) for _ in STRIDES)
        self._randomise()

    def _randomise(self) -> None:
        for layer in self.convolutions():
            nn.init.kaiming_normal_(layer.weight, 0.1)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # every convolution here has a bias
        for last in self.predict:
            assert isinstance(last, nn.Conv2d)
            _fresh_rows(last, slice(None), self.classes)

    def convolutions(self) -> list[nn.Conv2d]:
        """Every convolution in forward order: stem, stages, laterals, then tower and prediction of each stride."""
        body = [m for part in (self.stem, self.stages, self.laterals) for m in part.modules()]
        heads = [m for pair in zip(self.towers, self.predict, strict=True) for m in pair]
        return [m for m in [*body, *heads] if isinstance(m, nn.Conv2d)]

    def load_starter(self, path: Path) -> None:
        """Take the weights of the ONNX file of the starter detector; raises Mismatch where they do not fit."""
        OnnxWeights(path, "scores").fill_convolutions(self.convolutions())

    def reset_classes(self, classes: int, copy_from: Mapping[int, int] | None = None) -> None:
        """Predict other classes: new class i starts as old class `copy_from[i]` where given, else at a prior of 1 %.
        The distance channels stay.
        """
        copies = dict(copy_from or {})
        for i, old in enumerate(self.predict):
            assert isinstance(old, nn.Conv2d)
            new = _conv(_NECK, classes + _SIDES, 1)
            _fresh_rows(new, slice(0, classes), classes)
            pairs = [*copies.items(), *((classes + k, self.classes + k) for k in range(_SIDES))]
            assert new.bias is not None
            assert old.bias is not None
            with torch.no_grad():
                for to, origin in pairs:
                    new.weight[to] = old.weight[origin]
                    new.bias[to] = old.bias[origin]
            self.predict[i] = new
        self.classes = classes

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits and distance logits."""
        x = F.max_pool2d(_activate(self.stem(images)), 3, 2, 1)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        fine, middle, coarse = (lateral(m) for lateral, m in zip(self.laterals, maps[1:], strict=True))
        middle = middle + _up(coarse)
        fine = fine + _up(middle)
        middle = middle + F.avg_pool2d(fine, 2)
        coarse = coarse + F.avg_pool2d(middle, 2)
        heads = zip(self.towers, self.predict, (fine, middle, coarse), strict=True)
        flat = [predict(_activate(tower(m))).flatten(2) for tower, predict, m in heads]
        rows = torch.cat(flat, 2).transpose(1, 2)
        return rows[..., : self.classes], rows[..., self.classes :]


def _up(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def _fresh_rows(layer: nn.Conv2d, rows: slice, classes: int) -> None:
    """Small weights in `rows`; the bias of the class rows says 1 %."""
    assert layer.bias is not None
    with torch.no_grad():
        layer.weight[rows].normal_(0, 0.01)
        layer.bias.zero_()
        layer.bias[:classes] = _PRIOR
