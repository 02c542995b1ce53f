"""An ONNX file of the size, the cost and the outputs of YOLOv8n, with random weights: nobody's licence, nobody's download.

Layers by the published description: a backbone of strided and split convolutions to strides 8, 16 and 32, a path up and
down again, and a head of 16 distances a side and 80 scores a cell.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

CLASSES, BINS, SIDE = 80, 16, 640
OBJECTS = 40
"""Cells of the photograph that the scores are set to let through."""


class Conv(nn.Module):
    def __init__(self, take: int, give: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(take, give, kernel, stride, kernel // 2, bias=False)
        self.norm, self.act = nn.BatchNorm2d(give), nn.SiLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.act(self.norm(self.conv(x)))


class Split(nn.Module):
    """Half of the channels go through `n` pairs of convolutions, and everything on the way is joined."""

    def __init__(self, take: int, give: int, n: int, *, add: bool) -> None:
        super().__init__()
        self.half, self.add = give // 2, add
        self.first, self.last = Conv(take, give), Conv((2 + n) * self.half, give)
        self.pairs = nn.ModuleList(
            nn.Sequential(Conv(self.half, self.half, 3), Conv(self.half, self.half, 3)) for _ in range(n)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = list(self.first(x).split(self.half, 1))
        for pair in self.pairs:
            out = pair(parts[-1])
            parts.append(parts[-1] + out if self.add else out)
        return self.last(torch.cat(parts, 1))


class Pools(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.last = Conv(width, width // 2), Conv(width * 2, width)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = [self.first(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.last(torch.cat(parts, 1))


class Network(nn.Module):
    """Images (n, 3, 640, 640) to (n, 84, 8400): centre and size in pixels, 80 scores."""

    def __init__(self) -> None:
        super().__init__()
        self.early = nn.Sequential(
            Conv(3, 16, 3, 2), Conv(16, 32, 3, 2), Split(32, 32, 1, add=True), Conv(32, 64, 3, 2)
        )
        self.third = Split(64, 64, 2, add=True)
        self.fourth = nn.Sequential(Conv(64, 128, 3, 2), Split(128, 128, 2, add=True))
        self.fifth = nn.Sequential(Conv(128, 256, 3, 2), Split(256, 256, 1, add=True), Pools(256))
        self.up = nn.Upsample(scale_factor=2)
        self.up4, self.up3 = Split(384, 128, 1, add=False), Split(192, 64, 1, add=False)
        self.to4, self.down4 = Conv(64, 64, 3, 2), Split(192, 128, 1, add=False)
        self.to5, self.down5 = Conv(128, 128, 3, 2), Split(384, 256, 1, add=False)
        self.sides = nn.ModuleList(self._tower(width, 64, 4 * BINS) for width in (64, 128, 256))
        self.scores = nn.ModuleList(self._tower(width, 80, CLASSES) for width in (64, 128, 256))
        self.register_buffer("bins", torch.arange(BINS).float().view(1, 1, BINS, 1))
        self.register_buffer("middles", _middles()[0])
        self.register_buffer("strides", _middles()[1])

    @staticmethod
    def _tower(take: int, width: int, give: int) -> nn.Sequential:
        return nn.Sequential(Conv(take, width, 3), Conv(width, width, 3), nn.Conv2d(width, give, 1))

    def logits(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        third = self.third(self.early(images))
        fourth = self.fourth(third)
        fifth = self.fifth(fourth)
        high4 = self.up4(torch.cat([self.up(fifth), fourth], 1))
        high3 = self.up3(torch.cat([self.up(high4), third], 1))
        low4 = self.down4(torch.cat([self.to4(high3), high4], 1))
        low5 = self.down5(torch.cat([self.to5(low4), fifth], 1))
        grids = (high3, low4, low5)
        sides = torch.cat([tower(g).flatten(2) for tower, g in zip(self.sides, grids, strict=True)], 2)
        return sides, torch.cat([tower(g).flatten(2) for tower, g in zip(self.scores, grids, strict=True)], 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        sides, scores = self.logits(images)
        shares = sides.view(sides.shape[0], 4, BINS, -1).softmax(2)
        left_top, right_bottom = (shares * self.bins).sum(2).chunk(2, 1)
        low, high = self.middles - left_top, self.middles + right_bottom
        boxes = torch.cat([(low + high) / 2, high - low], 1) * self.strides
        return torch.cat([boxes, scores.sigmoid()], 1)


def _middles() -> tuple[torch.Tensor, torch.Tensor]:
    """Middles (1, 2, 8400) of the cells in cells, and strides (1, 1, 8400)."""
    middles, strides = [], []
    for stride in (8, 16, 32):
        y, x = torch.meshgrid(*[torch.arange(SIDE // stride) + 0.5] * 2, indexing="ij")
        middles.append(torch.stack([x.reshape(-1), y.reshape(-1)]))
        strides.append(torch.full((1, x.numel()), float(stride)))
    return torch.cat(middles, 1)[None], torch.cat(strides, 1)[None]


def make(folder: Path, pixels: np.ndarray, batches: tuple[int, ...]) -> dict[int, Path]:
    """A file for each batch size; `pixels` (1, 3, 640, 640) is the photograph as it goes in."""
    torch.manual_seed(0)
    network = Network().eval()
    with torch.no_grad():
        _settle(network, torch.from_numpy(pixels))
        best = network.logits(torch.from_numpy(pixels))[1].amax(1).flatten()
        shift = float(np.log(0.25 / 0.75)) - float(best.sort(descending=True).values[OBJECTS])
        for tower in network.scores:
            tower[-1].bias.add_(shift)
    files = {}
    for batch in batches:
        files[batch] = folder / f"network-{batch}.onnx"
        torch.onnx.export(
            network,
            (torch.zeros(batch, 3, SIDE, SIDE),),
            str(files[batch]),
            input_names=["images"],
            output_names=["output0"],
            opset_version=17,
            dynamo=False,
        )
        _describe(files[batch], batch)
    return files


def _settle(network: Network, pixels: torch.Tensor) -> None:
    """Let every layer's numbers be of the usual size for the photograph, so that scores differ from cell to cell."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    network.train().logits(pixels)
    network.eval()
    for tower in network.scores:
        tower[-1].weight.mul_(4)


def _describe(file: Path, batch: int) -> None:
    """The metadata that Ultralytics' exporter writes."""
    import onnx

    model: Any = onnx.load(str(file))
    names = {i: f"class{i}" for i in range(CLASSES)}
    said = {"task": "detect", "stride": 32, "batch": batch, "imgsz": [SIDE, SIDE], "names": names, "channels": 3}
    onnx.helper.set_model_props(model, {key: str(value) for key, value in said.items()})
    onnx.save(model, str(file))
