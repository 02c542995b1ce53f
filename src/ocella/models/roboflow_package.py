"""Roboflow-style model folders."""

from pathlib import Path

from ocella.errors import OcellaError
from ocella.models.entry import LoadOptions
from ocella.models.tasks import Model

__all__ = ["load_package"]


def load_package(path: Path, options: LoadOptions) -> Model:
    """To be written."""
    raise OcellaError(f"{path} {options}")
