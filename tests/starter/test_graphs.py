"""The starter files as graphs: what training relies on, and how weights are stored."""

from typing import Any

import numpy as np
import onnx
import pytest

import ocella_starter

NAMES = ["nanodet-g", "efficientnet-lite0", "movenet-multipose", "person-segmentation"]


def load(name: str) -> Any:
    return onnx.load(ocella_starter.path(name))


@pytest.mark.parametrize("name", NAMES)
def test_model_is_valid_and_says_what_it_is(name: str) -> None:
    model = load(name)
    onnx.checker.check_model(model, full_check=True)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 17)]
    assert {"task", "images"} < {item.key for item in model.metadata_props}


@pytest.mark.parametrize("name", NAMES)
def test_kernels_are_stored_in_half_precision(name: str) -> None:
    stored = {tensor.name: tensor for tensor in load(name).graph.initializer}
    kernels = [tensor for tensor in stored.values() if len(tensor.dims) >= 2 and np.prod(tensor.dims) >= 64]
    assert kernels
    assert {tensor.data_type for tensor in kernels} == {onnx.TensorProto.FLOAT16}
    largest = max(float(np.abs(onnx.numpy_helper.to_array(tensor)).max()) for tensor in kernels)
    assert largest < np.finfo(np.float16).max


@pytest.mark.parametrize(("name", "count"), [("nanodet-g", 34), ("efficientnet-lite0", 49)])
def test_convolutions_have_weights_and_biases_that_training_can_read(name: str, count: int) -> None:
    graph = load(name).graph
    stored = {tensor.name for tensor in graph.initializer}
    stored |= {node.output[0] for node in graph.node if node.op_type == "Cast" and node.input[0] in stored}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) == count
    assert all(len(node.input) == 3 and set(node.input[1:]) <= stored for node in convolutions)
    assert [node.input[1] for node in convolutions] == [f"conv_{i}.weight" for i in range(count)]


@pytest.mark.parametrize("name", ["nanodet-g", "efficientnet-lite0", "person-segmentation"])
def test_no_pixel_is_moved_between_layouts(name: str) -> None:
    perms = [list(node.attribute[0].ints) for node in load(name).graph.node if node.op_type == "Transpose"]
    assert all(len(perm) == 3 for perm in perms), "only the detector's cells are transposed, at its very end"
