"""DETRPose (Janampa and Pattichis 2025): people and their points at one look, by a decoder whose queries are a person and
each of its points. Written from the authors' published source, github.com/SebastianJanampa/DETRPose (Apache-2.0); modules
keep their published names, but where detrpose_weights.py says otherwise.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ocella.models.networks.detrpose_encoder import HEADS, MapEncoder
from ocella.models.networks.detrpose_weights import DecoderSizes, DetrPoseSizes, sizes_of

__all__ = ["DetrPose", "build"]

_LARGEST = 65504
"""The largest number of half precision."""
_STRONGEST = 4
"""How many of a place's features the quality of a point is told from."""


def build(tensors: Mapping[str, Any]) -> "DetrPose":
    """An empty network of the sizes that the tensors have; raises Mismatch where they are of something else."""
    return DetrPose(sizes_of(tensors))


class DetrPose(nn.Module):
    """Pictures (n, 3, 640, 640) in 0..1 to logits (n, queries, classes) and points (n, queries, k, 2) in shares of the
    picture, which may lie a little beyond it.
    """

    def __init__(self, sizes: DetrPoseSizes) -> None:
        from transformers import HGNetV2Backbone, HGNetV2Config

        super().__init__()
        stages = sizes.stages
        config = HGNetV2Config(
            stem_channels=[3, *sizes.stem],
            stage_in_channels=[s.before for s in stages],
            stage_mid_channels=[s.middle for s in stages],
            stage_out_channels=[s.after for s in stages],
            stage_num_blocks=[s.blocks for s in stages],
            stage_light_block=[s.light for s in stages],
            stage_kernel_size=[s.kernel for s in stages],
            stage_numb_of_layers=[s.layers for s in stages],
            hidden_sizes=[s.after for s in stages],
            out_features=[f"stage{i + 1}" for i in range(len(stages))][-sizes.levels :],
            use_learnable_affine_block=sizes.affine,
        )
        self.backbone = HGNetV2Backbone(config)
        channels = [s.after for s in stages[-sizes.levels :]]
        self.encoder = MapEncoder(channels, sizes.decoder.width, *sizes.encoder)
        self.decoder = _Decoder(sizes.decoder, sizes.levels)

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        return self.decoder.anchors.dtype

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and points."""
        out: tuple[Tensor, Tensor] = self.decoder(self.encoder(self.backbone(pictures).feature_maps))
        return out


class _Decoder(nn.Module):
    """Starts `queries` people where the maps look most like one and refines their points layer by layer."""

    anchors: Tensor
    valid_mask: Tensor
    dim_t: Tensor
    up: Tensor
    reg_scale: Tensor

    def __init__(self, sizes: DecoderSizes, levels: int) -> None:
        super().__init__()
        width, keypoints, layers = sizes.width, sizes.keypoints, range(sizes.layers)
        self.bins = sizes.bins
        self.register_buffer("anchors", torch.zeros(1, sizes.places, 2))
        self.register_buffer("valid_mask", torch.zeros(1, sizes.places, 1, dtype=torch.bool))
        self.register_buffer("dim_t", torch.ones(width // 2))
        self.register_buffer("up", torch.zeros(1))
        self.register_buffer("reg_scale", torch.ones(1))
        self.enc_output = nn.Linear(width, width)
        self.enc_output_norm = nn.LayerNorm(width)
        self.enc_out_class_embed = nn.Linear(width, sizes.classes)
        self.enc_pose_embed = _Perceptron(width, 2 * width, 2 * keypoints, 4)
        self.tgt_embed = nn.Embedding(sizes.queries, width)
        self.keypoint_embedding = nn.Embedding(keypoints, width)
        self.instance_embedding = nn.Embedding(1, width)
        self.half_pose_ref_point_head = _Perceptron(width, width, width, 2)
        self.layers = nn.ModuleList(_Layer(width, sizes.feedforward, levels, sizes.samples) for _ in layers)
        self.pre_pose_embed = _Perceptron(width, width, 2, 3)
        self.pose_embed = nn.ModuleList(_Perceptron(width, width, 2 * sizes.bins, 3) for _ in layers)
        self.class_embed = nn.Linear(width, sizes.classes)
        self.lqe_embed = _Quality(keypoints, sizes.quality)

    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Logits and points of the last layer."""
        points = self._start(maps)
        states = self._queries().expand(len(points), -1, -1, -1)
        values = [m.reshape(len(m) * HEADS, -1, *m.shape[2:]) for m in maps]
        shifts, first, bins = self._shifts(), points, torch.zeros(())
        for number, (layer, head) in enumerate(zip(self.layers, self.pose_embed, strict=True)):
            place = F.pad(self.half_pose_ref_point_head(self._waves(points)), (0, 0, 1, 0))  # a person has none
            before = states + place
            states = layer(before, place, torch.cat([points.mean(2, keepdim=True), points], dim=2), values)
            if number == 0:
                first = (self.pre_pose_embed(states[:, :, 1:]) + _inverse_sigmoid(points)).sigmoid()
                bins = head(states[:, :, 1:])
            else:  # before holds this layer's place too: so the weights were trained
                bins = head(states[:, :, 1:] + before[:, :, 1:]) + bins
            points = first + bins.unflatten(-1, (2, -1)).softmax(-1) @ shifts
        return self.class_embed(states[:, :, 0]) + self.lqe_embed(points, maps[0]), points

    def _start(self, maps: Sequence[Tensor]) -> Tensor:
        """First points (n, queries, k, 2) of the places with the highest scores."""
        memory = torch.cat([m.flatten(2).transpose(1, 2) for m in maps], dim=1)
        memory = self.enc_output_norm(self.enc_output(memory.masked_fill(self.valid_mask, 0)))
        scores = self.enc_out_class_embed(memory).amax(2)
        best = scores.topk(self.tgt_embed.num_embeddings, dim=1).indices[..., None]
        anchors = self.anchors.expand(len(memory), -1, -1).gather(1, best.expand(-1, -1, 2))
        moved = self.enc_pose_embed(memory.gather(1, best.expand(-1, -1, memory.shape[2])))
        points: Tensor = moved.unflatten(2, (-1, 2)) + anchors[:, :, None]
        return points.sigmoid()

    def _queries(self) -> Tensor:
        """States (queries, 1 + k, width) before the first layer: of a person, then of each of its points."""
        points = self.keypoint_embedding.weight + self.tgt_embed.weight[:, None]
        return torch.cat([self.instance_embedding.weight.expand(len(points), 1, -1), points], dim=1)

    def _waves(self, points: Tensor) -> Tensor:
        """Points (..., 2) as (..., width): half of the channels tell y, half x."""
        angles = points[..., None] * (2 * math.pi) / self.dim_t
        waves = torch.stack([angles[..., 0::2].sin(), angles[..., 1::2].cos()], dim=-1).flatten(-2)
        return torch.cat([waves[..., 1, :], waves[..., 0, :]], dim=-1)

    def _shifts(self) -> Tensor:
        """How far each of the bins moves a point, in shares of the picture: close together in the middle."""
        scale = self.reg_scale.abs()
        bound = self.up.abs() * scale
        steps = (bound + 1) ** (2 / (self.bins - 3))
        right = steps ** torch.arange(1, (self.bins - 1) // 2, device=steps.device) - 1
        return torch.cat([-2 * bound, -right.flip(0), torch.zeros_like(bound), right, 2 * bound]) / scale


class _Layer(nn.Module):
    """The points of a person look at each other, then each at the same of the other people, then at the maps."""

    def __init__(self, width: int, feedforward: int, levels: int, samples: int) -> None:
        super().__init__()
        self.within_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.within_norm = nn.LayerNorm(width)
        self.across_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.across_norm = nn.LayerNorm(width)
        self.cross_attn = _Sampling(width, levels, samples)
        self.gateway = _Gate(width)
        self.linear1 = nn.Linear(width, feedforward)
        self.linear2 = nn.Linear(feedforward, width)
        self.norm2 = nn.LayerNorm(width)

    def forward(self, states: Tensor, place: Tensor, points: Tensor, values: Sequence[Tensor]) -> Tensor:
        """States (n, queries, 1 + k, width) of `points` (n, queries, 1 + k, 2); `place` is in them and is added again."""
        count, queries, slots = states.shape[:3]
        x = states.flatten(0, 1)
        x = self.within_norm(x + self.within_attn(x, x, x, need_weights=False)[0])
        x = x.unflatten(0, (count, queries)).transpose(1, 2).flatten(0, 1)
        x = self.across_norm(x + self.across_attn(x, x, x, need_weights=False)[0])
        x = x.unflatten(0, (count, slots)).transpose(1, 2) + place
        seen = self.cross_attn(x.flatten(1, 2), points.flatten(1, 2), values)
        x = self.gateway(x, seen.unflatten(1, (queries, slots)))
        x = x + self.linear2(self.linear1(x).relu())
        out: Tensor = self.norm2(x.clamp(-_LARGEST, _LARGEST))
        return out


class _Sampling(nn.Module):
    """Attention to a few places of each map around a point."""

    def __init__(self, width: int, levels: int, samples: int) -> None:
        super().__init__()
        self.shape = (HEADS, levels, samples)
        self.sampling_offsets = nn.Linear(width, math.prod(self.shape) * 2)
        self.attention_weights = nn.Linear(width, math.prod(self.shape))

    def forward(self, states: Tensor, points: Tensor, values: Sequence[Tensor]) -> Tensor:
        """States (n, m, width) at points (n, m, 2) from maps (n * heads, width / heads, h, w) to what is there."""
        count = len(states)
        offsets = self.sampling_offsets(states).unflatten(2, (*self.shape, 2)).transpose(1, 2)  # n, heads, m, levels...
        weights = self.attention_weights(states).unflatten(2, (HEADS, -1)).softmax(-1).transpose(1, 2)
        taken = []
        for level, value in enumerate(values):
            size = torch.tensor([value.shape[3], value.shape[2]]).to(offsets)
            where = points[:, None, :, None] + offsets[:, :, :, level] / size
            taken.append(_sampled(value, where.flatten(0, 1)))
        out: Tensor = (torch.cat(taken, dim=3) * weights.flatten(0, 1)[:, None]).sum(3)
        return out.reshape(count, -1, out.shape[2]).transpose(1, 2)


class _Gate(nn.Module):
    """How much of each of two states, for each channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(2 * width, 2 * width)
        self.norm = nn.LayerNorm(width)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """The states."""
        of_one, of_other = self.gate(torch.cat([one, other], dim=-1)).sigmoid().chunk(2, dim=-1)
        out: Tensor = self.norm(of_one * one + of_other * other)
        return out


class _Quality(nn.Module):
    """What is added to a person's logits for what the finest map shows at its points."""

    def __init__(self, keypoints: int, hidden: int) -> None:
        super().__init__()
        self.reg_conf = _Perceptron(keypoints * (_STRONGEST + 1), hidden, 1, 2)

    def forward(self, points: Tensor, finest: Tensor) -> Tensor:
        """Points (n, queries, k, 2) to (n, queries, 1)."""
        strongest = _sampled(finest, points).topk(_STRONGEST, dim=1).values
        facts = torch.cat([strongest, strongest.mean(1, keepdim=True)], dim=1).permute(0, 2, 3, 1)
        out: Tensor = self.reg_conf(facts.flatten(2))
        return out


class _Perceptron(nn.Module):
    """`count` linear layers with ReLU between them."""

    def __init__(self, before: int, hidden: int, after: int, count: int) -> None:
        super().__init__()
        sizes = [before, *[hidden] * (count - 1), after]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        """(..., after)."""
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        out: Tensor = self.layers[-1](x)
        return out


def _sampled(features: Tensor, points: Tensor) -> Tensor:
    """Values (n, c, a, b) of a map (n, c, h, w) at points (n, a, b, 2), in shares of it; 0 beyond it."""
    return F.grid_sample(features, 2 * points - 1, mode="bilinear", padding_mode="zeros", align_corners=False)


def _inverse_sigmoid(x: Tensor, least: float = 1e-3) -> Tensor:
    return (x.clamp(least, 1) / (1 - x).clamp(least, 1)).log()
