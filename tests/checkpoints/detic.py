"""Weights for a small package with the interface of Detic's own."""

from pathlib import Path
from typing import Any

from tests.checkpoints.detectron_package import write


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write weights and settings of the card `name` into `folder`; the options that load them."""
    del name
    return write(folder, "detic")
