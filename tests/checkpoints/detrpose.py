"""Small random weights of a DETRPose, by the names that its authors publish: two maps, as in the size n."""

from itertools import pairwise
from pathlib import Path
from typing import Any

WIDTH, FEEDFORWARD, MIDDLE, HEADS, LEVELS, SAMPLES, LAYERS, QUERIES, POINTS, BINS = 16, 24, 6, 8, 2, 2, 3, 12, 17, 33
STEM = (8, 8)
STAGES = ((8, 4, 8, 1, 3, False), (8, 4, 16, 1, 3, False), (16, 4, 16, 2, 5, True), (16, 8, 32, 1, 5, True))
"""Channels in, within and out, blocks, kernel, whether light."""

Shapes = dict[str, tuple[int, ...]]


def tensors(classes: int = 2) -> dict[str, Any]:
    """What the file of the size n holds, in other sizes. Names: github.com/SebastianJanampa/DETRPose."""
    import torch

    generator = torch.Generator().manual_seed(11)
    shapes = {f"backbone.{n}": s for n, s in _backbone().items()} | {f"encoder.{n}": s for n, s in _encoder().items()}
    shapes |= {f"transformer.{n}": s for n, s in _transformer(classes).items()}
    made = {name: _random(name, shape, generator) for name, shape in shapes.items()}
    bias = torch.arange(classes) * 0.3 + 0.3
    return made | _fixed() | {f"transformer.class_embed.{i}.bias": bias.clone() for i in range(LAYERS)}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write weights for the card `name` into `folder`; the options that load them."""
    import torch

    file = folder / f"{name.replace('-', '_')}.pth"
    torch.save({"model": tensors()}, file)
    return {"weights": file, "pickle": True}


def _random(name: str, shape: tuple[int, ...], generator: Any) -> Any:
    import torch

    drawn = torch.randn(shape, generator=generator)
    if name.endswith("num_batches_tracked"):
        return torch.tensor(5)
    if name.endswith("running_var"):
        return drawn.abs() * 0.5 + 0.6
    if name.endswith(("lab.scale", "norm.weight", "norm1.weight", "norm2.weight", "bn.weight")):
        return drawn * 0.1 + 1
    fan_in = drawn[0].numel() if len(shape) > 1 else 100
    return drawn * fan_in**-0.5 * (1.4 if "pose_embed" in name else 1)


def _fixed() -> dict[str, Any]:
    """What is the same in all weights of a size. The border that starts nobody is wider than the published 0.01, of which
    such coarse maps have nothing.
    """
    import torch

    grids = []
    for side in (40, 20):
        steps = (torch.arange(side) + 0.5) / side
        grids.append(torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1).reshape(1, -1, 2))
    places = torch.cat(grids, dim=1)
    return {
        "transformer.anchors": torch.log(places / (1 - places)),
        "transformer.valid_mask": ~((places > 0.04) & (places < 0.96)).all(-1, keepdim=True),
        "transformer.decoder.dim_t": 10000 ** (2 * (torch.arange(WIDTH // 2) // 2) / (WIDTH // 2)),
        "transformer.up": torch.tensor([0.5]),
        "transformer.reg_scale": torch.tensor([4.0]),
    }


def _backbone() -> Shapes:
    shapes: Shapes = {}

    def add(name: str, before: int, after: int, kernel: int, *, scaled: bool = True) -> None:
        shapes[f"{name}.conv.weight"] = (after, before, kernel, kernel)
        shapes.update({f"{name}.bn.{p}": (after,) for p in ("weight", "bias", "running_mean", "running_var")})
        shapes.update({f"{name}.lab.{p}": (1,) for p in ("scale", "bias") if scaled})

    middle, out = STEM
    add("stem.stem1", 3, middle, 3)
    add("stem.stem2a", middle, middle // 2, 2)
    add("stem.stem2b", middle // 2, middle, 2)
    add("stem.stem3", 2 * middle, middle, 3)
    add("stem.stem4", middle, out, 1)
    for number, (before, within, after, blocks, kernel, light) in enumerate(STAGES):
        if number:
            add(f"stages.{number}.downsample", 1, before, 3, scaled=False)
        for b in range(blocks):
            block, enters = f"stages.{number}.blocks.{b}", after if b else before
            for layer, channels in enumerate((enters, within)):
                if light:
                    add(f"{block}.layers.{layer}.conv1", channels, within, 1, scaled=False)
                    add(f"{block}.layers.{layer}.conv2", 1, within, kernel)
                else:
                    add(f"{block}.layers.{layer}", channels, within, kernel)
            add(f"{block}.aggregation.0", enters + 2 * within, after // 2, 1)
            add(f"{block}.aggregation.1", after // 2, after, 1)
    return shapes


def _encoder() -> Shapes:
    shapes: Shapes = {}

    def add(name: str, before: int, after: int, kernel: int = 1) -> None:
        shapes[f"{name}.conv.weight"] = (after, before, kernel, kernel)
        shapes.update({f"{name}.norm.{p}": (after,) for p in ("weight", "bias", "running_mean", "running_var")})
        shapes[f"{name}.norm.num_batches_tracked"] = ()

    for i, stage in enumerate(STAGES[-LEVELS:]):
        add(f"input_proj.{i}", stage[2], WIDTH)
    layer = "encoder.0.layers.0"
    shapes |= _attention(f"{layer}.self_attn") | _linear(f"{layer}.linear1", WIDTH, FEEDFORWARD)
    shapes |= _linear(f"{layer}.linear2", FEEDFORWARD, WIDTH) | _norm(f"{layer}.norm1") | _norm(f"{layer}.norm2")
    add("lateral_convs.0", WIDTH, WIDTH)
    add("downsample_convs.0.0.cv1", WIDTH, WIDTH)
    add("downsample_convs.0.0.cv2", 1, WIDTH, 3)
    for block in ("fpn_blocks.0", "pan_blocks.0"):
        add(f"{block}.cv1", 2 * WIDTH, 2 * WIDTH)
        for part, before in (("cv2", WIDTH), ("cv3", MIDDLE)):
            add(f"{block}.{part}.0.conv1", before, MIDDLE)
            add(f"{block}.{part}.0.conv2", before, MIDDLE)
            add(f"{block}.{part}.0.bottlenecks.0.conv1", MIDDLE, MIDDLE, 3)
            add(f"{block}.{part}.0.bottlenecks.0.conv2", MIDDLE, MIDDLE)
            add(f"{block}.{part}.1", MIDDLE, MIDDLE, 3)
        add(f"{block}.cv4", 2 * WIDTH + 2 * MIDDLE, WIDTH)
    return shapes


def _transformer(classes: int) -> Shapes:
    shapes: Shapes = {}
    for i in range(LAYERS):
        layer = f"decoder.layers.{i}"
        shapes |= _attention(f"{layer}.within_attn") | _norm(f"{layer}.within_norm")
        shapes |= _attention(f"{layer}.across_attn") | _norm(f"{layer}.across_norm")
        taken = HEADS * LEVELS * SAMPLES
        shapes |= _linear(f"{layer}.cross_attn.sampling_offsets", WIDTH, 2 * taken)
        shapes |= _linear(f"{layer}.cross_attn.attention_weights", WIDTH, taken)
        shapes |= _linear(f"{layer}.gateway.gate", 2 * WIDTH, 2 * WIDTH) | _norm(f"{layer}.gateway.norm")
        shapes |= _linear(f"{layer}.linear1", WIDTH, FEEDFORWARD) | _linear(f"{layer}.linear2", FEEDFORWARD, WIDTH)
        shapes |= _norm(f"{layer}.norm2")
    shapes |= _perceptron("decoder.half_pose_ref_point_head", WIDTH, WIDTH, WIDTH)
    rows = {"keypoint_embedding": POINTS, "instance_embedding": 1, "tgt_embed": QUERIES, "label_enc": 81}
    shapes |= {f"{name}.weight": (count, WIDTH) for name, count in (rows | {"pose_enc": POINTS}).items()}
    shapes |= _linear("enc_output", WIDTH, WIDTH) | _norm("enc_output_norm")
    for i in range(LAYERS):
        shapes |= _linear(f"class_embed.{i}", WIDTH, classes)
        shapes |= _perceptron(f"pose_embed.{i}", WIDTH, WIDTH, WIDTH, 2 * BINS)
        shapes |= _perceptron(f"lqe_embed.{i}.reg_conf", POINTS * 5, 256, 1)
    shapes |= _perceptron("pre_pose_embed", WIDTH, WIDTH, WIDTH, 2)
    shapes |= _perceptron("enc_pose_embed", WIDTH, 2 * WIDTH, 2 * WIDTH, 2 * WIDTH, 2 * POINTS)
    return shapes | _linear("enc_out_class_embed", WIDTH, classes)


def _linear(name: str, before: int, after: int) -> Shapes:
    return {f"{name}.weight": (after, before), f"{name}.bias": (after,)}


def _norm(name: str) -> Shapes:
    return {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}


def _attention(name: str) -> Shapes:
    shapes: Shapes = {f"{name}.in_proj_weight": (3 * WIDTH, WIDTH), f"{name}.in_proj_bias": (3 * WIDTH,)}
    return shapes | _linear(f"{name}.out_proj", WIDTH, WIDTH)


def _perceptron(name: str, *sizes: int) -> Shapes:
    shapes: Shapes = {}
    for i, (before, after) in enumerate(pairwise(sizes)):
        shapes |= _linear(f"{name}.layers.{i}", before, after)
    return shapes
