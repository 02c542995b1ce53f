"""Small ONNX files for tests: outputs that are constants, or plain functions of the image."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

__all__ = ["constant_file", "info", "write_file"]

Shape = Sequence[int | str]


def info(name: str, dtype: Any, shape: Shape) -> Any:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), list(shape))


def write_file(
    path: Path,
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A file of those nodes."""
    graph = helper.make_graph(list(nodes), "graph", list(inputs), list(outputs))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, dict(metadata or {}))
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


def constant_file(
    path: Path,
    outputs: Mapping[str, Any],
    *,
    image: Shape = (1, 3, 32, 32),
    dtype: Any = np.float32,
    beside: Sequence[Any] = (),
    metadata: Mapping[str, str] | None = None,
    free: Sequence[str] = (),
) -> Path:
    """A file that gives those outputs whatever the image shows; lengths of the outputs in `free` are left open."""
    arrays = {name: np.asarray(value) for name, value in outputs.items()}
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value)) for name, value in arrays.items()
    ]
    described = [
        info(name, value.dtype, [f"{name}{i}" for i in range(value.ndim)] if name in free else value.shape)
        for name, value in arrays.items()
    ]
    return write_file(path, nodes, [info("images", dtype, image), *beside], described, metadata)
