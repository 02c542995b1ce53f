"""Running ONNX files: device and threads chosen here, once."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Unreadable

__all__ = ["Session", "available_devices", "check_device"]

_PROVIDERS = {"cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider", "cpu": "CPUExecutionProvider"}


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
    """One ONNX file, loaded. `device` auto takes the first of cuda, mps, cpu that is there."""

    def __init__(self, path: Path, *, device: str = "auto", threads: int = 0) -> None:
        import onnxruntime

        chosen = check_device(device, available_devices())
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        # idle threads that spin fight with OpenCV's and torch's pools for the same cores
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = list(dict.fromkeys([_PROVIDERS[chosen], _PROVIDERS["cpu"]]))
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # ONNX Runtime has no public base class of its errors
            raise Unreadable(f"{path} is not an ONNX file that can be run: {error}") from error
        self.device = chosen
        self.inputs = [i.name for i in self._session.get_inputs()]
        self.outputs = [o.name for o in self._session.get_outputs()]

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """All outputs by name."""
        return dict(zip(self.outputs, map(np.asarray, self._session.run(None, dict(feeds))), strict=True))
