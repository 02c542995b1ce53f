"""Any ONNX file with a task and a list of classes."""

from pathlib import Path

from ocella.errors import OcellaError
from ocella.models.entry import LoadOptions
from ocella.models.tasks import Model

__all__ = ["load_onnx", "torch_file_refused"]


def load_onnx(path: Path, options: LoadOptions) -> Model:
    """To be written."""
    raise OcellaError(f"{path} {options}")


def torch_file_refused(path: Path) -> OcellaError:
    """To be written."""
    return OcellaError(str(path))
