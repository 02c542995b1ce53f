"""The reader of TensorFlow.js graph models: `model.json` with its topology, `model.bin` with its weights."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TfjsGraph", "TfjsNode"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TfjsNode:
    """One operation: its inputs are tensor references, `name` or `name:index`."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: dict[str, Any] = field(repr=False)

    def integers(self, key: str) -> list[int]:
        """A list of integers, [] where the attribute is absent."""
        return [int(v) for v in self.attributes.get(key, {}).get("list", {}).get("i", [])]

    def integer(self, key: str, default: int = 0) -> int:
        """One integer."""
        return int(self.attributes.get(key, {}).get("i", default))

    def number(self, key: str, default: float) -> float:
        """One floating-point number."""
        return float(self.attributes.get(key, {}).get("f", default))

    def flag(self, key: str) -> bool:
        """One truth value, False where absent."""
        return bool(self.attributes.get(key, {}).get("b", False))

    def text(self, key: str) -> str:
        """One string, which the format writes in base64."""
        return base64.b64decode(self.attributes.get(key, {}).get("s", "")).decode("ascii")

    def texts(self, key: str) -> list[str]:
        """A list of strings."""
        return [base64.b64decode(v).decode("ascii") for v in self.attributes.get(key, {}).get("list", {}).get("s", [])]

    def data_type(self, key: str) -> str:
        """The name of a TensorFlow data type, such as DT_FLOAT."""
        return str(self.attributes.get(key, {}).get("type", ""))


class TfjsGraph:
    """Nodes by name, constants by name, and who uses what."""

    def __init__(self, model_json: Path) -> None:
        document = json.loads(model_json.read_text(encoding="utf-8"))
        self.nodes = {n["name"]: _node(n) for n in document["modelTopology"]["node"]}
        self.constants = _weights(document["weightsManifest"], model_json.parent)
        self.uses: dict[str, int] = {}
        for node in self.nodes.values():
            for reference in node.inputs:
                self.uses[reference] = self.uses.get(reference, 0) + 1

    def in_order(self, roots: Iterable[str]) -> list[TfjsNode]:
        """The nodes that the roots need, each after its inputs; earlier roots come first."""
        done: dict[str, None] = {}
        for root in roots:
            stack = [root]
            while stack:
                name = stack[-1]
                missing = [p for p in self._producers(name) if p not in done]
                if missing and name not in done:
                    stack.extend(reversed(missing))
                else:
                    done.setdefault(stack.pop(), None)
        return [self.nodes[name] for name in done]

    def of_kind(self, op: str) -> list[TfjsNode]:
        """The nodes with this operation, in the order of the file."""
        return [node for node in self.nodes.values() if node.op == op]

    def _producers(self, name: str) -> list[str]:
        return [reference.split(":")[0] for reference in self.nodes[name].inputs]


def _node(raw: dict[str, Any]) -> TfjsNode:
    inputs = tuple(_reference(text) for text in raw.get("input", []) if not text.startswith("^"))
    return TfjsNode(raw["name"], raw["op"], inputs, raw.get("attr", {}))


def _reference(text: str) -> str:
    return text.removesuffix(":0")


def _weights(manifest: list[dict[str, Any]], folder: Path) -> dict[str, Array]:
    weights: dict[str, Array] = {}
    for group in manifest:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        offset = 0
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(data, stored.newbyteorder("<"), count, offset)
            offset += count * stored.itemsize
            weights[entry["name"]] = _restored(values, entry).reshape(entry["shape"])
        if offset != len(data):
            message = f"the weights take {offset} bytes, but the files hold {len(data)}"
            raise ValueError(message)
    return weights


def _restored(values: Array, entry: dict[str, Any]) -> Array:
    quantization = entry.get("quantization")
    if quantization and quantization["dtype"] != "float16":
        values = values.astype(np.float32) * np.float32(quantization["scale"]) + np.float32(quantization["min"])
    return values.astype(np.dtype(entry["dtype"]))
