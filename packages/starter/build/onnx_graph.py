"""An ONNX graph under construction, in which a tensor knows whether it is stored channels first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

__all__ = ["OPSET", "OnnxGraph", "Tensor"]

OPSET = 17
IR_VERSION = 8
TO_CHANNELS_FIRST = (0, 3, 1, 2)
TO_CHANNELS_LAST = (0, 2, 3, 1)

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Tensor:
    """A value of the source graph: its ONNX name or its constant, and whether NHWC is stored as NCHW."""

    name: str = ""
    channels_first: bool = False
    constant: Array | None = None


class OnnxGraph:
    """Nodes and initializers in the order they are added; names are short and always the same."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.initializers: dict[str, Array] = {}
        self._counts: dict[str, int] = {}
        self._shared: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._transposed: dict[str, str] = {}

    def add_input(self, name: str, dtype: int, shape: Sequence[int | str]) -> str:
        """A graph input; a dimension given as text is free."""
        self.inputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))
        return name

    def add_output(self, name: str, tensor: str, shape: Sequence[int | str]) -> None:
        """Make a float tensor a graph output under its public name."""
        self.nodes.append(helper.make_node("Identity", [tensor], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(shape)))

    def node(self, op: str, inputs: Sequence[str], stem: str = "", **attributes: Any) -> str:
        """Add a node with one output; gives the output's name."""
        return self.nodes_out(op, inputs, 1, stem, **attributes)[0]

    def nodes_out(self, op: str, inputs: Sequence[str], count: int, stem: str = "", **attributes: Any) -> list[str]:
        """Add a node with `count` outputs, named after `stem` or its operation; gives the outputs' names."""
        stem = stem or self.fresh(op.lower())
        names = [stem] if count == 1 else [f"{stem}.{i}" for i in range(count)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=stem, **attributes))
        return names

    def constant(self, values: Any, dtype: type[np.generic] | None = None) -> str:
        """The name of an initializer with these values; equal ones are shared."""
        array = np.ascontiguousarray(np.asarray(values, dtype))
        array = array.reshape(np.shape(values))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._shared:
            self._shared[key] = self.weight(self.fresh("const"), array)
        return self._shared[key]

    def weight(self, name: str, values: Array) -> str:
        """An initializer with its own name."""
        self.initializers[name] = values
        return name

    def fresh(self, stem: str) -> str:
        """`stem_0`, `stem_1`, ..."""
        count = self._counts.get(stem, 0)
        self._counts[stem] = count + 1
        return f"{stem}_{count}"

    def stored(self, tensor: Tensor) -> str:
        """The name of a tensor as it is stored, whatever its layout."""
        return tensor.name if tensor.constant is None else self.constant(tensor.constant)

    def as_source(self, tensor: Tensor) -> str:
        """The name of a tensor in the layout of the source graph."""
        if not tensor.channels_first:
            return self.stored(tensor)
        return self._transpose(tensor.name, TO_CHANNELS_LAST)

    def as_channels_first(self, tensor: Tensor) -> str:
        """The name of an NHWC tensor, stored as NCHW."""
        return tensor.name if tensor.channels_first else self._transpose(self.stored(tensor), TO_CHANNELS_FIRST)

    def model(self, name: str, metadata: dict[str, str]) -> Any:
        """The finished model, checked."""
        tensors = [numpy_helper.from_array(values, key) for key, values in self.initializers.items()]
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, tensors)
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="ocella-starter")
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _transpose(self, name: str, perm: tuple[int, ...]) -> str:
        if name not in self._transposed:
            self._transposed[name] = self.node("Transpose", [name], perm=list(perm))
        return self._transposed[name]
