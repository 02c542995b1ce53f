"""Changes to a finished graph: padding into convolutions, unused parts out, weights stored in half precision."""

from collections import Counter
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from onnx_graph import OnnxGraph

__all__ = ["absorb_padding", "drop_unused", "store_half"]

LOWEST = float(np.finfo(np.float32).min) / 2


def absorb_padding(graph: OnnxGraph) -> None:
    """Give the padding before a convolution (zeros) or a maximum (lowest number) to that node."""
    made_by = {name: node for node in graph.nodes for name in node.output}
    for node in graph.nodes:
        pad = made_by.get(node.input[0]) if node.op_type in ("Conv", "MaxPool") else None
        if pad is None or pad.op_type != "Pad" or not _neutral(graph, pad, node.op_type):
            continue
        amounts = graph.initializers[pad.input[1]].tolist()
        own = next((a for a in node.attribute if a.name == "pads"), None)
        if own is None or len(amounts) != 8 or any(amounts[i] for i in (0, 1, 4, 5)):
            continue
        merged = [a + b for a, b in zip(own.ints, amounts[2:4] + amounts[6:8], strict=True)]
        own.CopyFrom(helper.make_attribute("pads", merged))
        node.input[0] = pad.input[0]


def _neutral(graph: OnnxGraph, pad: Any, op: str) -> bool:
    value = float(graph.initializers[pad.input[2]]) if len(pad.input) > 2 else 0.0
    return value == 0.0 if op == "Conv" else value <= LOWEST


def drop_unused(graph: OnnxGraph) -> None:
    """Leave out nodes and initializers that no output needs."""
    needed = {output.name for output in graph.outputs}
    kept: list[Any] = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    graph.nodes[:] = reversed(kept)
    graph.initializers = {name: values for name, values in graph.initializers.items() if name in needed}


def store_half(graph: OnnxGraph) -> float:
    """Store weights as float16 behind a Cast; gives the largest change relative to the largest weight of its tensor.

    Matrices and kernels are always stored so, vectors only where that changes nothing.
    """
    uses = Counter(name for node in graph.nodes for name in node.input)
    casts: list[Any] = []
    worst = 0.0
    stored: dict[str, Any] = {}
    for name, values in graph.initializers.items():
        half = values.astype(np.float16) if values.dtype == np.float32 else values
        change = float(np.max(np.abs(values - half), initial=0)) if values.dtype == np.float32 else 0.0
        if values.dtype != np.float32 or values.size < 8 or (values.ndim < 2 and change > 0) or not uses[name]:
            stored[name] = values
            continue
        worst = max(worst, change / max(float(np.max(np.abs(values))), 1e-30))
        stored[f"{name}.f16"] = half
        casts.append(helper.make_node("Cast", [f"{name}.f16"], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
    graph.initializers = stored
    graph.nodes[:0] = casts
    return worst
