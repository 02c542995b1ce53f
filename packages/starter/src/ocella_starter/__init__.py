"""Pretrained models as files: where they lie, and where they come from."""

import json
from pathlib import Path
from typing import Any

__all__ = ["__version__", "manifest", "path"]

__version__ = "0.1.0"

_HERE = Path(__file__).parent
_PLACES = ("", "weights", "text")


def path(name: str) -> Path:
    """The file of a model ("nanodet-g"), a list of classes ("coco80.txt") or a photograph ("photos/...").

    Raises FileNotFoundError, naming what there is.
    """
    for place in _PLACES:
        for candidate in (_HERE / place / name, _HERE / place / f"{name}.onnx"):
            if candidate.is_file() and candidate.resolve().is_relative_to(_HERE.resolve()):
                return candidate
    known = ", ".join(sorted(manifest()["files"]))
    message = f"the starter set has no file {name!r}; it has: {known}"
    raise FileNotFoundError(message)


def manifest() -> dict[str, Any]:
    """What each file is: SHA-256, bytes, inputs, outputs, source package and licence."""
    data: dict[str, Any] = json.loads((_HERE / "manifest.json").read_text(encoding="utf-8"))
    return data
