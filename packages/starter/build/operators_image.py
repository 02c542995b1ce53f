"""Converters for operations over images: convolution, pooling, padding and resizing, all done channels first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from convert import Conversion, operator
from onnx_graph import TO_CHANNELS_FIRST, TO_CHANNELS_LAST, Tensor
from tfjs_graph import Array, TfjsNode

__all__: list[str] = []


def activation(state: Conversion, name: str, kind: str, slope: float = 0.2) -> str:
    """Apply a fused activation, named as TensorFlow names it."""
    if kind == "Relu6":
        zero, six = state.target.constant(np.float32(0)), state.target.constant(np.float32(6))
        return state.target.node("Clip", [name, zero, six])
    if kind == "LeakyRelu":
        return state.target.node("LeakyRelu", [name], alpha=slope)
    if kind in ("Relu", "Sigmoid", "Elu", "Tanh"):
        return state.target.node(kind, [name])
    message = f"no converter for the fused activation {kind}"
    raise NotImplementedError(message)


def padding(node: TfjsNode, kernel: Sequence[int], strides: Sequence[int]) -> dict[str, Any]:
    """The ONNX attributes for TensorFlow's padding; SAME depends on the size of the image where the stride is 2."""
    kind = node.text("padding")
    if kind == "VALID":
        return {"pads": [0, 0, 0, 0]}
    if kind != "SAME":
        message = f"no converter for padding {kind} of node {node.name}"
        raise NotImplementedError(message)
    if all(s == 1 for s in strides) and all(k % 2 == 1 for k in kernel):
        half = [k // 2 for k in kernel]
        return {"pads": half + half}
    return {"auto_pad": "SAME_UPPER"}


@operator("Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative")
def convolution(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """`kh, kw, in, out` becomes `out, in, kh, kw`; depthwise `kh, kw, in, times` becomes `in * times, 1, kh, kw`."""
    kernel = state.constant(node.inputs[1])
    depthwise = "epthwise" in node.op
    height, width, channels, _ = kernel.shape
    if depthwise:
        weight, groups = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, height, width), channels
    else:
        weight, groups = kernel.transpose(3, 2, 0, 1), 1
    strides = node.integers("strides")[1:3]
    stem = state.target.fresh("conv")
    inputs = [state.target.as_channels_first(state.tensor(node.inputs[0]))]
    inputs.append(state.target.weight(f"{stem}.weight", np.ascontiguousarray(weight)))
    fused = node.texts("fused_ops")
    if "BiasAdd" in fused:
        inputs.append(state.target.weight(f"{stem}.bias", state.constant(node.inputs[2])))
    made = state.target.node(
        "Conv",
        inputs,
        stem,
        kernel_shape=[height, width],
        strides=strides,
        dilations=(node.integers("dilations") or [1, 1, 1, 1])[1:3],
        group=groups,
        **padding(node, (height, width), strides),
    )
    if not fused:
        state.awaiting_bias[made] = (len(state.target.nodes) - 1, f"{stem}.bias")
    for kind in fused:
        if kind != "BiasAdd":
            made = activation(state, made, kind, node.number("leakyrelu_alpha", 0.2))
    return [Tensor(made, channels_first=True)]


@operator("Conv2DBackpropInput")
def transposed_convolution(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Upsampling by a learnt kernel, where kernel and stride are equal, so that no padding is left to decide."""
    kernel = state.constant(node.inputs[1])
    strides = node.integers("strides")[1:3]
    if list(kernel.shape[:2]) != strides:
        message = f"{node.name}: a kernel of {kernel.shape[:2]} with strides {strides} is not converted"
        raise NotImplementedError(message)
    stem = state.target.fresh("conv")
    weight = state.target.weight(f"{stem}.weight", np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
    inputs = [state.target.as_channels_first(state.tensor(node.inputs[2])), weight]
    made = state.target.node("ConvTranspose", inputs, stem, kernel_shape=list(kernel.shape[:2]), strides=strides)
    state.awaiting_bias[made] = (len(state.target.nodes) - 1, f"{stem}.bias")
    return [Tensor(made, channels_first=True)]


@operator("MaxPool", "AvgPool")
def pooling(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Maximum or mean of a window; the mean leaves out the padding, as TensorFlow's does."""
    kernel, strides = node.integers("ksize")[1:3], node.integers("strides")[1:3]
    inputs = [state.target.as_channels_first(state.tensor(node.inputs[0]))]
    kind = "MaxPool" if node.op == "MaxPool" else "AveragePool"
    made = state.target.node(kind, inputs, kernel_shape=kernel, strides=strides, **padding(node, kernel, strides))
    return [Tensor(made, channels_first=True)]


@operator("Pad", "PadV2")
def pad(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Constant padding; a later pass moves it into the convolution or pooling that follows."""
    tensor, amounts = state.tensor(node.inputs[0]), state.constant(node.inputs[1])
    if tensor.channels_first:
        amounts = amounts[list(TO_CHANNELS_FIRST)]
    inputs = [tensor.name, state.target.constant(amounts.T.reshape(-1), np.int64)]
    if len(node.inputs) > 2:
        inputs.append(state.target.constant(state.constant(node.inputs[2])))
    return [Tensor(state.target.node("Pad", inputs), tensor.channels_first)]


@operator("Transpose")
def transpose(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """A change between NCHW and NHWC changes how the stored tensor is read, and costs nothing."""
    tensor, perm = state.tensor(node.inputs[0]), tuple(int(p) for p in state.constant(node.inputs[1]))
    if not tensor.channels_first and perm == TO_CHANNELS_LAST:
        return [Tensor(tensor.name, channels_first=True)]
    if tensor.channels_first and perm == TO_CHANNELS_FIRST:
        return [Tensor(tensor.name)]
    return [Tensor(state.target.node("Transpose", [state.target.as_source(tensor)], perm=list(perm)))]


@operator("ResizeBilinear")
def resize(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Bilinear resizing by a factor, so that the size of the image stays free."""
    if not node.flag("half_pixel_centers") or node.flag("align_corners"):
        message = f"{node.name}: only half-pixel centres are converted"
        raise NotImplementedError(message)
    inputs = [state.target.as_channels_first(state.tensor(node.inputs[0])), ""]
    vertical, horizontal = _factors(state, node)
    inputs.append(state.target.constant([1.0, 1.0, vertical, horizontal], np.float32))
    made = state.target.node("Resize", inputs, mode="linear", coordinate_transformation_mode="half_pixel")
    return [Tensor(made, channels_first=True)]


def _factors(state: Conversion, node: TfjsNode) -> tuple[float, float]:
    if node.name in state.scales:
        return state.scales[node.name], state.scales[node.name]
    size = state.source.nodes[node.inputs[1]]
    if size.op != "Mul":
        message = f"{node.name}: the size is neither a multiple of the input's size nor given as a scale"
        raise NotImplementedError(message)
    factors: Array = state.constant(size.inputs[1])
    return float(factors[0]), float(factors[1])
