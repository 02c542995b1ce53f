"""How many bytes a model takes once it is loaded, known before it is."""

from pathlib import Path
from typing import Any

from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions
from ocella.models.hub.pull import card_to_pull
from ocella.models.hub.roboflow_universe import fetch_universe
from ocella.models.hub.weights import ensure_weights

__all__ = ["bytes_of_card", "bytes_to_load"]

_WORKING = 1.25
"""Weights and what a network needs beside them for one image."""
_WEIGHTS = {".onnx", ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".data"}


def bytes_to_load(name: str | Path, **options: Any) -> int:
    """What `ocella.load` with the same arguments comes to: as the card states it; of what a person brings, by the size of
    its files, which are fetched for that where they are not here. Raises as loading does.
    """
    text, path = str(name), Path(name)
    chosen = LoadOptions(**options)
    if text.startswith("hf:"):
        return _bytes_of(ensure_weights(card_to_pull(text), pickle=chosen.pickle))
    if text.startswith("roboflow:"):
        return _bytes_of(fetch_universe(text.removeprefix("roboflow:"), chosen))
    if chosen.weights is not None or path.exists():
        return _bytes_of(chosen.weights or path)
    if "+" in text:
        first, _, second = text.partition("+")
        return bytes_to_load(first, **options) + bytes_to_load(second, **options)
    return bytes_of_card(card_to_pull(text))


def bytes_of_card(card: ModelCard) -> int:
    """What the card says that it needs to run, else its weights and a quarter."""
    return int(card.memory_gb * 1e9) or int(card.megabytes * 1e6 * _WORKING)


def _bytes_of(path: Path) -> int:
    files = [f for f in path.rglob("*") if f.suffix in _WEIGHTS] if path.is_dir() else [path]
    return int(sum(f.stat().st_size for f in files) * _WORKING)
