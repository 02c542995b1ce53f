"""DETRPose's encoder of feature maps: attention over the coarsest, then twice through all of them, down and up again."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["HEADS", "MapEncoder"]

HEADS = 8
"""Of every attention here and in the decoder."""
_TEMPERATURE = 20


class MapEncoder(nn.Module):
    """Maps (n, channels, h, w), fine to coarse, each half as large as the one before, to as many of one `width`. `middle`
    channels go through `repeats` blocks of each fusion.
    """

    def __init__(self, channels: Sequence[int], width: int, feedforward: int, middle: int, repeats: int) -> None:
        super().__init__()
        steps = range(len(channels) - 1)
        self.input_proj = nn.ModuleList(_ConvNorm(c, width, active=False) for c in channels)
        self.attention = _AttentionLayer(width, feedforward)
        self.lateral_convs = nn.ModuleList(_ConvNorm(width, width) for _ in steps)
        self.fpn_blocks = nn.ModuleList(_Fusion(width, middle, repeats) for _ in steps)
        self.downsample_convs = nn.ModuleList(_Halving(width) for _ in steps)
        self.pan_blocks = nn.ModuleList(_Fusion(width, middle, repeats) for _ in steps)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """The maps, fine to coarse."""
        *finer, coarsest = (project(m) for project, m in zip(self.input_proj, maps, strict=True))
        high = self.attention(coarsest)
        laterals = []
        for narrow, fuse, low in zip(self.lateral_convs, self.fpn_blocks, reversed(finer), strict=True):
            laterals.append(narrow(high))
            grown = F.interpolate(laterals[-1], scale_factor=2.0, mode="nearest")
            high = fuse(torch.cat([grown, low], dim=1))
        out = [high]
        for halve, fuse, lateral in zip(self.downsample_convs, self.pan_blocks, reversed(laterals), strict=True):
            out.append(fuse(torch.cat([halve(out[-1]), lateral], dim=1)))
        return out


class _ConvNorm(nn.Module):
    """A convolution without bias, a batch norm and, where `active`, SiLU."""

    def __init__(
        self, before: int, after: int, kernel: int = 1, stride: int = 1, groups: int = 1, *, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(after)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """The map."""
        x = self.norm(self.conv(x))
        return F.silu(x) if self.active else x


class _TwoKernels(nn.Module):
    """A kernel of 3 and one of 1 beside each other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = _ConvNorm(channels, channels, 3, active=False)
        self.conv2 = _ConvNorm(channels, channels, active=False)

    def forward(self, x: Tensor) -> Tensor:
        """The map."""
        return F.silu(self.conv1(x) + self.conv2(x))


class _Bypassed(nn.Module):
    """`repeats` blocks, and a way around them."""

    def __init__(self, before: int, after: int, repeats: int) -> None:
        super().__init__()
        self.conv1 = _ConvNorm(before, after)
        self.conv2 = _ConvNorm(before, after)
        self.bottlenecks = nn.Sequential(*(_TwoKernels(after) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        """The map."""
        out: Tensor = self.bottlenecks(self.conv1(x)) + self.conv2(x)
        return out


class _Fusion(nn.Module):
    """Two maps, one on the other, to one: half of the channels go on through two chains, and all steps are joined."""

    def __init__(self, width: int, middle: int, repeats: int) -> None:
        super().__init__()
        self.cv1 = _ConvNorm(2 * width, 2 * width)
        self.cv2 = nn.Sequential(_Bypassed(width, middle, repeats), _ConvNorm(middle, middle, 3))
        self.cv3 = nn.Sequential(_Bypassed(middle, middle, repeats), _ConvNorm(middle, middle, 3))
        self.cv4 = _ConvNorm(2 * width + 2 * middle, width)

    def forward(self, x: Tensor) -> Tensor:
        """The map."""
        kept, started = self.cv1(x).chunk(2, dim=1)
        second = self.cv2(started)
        out: Tensor = self.cv4(torch.cat([kept, started, second, self.cv3(second)], dim=1))
        return out


class _Halving(nn.Module):
    """To half of the size, each channel for itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.cv1 = _ConvNorm(width, width, active=False)
        self.cv2 = _ConvNorm(width, width, 3, 2, width, active=False)

    def forward(self, x: Tensor) -> Tensor:
        """The map."""
        out: Tensor = self.cv2(self.cv1(x))
        return out


class _AttentionLayer(nn.Module):
    """A layer of a transformer over all places of a map."""

    def __init__(self, width: int, feedforward: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.linear1 = nn.Linear(width, feedforward)
        self.linear2 = nn.Linear(feedforward, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)

    def forward(self, features: Tensor) -> Tensor:
        """The map."""
        height, width = features.shape[2:]
        x = features.flatten(2).transpose(1, 2)
        placed = x + _places(height, width, x.shape[2]).to(x)
        x = self.norm1(x + self.self_attn(placed, placed, x, need_weights=False)[0])
        x = self.norm2(x + self.linear2(F.gelu(self.linear1(x))))
        out: Tensor = x.transpose(1, 2).unflatten(2, (height, width))
        return out


def _places(height: int, width: int, channels: int) -> Tensor:
    """Where each place of a map is, (h * w, channels): half of the channels tell the row, half the column."""
    half = channels // 2
    rates = _TEMPERATURE ** (2 * (torch.arange(half) // 2) / half)

    def waves(count: int) -> Tensor:
        turns = torch.arange(1, count + 1) / (count + 1e-6) * (2 * math.pi)
        angles = turns[:, None] / rates
        return torch.stack([angles[:, 0::2].sin(), angles[:, 1::2].cos()], dim=2).flatten(1)

    rows, columns = waves(height), waves(width)
    return torch.cat([rows.repeat_interleave(width, dim=0), columns.repeat(height, 1)], dim=1)
