"""Networks whose code comes with their weights: run only where a person says so."""

import json
from pathlib import Path
from typing import Any

from ocella.errors import Mismatch, OcellaError, Refused
from ocella.models.card import ModelCard
from ocella.models.checkpoints.port_checkpoint import read_tensors
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, import_torch, readable, torch_dtype
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions
from ocella.models.hub.weights import ensure_weights

__all__ = ["open_remote"]


def open_remote(card: ModelCard, options: LoadOptions) -> Checkpoint:
    """The network of a checkpoint that brings its own code. Its weights are filled in here, tensor by tensor, so that
    nothing depends on how the library loads a class it does not know. Raises Refused without `options.remote_code`.
    """
    if not options.remote_code:
        raise Refused(
            f"'{card.name}' runs code that comes with its weights ({card.checkpoint}): it can do whatever you can do on "
            f"this computer. Where you trust it, allow it: ocella.load('{card.name}', remote_code=True), or "
            "--allow-remote-code."
        )
    import_torch(card)
    device = torch_device(options.device)
    folder = options.weights or ensure_weights(card)
    network = _filled(card, folder)
    if options.dtype != "auto":
        network = network.to(torch_dtype(card, options, device))
    source = f"folder {folder.name}" if options.weights else f"{card.data['hub']}@{folder.name}"
    return Checkpoint(network.to(device).eval(), folder, device, source)


def _filled(card: ModelCard, folder: Path) -> Any:
    from transformers.dynamic_module_utils import get_class_from_dynamic_module

    with readable(folder):
        settings = _config(folder)
        reference = settings.get("auto_map", {}).get("AutoModelForCausalLM")
        if not reference:
            raise Mismatch(f"{folder} must hold a checkpoint with code of its own, but its config.json names no class.")
        try:
            kind = get_class_from_dynamic_module(reference, str(folder), local_files_only=True)
        except ImportError as error:
            raise OcellaError(f"The code of '{card.name}' needs what is not installed: {error}.") from error
        network = kind(kind.config_class.from_pretrained(str(folder)))
        tensors = _tensors(card, folder)
        lacking, _ = network.load_state_dict(tensors, strict=False)
    own = set(network.state_dict())
    if not own <= set(tensors):
        raise Mismatch(f"{folder} lacks {len(lacking)} of {len(own)} tensors, like {min(lacking)}.")
    return network


def _config(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "config.json").read_text(encoding="utf-8")))


def _tensors(card: ModelCard, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("model*.safetensors")):
        found |= read_tensors(card, file, allow_pickle=False)
    return found
