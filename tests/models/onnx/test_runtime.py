import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ocella.errors import InvalidValue, MissingExtra, Unreadable
from ocella.models.entry import LoadOptions
from ocella.models.onnx.fastest import fastest_file, fastest_runtime, file_sha256, keep_fastest
from ocella.models.onnx.runtime import RUNTIMES, Session, Slot, available_devices, check_device

every_runtime = pytest.mark.parametrize("runtime", RUNTIMES)


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


@every_runtime
def test_outputs_come_by_name(doubling: Path, runtime: str) -> None:
    session = Session(doubling, device="cpu", threads=1, runtime=runtime)
    assert session.runtime == runtime
    assert session.takes == (Slot("x", (0,), "float32"),)
    assert session.gives == (Slot("twice", (0,), "float32"), Slot("sum", (), "float32"))
    assert (session.inputs, session.outputs, session.device) == (["x"], ["twice", "sum"], "cpu")
    out = session.run({"x": np.array([1, 2, 3.5], np.float32)})
    assert out["twice"].tolist() == [2, 4, 7]
    assert out["sum"] == 6.5
    assert isinstance(out["sum"], np.ndarray)


def test_auto_takes_the_best_that_is_there(doubling: Path) -> None:
    assert Session(doubling, threads=1).device == available_devices()[0]
    assert available_devices()[-1] == "cpu"


@every_runtime
@pytest.mark.parametrize("device", ["tpu", "CPU", ""])
def test_an_unknown_device_is_refused(doubling: Path, device: str, runtime: str) -> None:
    with pytest.raises(InvalidValue, match=f"device must be auto or one of .*cpu here, got '{device}'"):
        Session(doubling, device=device, runtime=runtime)


@every_runtime
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no network", b"\x08\x07"])
def test_a_file_that_is_no_network_is_unreadable(tmp_path: Path, content: bytes, runtime: str) -> None:
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(Unreadable, match=r"bad\.onnx is not an ONNX file that (can be run|OpenVINO can run)"):
        Session(tmp_path / "bad.onnx", device="cpu", runtime=runtime)


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "torch"}, "runtime must be auto or one of onnx, openvino, got 'torch'"),
        ({"dtype": "bfloat16"}, "dtype must be auto or float32 with ONNX Runtime.*Take runtime openvino"),
        ({"dtype": "float16", "runtime": "openvino"}, "dtype must be one of auto, float32, bfloat16 with OpenVINO"),
    ],
)
def test_runtimes_and_types_that_are_none_are_refused(doubling: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Session(doubling, **options)


@every_runtime
def test_a_session_serves_several_threads_at_once(doubling: Path, runtime: str) -> None:
    session = Session.of(doubling, LoadOptions(device="cpu", threads=1, runtime=runtime))
    wrong: list[int] = []

    def work(value: int) -> None:
        given = np.full(1000, value, np.float32)
        wrong.extend(value for _ in range(50) if session.run({"x": given})["sum"] != 1000 * value)

    threads = [threading.Thread(target=work, args=(v,)) for v in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@every_runtime
def test_outputs_stay_as_they_are_when_it_runs_again(doubling: Path, runtime: str) -> None:
    session = Session(doubling, device="cpu", threads=1, runtime=runtime)
    first = session.run({"x": np.ones(3, np.float32)})["twice"]
    session.run({"x": np.full(3, 9, np.float32)})
    assert first.tolist() == [2, 2, 2]


# --- OpenVINO reports every import of it over the network; here it does not

REPORTS = """
import sys, urllib.request, socket
from pathlib import Path
from ocella.models.onnx.runtime import Session
called = []
socket.socket.connect = lambda *given: called.append(given)
Session(Path(sys.argv[1]), device="cpu", threads=1, runtime="openvino")
loaded = [name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module]
assert "openvino" in sys.modules
assert (loaded, called) == ([], []), (loaded, called)
"""


def test_openvino_loads_without_the_part_that_reports_its_use(doubling: Path) -> None:
    subprocess.run([sys.executable, "-c", REPORTS, str(doubling)], check=True, timeout=120)


LACKING = """
import sys
from pathlib import Path
from ocella.errors import MissingExtra
from ocella.models.onnx.runtime import Session
sys.modules["openvino"] = None
try:
    Session(Path(sys.argv[1]), device="cpu", runtime="openvino")
except MissingExtra as error:
    assert error.extra == "openvino", error
else:
    raise AssertionError
"""


def test_openvino_that_is_not_installed_is_a_missing_extra(doubling: Path) -> None:
    assert issubclass(MissingExtra, ImportError)
    subprocess.run([sys.executable, "-c", LACKING, str(doubling)], check=True, timeout=120)


# --- the record of the fastest runtime


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_auto_takes_what_was_recorded_for_this_file(doubling: Path, cache: Path) -> None:
    assert Session(doubling, device="cpu", threads=1).runtime == "onnx"
    kept = keep_fastest(file_sha256(doubling), "openvino")
    assert kept == fastest_file() == cache / "ocella" / "fastest-runtimes.json"
    assert fastest_runtime(doubling) == "openvino"
    assert Session(doubling, device="cpu", threads=1).runtime == "openvino"
    assert Session(doubling, device="cpu", threads=1, runtime="onnx").runtime == "onnx"
    keep_fastest("another file", "onnx")
    assert fastest_runtime(doubling) == "openvino"


@pytest.mark.parametrize("content", ["", "[1]", "no JSON", '{"x": 1}'])
def test_a_damaged_record_counts_as_none(doubling: Path, cache: Path, content: str) -> None:
    (cache / "ocella").mkdir(parents=True)
    (cache / "ocella" / "fastest-runtimes.json").write_text(content)
    assert fastest_runtime(doubling) == ""
    keep_fastest(file_sha256(doubling), "openvino")
    assert fastest_runtime(doubling) == "openvino"
