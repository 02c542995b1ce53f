"""Weights of an ONNX file given to a torch network's layers, by order of computation and by shape."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, MissingExtra, NotFound

__all__ = ["OnnxWeights"]

Array = npt.NDArray[np.float32]


class OnnxWeights:
    """The parameters of an ONNX graph, in the order in which the graph computes from its inputs to `output`."""

    def __init__(self, path: Path, output: str) -> None:
        try:
            import onnx
        except ImportError as error:
            raise MissingExtra("Training", "train") from error
        if not path.is_file():
            raise NotFound(f"There are no weights at {path}. Install ocella-starter again, or start from 'random'.")
        self.path = path
        graph = onnx.load(str(path)).graph
        self._arrays = {i.name: i for i in graph.initializer}
        self._maker = {name: node for node in graph.node for name in node.output}
        self._order = self._walk(output)

    def _walk(self, output: str) -> list[Any]:
        """Nodes that `output` needs, each after those it needs, inputs taken from left to right."""
        order: list[Any] = []
        done: set[str] = set()
        stack = [(output, False)]
        while stack:
            name, ready = stack.pop()
            node = self._maker.get(name)
            if node is None or node.output[0] in done:
                continue
            if ready:
                done.add(node.output[0])
                order.append(node)
            else:
                stack.append((name, True))
                stack.extend((each, False) for each in reversed(node.input))
        return order

    def _value(self, name: str) -> Array | None:
        """The constant behind a name, through casts; None where it is computed."""
        from onnx import numpy_helper

        node = self._maker.get(name)
        while node is not None and node.op_type in {"Cast", "Identity"}:
            name = node.input[0]
            node = self._maker.get(name)
        return numpy_helper.to_array(self._arrays[name]).astype(np.float32) if name in self._arrays else None

    def _constants(self, kinds: set[str]) -> Iterator[list[Array]]:
        for node in self._order:
            if node.op_type in kinds:
                found = [self._value(name) for name in node.input]
                yield [v for v in found if v is not None]

    def fill_convolutions(self, layers: Sequence[Any]) -> None:
        """Give each torch convolution the first unused weight of its shape; raises Mismatch where one is left over."""
        import torch

        unused = [c for c in self._constants({"Conv"}) if len(c) == 2]
        for layer in layers:
            shape = tuple(layer.weight.shape)
            place = next((i for i, (weight, _) in enumerate(unused) if weight.shape == shape), None)
            if place is None:
                raise Mismatch(f"{self.path.name} has no (further) convolution with bias of shape {shape}.")
            weight, bias = unused.pop(place)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(weight))
                layer.bias.copy_(torch.from_numpy(bias))
        if unused:
            raise Mismatch(f"{self.path.name} has {len(unused)} convolutions that the network has not.")

    def fill_linear(self, layer: Any) -> None:
        """Give a torch linear layer the last weight and bias of its shape, either way round; raises Mismatch."""
        import torch

        shape = tuple(layer.weight.shape)
        found = [v for values in self._constants({"Gemm", "MatMul", "Add"}) for v in values]
        weights = [v if v.shape == shape else v.T for v in found if v.shape in {shape, shape[::-1]}]
        biases = [v for v in found if v.shape == shape[:1]]
        if not weights or not biases:
            raise Mismatch(f"{self.path.name} has no linear layer of shape {shape} with bias.")
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weights[-1])))
            layer.bias.copy_(torch.from_numpy(biases[-1]))
