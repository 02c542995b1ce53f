"""Running ONNX files: runtime, device, threads and precision chosen here, once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Unreadable
from ocella.models.entry import LoadOptions
from ocella.models.onnx.fastest import fastest_runtime

__all__ = ["RUNTIMES", "Session", "Slot", "available_devices", "check_device"]

Arrays = Mapping[str, npt.NDArray[Any]]

RUNTIMES = ("onnx", "openvino")
_PROVIDERS = {"cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider", "cpu": "CPUExecutionProvider"}
_TYPES = {"float": "float32", "double": "float64"}


@dataclass(frozen=True)
class Slot:
    """An input or output of a network: its name, its shape with 0 for a length that is free, its numpy type."""

    name: str
    shape: tuple[int, ...]
    dtype: str


class _Network(Protocol):
    """An ONNX file, loaded into a runtime."""

    device: str
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]

    def run(self, feeds: Arrays) -> list[npt.NDArray[Any]]:
        """All outputs in order."""
        ...


def available_devices() -> list[str]:
    """Devices that the installed ONNX Runtime can use, best first."""
    import onnxruntime

    have = set(onnxruntime.get_available_providers())
    return [device for device, provider in _PROVIDERS.items() if provider in have]


def check_device(wanted: str, devices: Sequence[str]) -> str:
    """The device to use: `auto` is the first of `devices`; raises InvalidValue for one that is not among them."""
    if wanted not in ("auto", *devices):
        raise InvalidValue(f"device must be auto or one of {', '.join(devices)} here, got '{wanted}'.")
    return devices[0] if wanted == "auto" else wanted


class Session:
    """One ONNX file, loaded. `device` auto takes the first of cuda, mps, cpu that is there; `runtime` auto the one that
    `ocella bench --keep` found fastest for this file, else ONNX Runtime. May be run from several threads at once.
    """

    def __init__(
        self, path: Path, *, device: str = "auto", threads: int = 0, runtime: str = "auto", dtype: str = "auto"
    ) -> None:
        if runtime not in ("auto", *RUNTIMES):
            raise InvalidValue(f"runtime must be auto or one of {', '.join(RUNTIMES)}, got '{runtime}'.")
        self.runtime = _choose(path, device) if runtime == "auto" else runtime
        self._network = _open(self.runtime, path, device, threads or os.cpu_count() or 1, dtype)
        self.device = self._network.device
        self.takes, self.gives = self._network.inputs, self._network.outputs
        self.inputs = [i.name for i in self.takes]
        self.outputs = [o.name for o in self.gives]

    @classmethod
    def of(cls, path: Path, options: LoadOptions) -> "Session":
        """A file as the options of `ocella.load` say."""
        return cls(path, device=options.device, threads=options.threads, runtime=options.runtime, dtype=options.dtype)

    def run(self, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        """All outputs by name."""
        return dict(zip(self.outputs, self._network.run(feeds), strict=True))


def _choose(path: Path, device: str) -> str:
    """The recorded runtime, where it is installed and the device is a processor."""
    from importlib.util import find_spec

    recorded = fastest_runtime(path)
    usable = recorded == "openvino" and find_spec("openvino") is not None
    return "openvino" if usable and check_device(device, available_devices()) == "cpu" else "onnx"


def _open(runtime: str, path: Path, device: str, threads: int, dtype: str) -> _Network:
    if runtime == "openvino":
        from ocella.models.onnx.openvino_network import OpenVinoNetwork

        return OpenVinoNetwork(path, device, threads, dtype)
    return _OnnxRuntimeNetwork(path, device, threads, dtype)


class _OnnxRuntimeNetwork:
    """A file in ONNX Runtime, which computes in the types that the file has."""

    def __init__(self, path: Path, device: str, threads: int, dtype: str) -> None:
        import onnxruntime

        self.device = check_device(device, available_devices())
        if dtype not in ("auto", "float32"):
            raise InvalidValue(
                f"dtype must be auto or float32 with ONNX Runtime, which computes in the file's own types, got '{dtype}'. "
                "Take runtime openvino for bfloat16."
            )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        # threads that sleep between operators cost a fifth more; ones that still spin after a run fight with OpenCV's and
        # torch's pools for the same cores
        options.add_session_config_entry("session.force_spinning_stop", "1")
        providers = list(dict.fromkeys([_PROVIDERS[self.device], _PROVIDERS["cpu"]]))
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # ONNX Runtime has no public base class of its errors
            raise Unreadable(f"{path} is not an ONNX file that can be run: {error}") from error
        self.inputs = tuple(_slot(i) for i in self._session.get_inputs())
        self.outputs = tuple(_slot(o) for o in self._session.get_outputs())

    def run(self, feeds: Arrays) -> list[npt.NDArray[Any]]:
        """All outputs in order."""
        return [np.asarray(output) for output in self._session.run(None, dict(feeds))]


def _slot(found: Any) -> Slot:
    """From ONNX Runtime's description; free lengths have a name or None there."""
    kind = str(found.type).removeprefix("tensor(").removesuffix(")")
    shape = tuple(n if isinstance(n, int) and n > 0 else 0 for n in found.shape or ())
    return Slot(found.name, shape, _TYPES.get(kind, kind))
