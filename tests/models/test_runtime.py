from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ocella.errors import InvalidValue, Unreadable
from ocella.models.runtime import Session, available_devices, check_device


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    """A network with two outputs: the input twice, and its sum."""
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["twice"]), helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0)],
        "doubling",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [
            helper.make_tensor_value_info("twice", TensorProto.FLOAT, ["n"]),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, []),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(tmp_path / "doubling ü.onnx"))
    return tmp_path / "doubling ü.onnx"


def test_outputs_come_by_name(doubling: Path) -> None:
    session = Session(doubling, device="cpu", threads=1)
    assert (session.inputs, session.outputs, session.device) == (["x"], ["twice", "sum"], "cpu")
    out = session.run({"x": np.array([1, 2, 3.5], np.float32)})
    assert out["twice"].tolist() == [2, 4, 7]
    assert out["sum"] == 6.5
    assert isinstance(out["sum"], np.ndarray)


def test_auto_takes_the_best_that_is_there(doubling: Path) -> None:
    assert Session(doubling, threads=1).device == available_devices()[0]
    assert available_devices()[-1] == "cpu"


@pytest.mark.parametrize("device", ["tpu", "CPU", ""])
def test_an_unknown_device_is_refused(doubling: Path, device: str) -> None:
    with pytest.raises(InvalidValue, match=f"device must be auto or one of .*cpu here, got '{device}'"):
        Session(doubling, device=device)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no network", b"\x08\x07"])
def test_a_file_that_is_no_network_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(Unreadable, match=r"bad\.onnx is not an ONNX file that can be run"):
        Session(tmp_path / "bad.onnx", device="cpu")


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"gone\.onnx is not an ONNX file"):
        Session(tmp_path / "gone.onnx", device="cpu")


@pytest.mark.parametrize(
    ("wanted", "devices", "chosen"),
    [("auto", ("mps", "cpu"), "mps"), ("cpu", ("cuda", "cpu"), "cpu"), ("auto", ("cpu",), "cpu")],
)
def test_the_device_chosen(wanted: str, devices: tuple[str, ...], chosen: str) -> None:
    assert check_device(wanted, devices) == chosen


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidValue, match="device must be auto or one of mps, cpu here, got 'cuda'"):
        check_device("cuda", ("mps", "cpu"))
