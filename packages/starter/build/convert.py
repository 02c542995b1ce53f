"""TensorFlow.js graph to ONNX graph: walk the nodes, ask each operation's converter, keep tensors by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from onnx_graph import OnnxGraph, Tensor
from tfjs_graph import Array, TfjsGraph, TfjsNode

__all__ = ["OPERATORS", "Conversion", "convert", "operator"]


@dataclass
class Conversion:
    """The state of one conversion: source, target, and the tensors made so far."""

    source: TfjsGraph
    target: OnnxGraph
    tensors: dict[str, Tensor]
    scales: Mapping[str, float] = field(default_factory=dict)
    awaiting_bias: dict[str, tuple[int, str]] = field(default_factory=dict)

    def tensor(self, reference: str) -> Tensor:
        """The tensor that a reference of the source graph stands for."""
        return self.tensors[reference]

    def inputs(self, node: TfjsNode) -> list[Tensor]:
        """The tensors a node reads."""
        return [self.tensors[reference] for reference in node.inputs]

    def constant(self, reference: str) -> Array:
        """The values of a constant input; a ValueError where it is computed at run time."""
        values = self.tensors[reference].constant
        if values is None:
            message = f"{reference} must be a constant, but the graph computes it"
            raise ValueError(message)
        return values

    def int64(self, tensor: Tensor) -> str:
        """The name of an integer tensor as the int64 that ONNX wants for shapes and indices."""
        if tensor.constant is not None:
            return self.target.constant(tensor.constant, np.int64)
        return self.target.node("Cast", [self.target.as_source(tensor)], to=7)


Converter = Callable[[Conversion, TfjsNode], list[Tensor]]
OPERATORS: dict[str, Converter] = {}


def operator(*names: str) -> Callable[[Converter], Converter]:
    """Register a converter for these TensorFlow operations."""

    def register(converter: Converter) -> Converter:
        OPERATORS.update(dict.fromkeys(names, converter))
        return converter

    return register


def convert(
    source: TfjsGraph,
    target: OnnxGraph,
    given: Mapping[str, Tensor],
    roots: Iterable[str],
    scales: Mapping[str, float] | None = None,
) -> Conversion:
    """Convert what the roots need. `given` stands for placeholders, `scales` for resizes to a fixed size."""
    state = Conversion(source, target, dict(given), scales or {})
    for node in source.in_order(roots):
        if node.name in state.tensors:
            continue
        if node.op not in OPERATORS:
            message = (
                f"no converter for operation {node.op} of node {node.name}; add one beside those in operators_*.py"
            )
            raise NotImplementedError(message)
        made = OPERATORS[node.op](state, node)
        for index, tensor in enumerate(made):
            state.tensors[node.name if index == 0 else f"{node.name}:{index}"] = tensor
    return state
