"""Converters for arithmetic, shapes, indexing and reductions."""

import numpy as np
from convert import Conversion, operator
from onnx import TensorProto
from onnx_graph import TO_CHANNELS_FIRST, Tensor
from operators_image import activation
from tfjs_graph import Array, TfjsNode

__all__: list[str] = []

TYPES = {"DT_FLOAT": TensorProto.FLOAT, "DT_INT32": TensorProto.INT32, "DT_BOOL": TensorProto.BOOL}
UNARY = {"Sigmoid", "Relu", "Relu6", "LeakyRelu", "Abs", "Exp", "Reciprocal"}
BINARY = {
    "Add": "Add",
    "AddV2": "Add",
    "Sub": "Sub",
    "Mul": "Mul",
    "RealDiv": "Div",
    "FloorDiv": "Div",  # of integers that are not negative
    "Minimum": "Min",
    "Maximum": "Max",
    "Less": "Less",
    "Greater": "Greater",
    "GreaterEqual": "GreaterOrEqual",
    "Equal": "Equal",
    "LogicalAnd": "And",
}
REDUCTIONS = {"Max": "ReduceMax", "Mean": "ReduceMean", "Sum": "ReduceSum"}
FURTHEST = np.iinfo(np.int64).max


@operator("Const")
def constant(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Constants are written only where something uses them."""
    return [Tensor(constant=state.source.constants[node.name])]


@operator("Identity")
def identity(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """The same tensor under another name."""
    return [state.tensor(node.inputs[0])]


@operator(*UNARY)
def unary(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Element by element, so the layout does not matter."""
    tensor = state.tensor(node.inputs[0])
    if node.op in ("Abs", "Exp", "Reciprocal"):
        return [Tensor(state.target.node(node.op, [tensor.name]), tensor.channels_first)]
    slope = node.number("alpha", 0.2)
    return [Tensor(activation(state, tensor.name, node.op, slope), tensor.channels_first)]


@operator("Cast")
def cast(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Change of type; floats are cut towards zero, as in TensorFlow."""
    tensor = state.tensor(node.inputs[0])
    made = state.target.node("Cast", [state.target.stored(tensor)], to=TYPES[node.data_type("DstT")])
    return [Tensor(made, tensor.channels_first)]


@operator(*BINARY)
def binary(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Two tensors with broadcasting; stays channels first where both sides can."""
    tensors = state.inputs(node)
    if BINARY[node.op] == "Add" and (biased := _as_bias(state, node, tensors)):
        return [biased]
    first = any(t.channels_first for t in tensors) and all(t.channels_first or t.constant is not None for t in tensors)
    if first:
        names = [_channels_first_operand(state, t) for t in tensors]
    else:
        names = [state.target.as_source(t) for t in tensors]
    return [Tensor(state.target.node(BINARY[node.op], names), first)]


def _as_bias(state: Conversion, node: TfjsNode, tensors: list[Tensor]) -> Tensor | None:
    """The convolution with the sum taken in as its bias, where nothing else reads the convolution."""
    tensor, values = tensors[0], tensors[1].constant
    if values is None or values.ndim != 1 or state.source.uses[node.inputs[0]] != 1:
        return None
    if not tensor.channels_first or tensor.name not in state.awaiting_bias:
        return None
    position, bias = state.awaiting_bias.pop(tensor.name)
    state.target.nodes[position].input.append(state.target.weight(bias, values))
    return tensor


def _channels_first_operand(state: Conversion, tensor: Tensor) -> str:
    if tensor.constant is None:
        return tensor.name
    return state.target.constant(_channels_first(tensor.constant))


def _channels_first(values: Array) -> Array:
    if values.ndim == 0:
        return values
    if values.ndim == 1:
        return values.reshape(-1, 1, 1)
    if values.ndim == 4:
        return values.transpose(TO_CHANNELS_FIRST)
    message = f"a constant with shape {values.shape} has no channels-first form"
    raise NotImplementedError(message)


@operator("AddN")
def add_many(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """The sum of several tensors of one shape."""
    tensors = state.inputs(node)
    first = all(t.channels_first for t in tensors)
    names = [t.name if first else state.target.as_source(t) for t in tensors]
    return [Tensor(state.target.node("Sum", names), first)]


@operator("SquaredDifference")
def squared_difference(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """(a - b) squared."""
    difference = state.target.node("Sub", [state.target.as_source(t) for t in state.inputs(node)])
    return [Tensor(state.target.node("Mul", [difference, difference]))]


@operator("ConcatV2")
def concatenate(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Join along an axis, which moves where all parts are channels first."""
    tensors, axis = state.inputs(node)[:-1], int(state.constant(node.inputs[-1]))
    first = all(t.channels_first for t in tensors)
    if first:
        axis = TO_CHANNELS_FIRST.index(axis % 4)
    names = [t.name if first else state.target.as_source(t) for t in tensors]
    return [Tensor(state.target.node("Concat", names, axis=axis), first)]


@operator("Pack")
def pack(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Stack tensors along a new axis."""
    axis = node.integer("axis")
    at = state.target.constant([axis], np.int64)
    names = [state.target.node("Unsqueeze", [state.target.as_source(t), at]) for t in state.inputs(node)]
    return [Tensor(state.target.node("Concat", names, axis=axis))]


@operator("Unpack")
def unpack(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Take a tensor apart along an axis, which goes away."""
    axis, count = node.integer("axis"), node.integer("num")
    source = state.target.as_source(state.tensor(node.inputs[0]))
    parts = state.target.nodes_out("Split", [source], count, axis=axis)
    at = state.target.constant([axis], np.int64)
    return [Tensor(state.target.node("Squeeze", [part, at])) for part in parts]


@operator("Split")
def split(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Cut into equal parts along an axis, which stays."""
    axis, count = int(state.constant(node.inputs[0])), node.integer("num_split")
    source = state.target.as_source(state.tensor(node.inputs[1]))
    return [Tensor(part) for part in state.target.nodes_out("Split", [source], count, axis=axis)]


@operator("Shape", "Size")
def shape(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Shape or number of elements as int32, the source graph's integer."""
    source = state.target.as_source(state.tensor(node.inputs[0]))
    made = state.target.node(node.op, [source])
    return [Tensor(state.target.node("Cast", [made], to=TensorProto.INT32))]


@operator("Reshape")
def reshape(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """The same elements in another shape."""
    tensor, size = state.inputs(node)
    return [Tensor(state.target.node("Reshape", [state.target.as_source(tensor), state.int64(size)]))]


@operator("ExpandDims")
def expand_dims(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """A new axis of length 1."""
    at = state.target.constant([int(state.constant(node.inputs[1]))], np.int64)
    return [Tensor(state.target.node("Unsqueeze", [state.target.as_source(state.tensor(node.inputs[0])), at]))]


@operator("Squeeze")
def squeeze(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Drop axes of length 1."""
    at = state.target.constant(node.integers("squeeze_dims"), np.int64)
    return [Tensor(state.target.node("Squeeze", [state.target.as_source(state.tensor(node.inputs[0])), at]))]


@operator("Fill")
def fill(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """One value in a shape."""
    size, value = state.inputs(node)
    return [Tensor(state.target.node("Expand", [state.target.stored(value), state.int64(size)]))]


@operator("Tile")
def tile(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Repeat along each axis."""
    tensor, times = state.inputs(node)
    return [Tensor(state.target.node("Tile", [state.target.as_source(tensor), state.int64(times)]))]


@operator("Range", "Select")
def as_it_is(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Operations that ONNX has with the same inputs."""
    kind = {"Range": "Range", "Select": "Where"}[node.op]
    return [Tensor(state.target.node(kind, [state.target.as_source(t) for t in state.inputs(node)]))]


@operator("GatherNd")
def gather_nd(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Elements by their full index."""
    tensor, index = state.inputs(node)
    return [Tensor(state.target.node("GatherND", [state.target.as_source(tensor), state.int64(index)]))]


@operator("TopKV2")
def top_k(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """The k largest along the last axis and where they are."""
    count = state.target.constant([int(state.constant(node.inputs[1]))], np.int64)
    source = state.target.as_source(state.tensor(node.inputs[0]))
    values, places = state.target.nodes_out("TopK", [source, count], 2, axis=-1)
    return [Tensor(values), Tensor(state.target.node("Cast", [places], to=TensorProto.INT32))]


@operator("ArgMax")
def arg_max(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Where the largest is; the first of equals."""
    source = state.target.as_source(state.tensor(node.inputs[0]))
    place = state.target.node("ArgMax", [source], axis=int(state.constant(node.inputs[1])), keepdims=0)
    return [Tensor(state.target.node("Cast", [place], to=TensorProto.INT32))]


@operator(*REDUCTIONS)
def reduction(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Maximum, mean or sum over axes."""
    source = state.target.as_source(state.tensor(node.inputs[0]))
    axes = [int(axis) for axis in state.constant(node.inputs[1]).reshape(-1)]
    keep = int(node.flag("keep_dims"))
    if node.op == "Sum":
        return [Tensor(state.target.node("ReduceSum", [source, state.target.constant(axes, np.int64)], keepdims=keep))]
    return [Tensor(state.target.node(REDUCTIONS[node.op], [source], axes=axes, keepdims=keep))]


@operator("StridedSlice")
def strided_slice(state: Conversion, node: TfjsNode) -> list[Tensor]:
    """Slicing with TensorFlow's masks: open ends, axes that go, axes that come."""
    if node.integer("ellipsis_mask"):
        message = f"{node.name}: a slice with an ellipsis is not converted"
        raise NotImplementedError(message)
    begin, end, step = (state.constant(reference) for reference in node.inputs[1:4])
    bounds: list[tuple[int, int, int, int]] = []
    dropped: list[int] = []
    added: list[int] = []
    axis = 0
    for place in range(len(begin)):
        bit = 1 << place
        if node.integer("new_axis_mask") & bit:
            added.append(place)
            continue
        first, last = int(begin[place]), int(end[place])
        if node.integer("shrink_axis_mask") & bit:
            dropped.append(axis)
            bounds.append((first, first + 1 if first != -1 else FURTHEST, 1, axis))
        else:
            first = 0 if node.integer("begin_mask") & bit else first
            last = FURTHEST if node.integer("end_mask") & bit else last
            bounds.append((first, last, int(step[place]), axis))
        axis += 1
    return [Tensor(_sliced(state, state.target.as_source(state.tensor(node.inputs[0])), bounds, dropped, added))]


def _sliced(
    state: Conversion, name: str, bounds: list[tuple[int, int, int, int]], dropped: list[int], added: list[int]
) -> str:
    needed = [b for b in bounds if b[:3] != (0, FURTHEST, 1)]
    if needed:
        starts, ends, steps, axes = (
            state.target.constant(list(column), np.int64) for column in zip(*needed, strict=True)
        )
        name = state.target.node("Slice", [name, starts, ends, axes, steps])
    if dropped:
        name = state.target.node("Squeeze", [name, state.target.constant(dropped, np.int64)])
    if added:
        name = state.target.node("Unsqueeze", [name, state.target.constant(added, np.int64)])
    return name
