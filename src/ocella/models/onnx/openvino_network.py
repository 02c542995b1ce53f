"""An ONNX file in OpenVINO."""

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, MissingExtra, Unreadable
from ocella.models.onnx.runtime import Slot, check_device

__all__ = ["OpenVinoNetwork"]

_PRECISION = {"auto": "f32", "float32": "f32", "bfloat16": "bf16"}


class OpenVinoNetwork:
    """A file on the processor, computed in float32 unless `dtype` says bfloat16 (OpenVINO's own default where the
    processor has it, which moves scores by up to some hundredths).
    """

    def __init__(self, path: Path, device: str, threads: int, dtype: str) -> None:
        openvino = _import_openvino()
        self.device = check_device(device, ["cpu"])
        if dtype not in _PRECISION:
            raise InvalidValue(f"dtype must be one of {', '.join(_PRECISION)} with OpenVINO, got '{dtype}'.")
        core = openvino.Core()
        if dtype == "bfloat16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise InvalidValue(
                "dtype bfloat16 must be one that the processor has, and this one has none. Take float32."
            )
        settings = {
            "INFERENCE_PRECISION_HINT": _PRECISION[dtype],
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            self._compiled = core.compile_model(core.read_model(str(path)), "CPU", settings)
        except RuntimeError as error:
            raise Unreadable(f"{path} is not an ONNX file that OpenVINO can run: {error}") from error
        self.inputs = tuple(_slot(i) for i in self._compiled.inputs)
        self.outputs = tuple(_slot(o) for o in self._compiled.outputs)
        self._own = threading.local()

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """All outputs in order; each thread has its own request, because one does not serve two at once."""
        request = getattr(self._own, "request", None)
        if request is None:
            request = self._own.request = self._compiled.create_infer_request()
        found = request.infer(dict(feeds), share_inputs=True)
        return [np.asarray(found[output]) for output in self._compiled.outputs]


def _import_openvino() -> Any:
    """The module, without the usage report that it sends over the network whenever it is imported; raises MissingExtra."""
    if "openvino" not in sys.modules:
        # its own way out where the reporting package is not installed
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None forbids the import
    try:
        import openvino
    except ImportError as error:
        raise MissingExtra("runtime openvino", "openvino") from error
    return openvino


def _slot(port: Any) -> Slot:
    shape = tuple(d.get_length() if d.is_static else 0 for d in port.get_partial_shape())
    return Slot(port.get_any_name(), shape, str(port.get_element_type().to_dtype()))
