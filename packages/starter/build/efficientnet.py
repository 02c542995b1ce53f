"""EfficientNet-Lite0 from its torch state dict: the network written out, batch norms folded into convolutions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto
from onnx_graph import OnnxGraph

__all__ = ["efficientnet_lite0"]

BATCH_NORM_EPSILON = 1e-3  # TensorFlow's value, with which the weights were trained


@dataclass(frozen=True)
class Stage:
    """Blocks of one size: how many, kernel, stride of the first, and by how much it widens inside."""

    blocks: int
    kernel: int
    stride: int
    expansion: int


STAGES = (
    Stage(1, 3, 1, 1),
    Stage(2, 3, 2, 6),
    Stage(2, 5, 2, 6),
    Stage(3, 3, 2, 6),
    Stage(3, 5, 1, 6),
    Stage(4, 5, 2, 6),
    Stage(1, 3, 1, 6),
)


class Network:
    """Adds the layers of the state dict to a graph."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state
        self.graph = OnnxGraph()

    def layer(self, x: str, convolution: str, norm: str, stride: int = 1, *, active: bool = True) -> str:
        """Convolution with its batch norm folded in, then ReLU6 where active; padded as TensorFlow's SAME."""
        kernel = self.state[f"{convolution}.weight"].astype(np.float64)
        gamma, beta, mean, variance = (
            self.state[f"{norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        gain = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        stem = self.graph.fresh("conv")
        weight = self.graph.weight(f"{stem}.weight", (kernel * gain[:, None, None, None]).astype(np.float32))
        bias = self.graph.weight(f"{stem}.bias", (beta - mean * gain).astype(np.float32))
        size = kernel.shape[2]
        half = size // 2
        padding: dict[str, Any] = {"pads": [half] * 4} if stride == 1 else {"auto_pad": "SAME_UPPER"}
        groups = kernel.shape[0] if "depthwise" in convolution else 1
        x = self.graph.node(
            "Conv",
            [x, weight, bias],
            stem,
            kernel_shape=[size, size],
            strides=[stride, stride],
            group=groups,
            **padding,
        )
        if not active:
            return x
        return self.graph.node("Clip", [x, self.graph.constant(np.float32(0)), self.graph.constant(np.float32(6))])

    def block(self, x: str, index: int, stage: Stage, stride: int) -> str:
        """Widen, filter each channel, narrow; add the input where the shape allows."""
        name = f"_blocks.{index}"
        y = x if stage.expansion == 1 else self.layer(x, f"{name}._expand_conv", f"{name}._bn0")
        y = self.layer(y, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        y = self.layer(y, f"{name}._project_conv", f"{name}._bn2", active=False)
        widths = [self.state[f"{name}.{w}"].shape for w in ("_depthwise_conv.weight", "_project_conv.weight")]
        same_width = widths[0][0] == widths[1][0] * stage.expansion
        return self.graph.node("Add", [y, x]) if stride == 1 and same_width else y


def efficientnet_lite0(checkpoint: Path) -> OnnxGraph:
    """The whole network with free batch, height and width."""
    import torch

    tensors = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = Network({name: tensor.numpy() for name, tensor in tensors.items()})
    graph = network.graph
    x = graph.add_input("images", TensorProto.FLOAT, ["batch", 3, "height", "width"])
    x = network.layer(x, "_conv_stem", "_bn0", 2)
    index = 0
    for stage in STAGES:
        for place in range(stage.blocks):
            x = network.block(x, index, stage, stage.stride if place == 0 else 1)
            index += 1
    x = network.layer(x, "_conv_head", "_bn1")
    features = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])], axis=1)
    weight, bias = (network.state[f"_fc.{part}"] for part in ("weight", "bias"))
    weight, bias = graph.weight("classifier.weight", weight), graph.weight("classifier.bias", bias)
    logits = graph.node("Gemm", [features, weight, bias], transB=1)
    graph.add_output("features", features, ["batch", 1280])
    graph.add_output("logits", logits, ["batch", 1000])
    return graph
