"""The converter in `packages/starter/build`, on a TensorFlow.js graph written here, against torch."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch
from torch.nn import functional as F

BUILD = Path(__file__).parents[2] / "packages" / "starter" / "build"
CONVERT = """
import sys
from pathlib import Path
import operators_image, operators_plain
from convert import convert
from onnx_graph import OnnxGraph, Tensor
from passes import absorb_padding, drop_unused, store_half
from tfjs_graph import TfjsGraph
graph = OnnxGraph()
given = {"x": Tensor(graph.add_input("images", 1, ["n", "h", "w", 2]))}
state = convert(TfjsGraph(Path("model.json")), graph, given, ["y"])
graph.add_output("y", graph.as_source(state.tensor("y")), ["n", "h2", "w2", 4])
absorb_padding(graph), drop_unused(graph), store_half(graph)
Path("model.onnx").write_bytes(graph.model("tiny", {}).SerializeToString(deterministic=True))
"""
RANDOM = np.random.default_rng(3)
WEIGHTS = {
    "kernel": RANDOM.normal(size=(3, 3, 2, 4)).astype(np.float16),
    "bias": RANDOM.normal(size=4).astype(np.float16),
    "depthwise": RANDOM.normal(size=(5, 5, 4, 1)).astype(np.float16),
}


def text(value: str) -> dict[str, str]:
    return {"s": base64.b64encode(value.encode()).decode()}


def steps(*numbers: int) -> dict[str, Any]:
    return {"list": {"i": [str(number) for number in numbers]}}


def write_graph(folder: Path, last: str = "LeakyRelu", spare: int = 0) -> None:
    nodes: list[dict[str, Any]] = [{"name": name, "op": "Const"} for name in WEIGHTS]
    same = {"padding": text("SAME")}
    nodes += [
        {"name": "x", "op": "Placeholder"},
        {"name": "c", "op": "Conv2D", "input": ["x", "kernel"], "attr": {**same, "strides": steps(1, 2, 2, 1)}},
        {"name": "b", "op": "Add", "input": ["c", "bias"]},
        {
            "name": "d",
            "op": "DepthwiseConv2dNative",
            "input": ["b", "depthwise"],
            "attr": {**same, "strides": steps(1, 1, 1, 1)},
        },
        {"name": "y", "op": last, "input": ["d"], "attr": {"alpha": {"f": 0.1}}},
    ]
    entries = [
        {"name": name, "dtype": "float32", "shape": list(values.shape), "quantization": {"dtype": "float16"}}
        for name, values in WEIGHTS.items()
    ]
    document = {"modelTopology": {"node": nodes}, "weightsManifest": [{"paths": ["model.bin"], "weights": entries}]}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    data = b"".join(values.astype("<f2").tobytes() for values in WEIGHTS.values())
    (folder / "model.bin").write_bytes(data + bytes(spare))


def convert(folder: Path) -> subprocess.CompletedProcess[str]:
    script = f"import sys; sys.path.insert(0, {str(BUILD)!r})\n{CONVERT}"
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def expected(images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    kernel, bias, depthwise = (torch.from_numpy(values.astype(np.float32)) for values in WEIGHTS.values())
    x = F.pad(torch.from_numpy(images).permute(0, 3, 1, 2), [0, 1, 0, 1])  # TensorFlow's SAME on even sides, stride 2
    x = F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, stride=2)
    x = F.conv2d(x, depthwise.permute(2, 3, 0, 1), padding=2, groups=4)
    result: npt.NDArray[np.float32] = F.leaky_relu(x, 0.1).permute(0, 2, 3, 1).numpy()
    return result


def test_graph_gives_what_torch_gives_and_the_same_bytes_twice(tmp_path: Path) -> None:
    write_graph(tmp_path)
    made = []
    for _ in range(2):
        done = convert(tmp_path)
        assert done.returncode == 0, done.stderr
        made.append((tmp_path / "model.onnx").read_bytes())
    assert made[0] == made[1]
    session = onnxruntime.InferenceSession(made[0], providers=["CPUExecutionProvider"])
    for size in [(2, 8, 12, 2), (1, 32, 32, 2)]:
        images = RANDOM.normal(size=size).astype(np.float32)
        np.testing.assert_allclose(session.run(None, {"images": images})[0], expected(images), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"last": "Erfinv"}, "no converter for operation Erfinv of node y"), ({"spare": 2}, "but the files hold")],
)
def test_what_cannot_be_converted_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write_graph(tmp_path, **change)
    done = convert(tmp_path)
    assert done.returncode != 0
    assert message in done.stderr
