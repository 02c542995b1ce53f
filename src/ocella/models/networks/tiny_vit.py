"""TinyViT (Wu et al. 2022) as MobileSAM's image encoder: four stages, the first of convolutions and the others of attention
in windows, and a neck. The tensors have the names of the published weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["TinyVit", "TinyVitSizes", "sizes_of"]


@dataclass(frozen=True)
class TinyVitSizes:
    """Of each stage the channels, blocks, attention heads (0 for convolutions) and side of a window; and of the neck."""

    channels: tuple[int, ...] = (64, 128, 160, 320)
    depths: tuple[int, ...] = (2, 2, 6, 2)
    heads: tuple[int, ...] = (0, 4, 5, 10)
    windows: tuple[int, ...] = (0, 7, 14, 7)
    neck: int = 256


def sizes_of(tensors: Mapping[str, Tensor], prefix: str) -> TinyVitSizes:
    """The sizes of weights by their shapes; raises KeyError where they are of another network."""
    stages = range(4)
    biases = {i: tensors[f"{prefix}layers.{i}.blocks.0.attn.attention_biases"].shape for i in stages[1:]}
    names = [n.removeprefix(prefix).split(".") for n in tensors if n.startswith(f"{prefix}layers.")]
    grown = [int(tensors[f"{prefix}layers.{i}.downsample.conv3.c.weight"].shape[0]) for i in stages[:-1]]
    return TinyVitSizes(
        (int(tensors[f"{prefix}patch_embed.seq.2.c.weight"].shape[0]), *grown),
        tuple(1 + max(int(n[3]) for n in names if n[1] == str(i) and n[2] == "blocks") for i in stages),
        (0, *(int(biases[i][0]) for i in stages[1:])),
        (0, *(round(float(biases[i][1]) ** 0.5) for i in stages[1:])),
        int(tensors[f"{prefix}neck.0.weight"].shape[0]),
    )


class TinyVit(nn.Module):
    """Pictures (n, 3, side, side) to features (n, neck, side / 16, side / 16), in a tuple as SAM's own encoder gives them."""

    def __init__(self, sizes: TinyVitSizes) -> None:
        super().__init__()
        self.patch_embed = _Stem(sizes.channels[0])
        grown: tuple[int | None, ...] = (*sizes.channels[1:], None)
        # the last stage keeps the resolution, so that features are as fine as SAM's decoder wants them
        strides = (2, 2, 1, 1)
        stages = zip(sizes.channels, sizes.depths, sizes.heads, sizes.windows, grown, strides, strict=True)
        self.layers = nn.ModuleList(_Stage(*stage) for stage in stages)
        width = sizes.neck
        self.neck = nn.Sequential(
            nn.Conv2d(sizes.channels[-1], width, 1, bias=False),
            _ChannelNorm(width),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            _ChannelNorm(width),
        )

    def forward(self, pixel_values: Tensor, **_: object) -> tuple[Tensor]:
        """Features after the neck."""
        features = self.patch_embed(pixel_values)
        for stage in self.layers:
            features = stage(features)
        return (self.neck(features),)


class _Convolution(nn.Sequential):
    """A convolution without bias and a batch norm."""

    def __init__(self, before: int, after: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.add_module("c", nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False))
        self.add_module("bn", nn.BatchNorm2d(after))


class _Stem(nn.Module):
    """Two convolutions that halve the picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.seq = nn.Sequential(_Convolution(3, half, 3, 2), nn.GELU(), _Convolution(half, channels, 3, 2))

    def forward(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.seq(pictures)
        return found


class _Stage(nn.Module):
    """Blocks of one resolution, and what makes the next one's."""

    def __init__(self, channels: int, depth: int, heads: int, window: int, grown: int | None, stride: int) -> None:
        super().__init__()
        blocks = [_Attending(channels, heads, window) if heads else _Convolving(channels) for _ in range(depth)]
        self.blocks = nn.ModuleList(blocks)
        self.downsample = None if grown is None else _Merging(channels, grown, stride)

    def forward(self, features: Tensor) -> Tensor:
        for block in self.blocks:
            features = block(features)
        if self.downsample is None:
            return features
        found: Tensor = self.downsample(features)
        return found


class _Convolving(nn.Module):
    """An inverted bottleneck: widen, look around, narrow, add."""

    def __init__(self, channels: int, widened: int = 4) -> None:
        super().__init__()
        hidden = channels * widened
        self.conv1 = _Convolution(channels, hidden)
        self.conv2 = _Convolution(hidden, hidden, 3, groups=hidden)
        self.conv3 = _Convolution(hidden, channels)

    def forward(self, features: Tensor) -> Tensor:
        inner = F.gelu(self.conv2(F.gelu(self.conv1(features))))
        return F.gelu(features + self.conv3(inner))


class _Merging(nn.Module):
    """To more channels, and half the resolution where `stride` is 2."""

    def __init__(self, channels: int, grown: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _Convolution(channels, grown)
        self.conv2 = _Convolution(grown, grown, 3, stride, groups=grown)
        self.conv3 = _Convolution(grown, grown)

    def forward(self, features: Tensor) -> Tensor:
        found: Tensor = self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(features)))))
        return found


class _Attending(nn.Module):
    """Attention within windows, a look at the neighbours, and a perceptron."""

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.attn = _Attention(channels, heads, window)
        self.local_conv = _Convolution(channels, channels, 3, groups=channels)
        self.mlp = _Perceptron(channels)

    def forward(self, features: Tensor) -> Tensor:
        features = features + self._in_windows(features)
        features = self.local_conv(features)
        found: Tensor = features + self.mlp(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return found

    def _in_windows(self, features: Tensor) -> Tensor:
        """Attention in each window of (n, channels, h, w); at right and bottom windows are filled up with zeros."""
        n, channels, height, width = features.shape
        side = self.window
        padded = F.pad(features, (0, -width % side, 0, -height % side))
        rows, columns = padded.shape[2] // side, padded.shape[3] // side
        tokens = padded.reshape(n, channels, rows, side, columns, side).permute(0, 2, 4, 3, 5, 1)
        seen = self.attn(tokens.reshape(-1, side * side, channels))
        seen = seen.reshape(n, rows, columns, side, side, channels).permute(0, 5, 1, 3, 2, 4)
        found: Tensor = seen.reshape(n, channels, rows * side, columns * side)[:, :, :height, :width]
        return found


class _Attention(nn.Module):
    """Attention among the places of a window, with a learnt bias for each distance in rows and columns."""

    place: Tensor

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, channels * 3)
        self.proj = nn.Linear(channels, channels)
        self.attention_biases = nn.Parameter(torch.zeros(heads, window * window))
        self.register_buffer("place", _distances(window), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        n, length, channels = tokens.shape
        mixed = self.qkv(self.norm(tokens)).view(n, length, self.heads, -1).permute(0, 2, 1, 3)
        query, key, value = mixed.chunk(3, dim=-1)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=self.attention_biases[:, self.place])
        found: Tensor = self.proj(seen.transpose(1, 2).reshape(n, length, channels))
        return found


class _Perceptron(nn.Module):
    def __init__(self, channels: int, widened: int = 4) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.fc1 = nn.Linear(channels, channels * widened)
        self.fc2 = nn.Linear(channels * widened, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        found: Tensor = self.fc2(F.gelu(self.fc1(self.norm(tokens))))
        return found


class _ChannelNorm(nn.LayerNorm):
    """A layer norm over the channels of (n, channels, h, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-6)

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def _distances(window: int) -> Tensor:
    """For each pair of places in a window (length, length) the number of their bias: distances are numbered by rows, then
    columns, as they are first met from the upper left place.
    """
    place = torch.arange(window)
    rows, columns = place.repeat_interleave(window), place.repeat(window)
    apart: Sequence[Tensor] = [(axis[:, None] - axis[None]).abs() for axis in (rows, columns)]
    return apart[0] * window + apart[1]
