"""A checkpoint in the form of the library transformers, opened for inference."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.errors import Mismatch, MissingExtra, NotFound, Unreadable
from ocella.models.card import ModelCard
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions
from ocella.models.weights import ensure_weights

__all__ = ["Checkpoint", "open_checkpoint"]


@dataclass(frozen=True)
class Checkpoint:
    """A network on its device, its tokenizer, the settings of its images, and where it came from."""

    network: Any
    tokenizer: Any
    image: dict[str, Any]
    device: str
    source: str


def open_checkpoint(card: ModelCard, options: LoadOptions, kind: str, network: str) -> Checkpoint:
    """The checkpoint in `options.weights`, else in the cache, else fetched from the hub. `kind` is the model type in
    its config.json, `network` the class. Raises MissingExtra, NotFound, Mismatch, Unreadable.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtra(f"'{card.name}'", card.extra) from error
    device = torch_device(options.device)
    folder = ensure_weights(card) if options.weights is None else _local(card, options.weights)
    _check_kind(folder, kind)
    if options.threads:
        torch.set_num_threads(options.threads)
    with _quiet(transformers), _readable(folder):
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        loaded, report = getattr(transformers, network).from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
        image = _image_settings(folder)
    _check_keys(folder, loaded, report)
    source = str(card.data["hub"]) + "@" + folder.name if options.weights is None else f"folder {folder.name}"
    return Checkpoint(loaded.eval().to(device), tokenizer, image, device, source)


def _local(card: ModelCard, folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise NotFound(
            f"weights of '{card.name}' must be the folder of a checkpoint with config.json and model.safetensors, got "
            f"{folder}. Leave weights out to use the one fetched by `ocella pull {card.name}`."
        )
    return folder


def _check_kind(folder: Path, kind: str) -> None:
    with _readable(folder):
        found = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if found != kind:
        raise Mismatch(f"{folder} must hold a checkpoint of the type {kind}, but holds one of {found}.")


def _check_keys(folder: Path, network: Any, report: dict[str, Any]) -> None:
    """Weights that a file lacks would be random numbers without a word."""
    missing = sorted(report["missing_keys"])
    if len(missing) * 20 > len(network.state_dict()):
        raise Unreadable(
            f"The weights in {folder} lack {len(missing)} of {len(network.state_dict())} tensors, like {missing[0]}. "
            "The file is of another model or was cut off: fetch it again."
        )


def _image_settings(folder: Path) -> dict[str, Any]:
    """From preprocessor_config.json, as checkpoints have it, or processor_config.json, as newer ones do."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (folder / name).is_file():
            settings = json.loads((folder / name).read_text(encoding="utf-8"))
            return dict(settings.get("image_processor", settings))
    raise OSError("there is no preprocessor_config.json")


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        first = str(error).strip().partition("\n")[0]
        raise Unreadable(
            f"{folder} is no checkpoint that can be loaded: {first[:300]}. Expected what `save_pretrained` of "
            "transformers writes: config.json, model.safetensors, the tokenizer and preprocessor_config.json."
        ) from error


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """No loading bars and no remarks of the library while it loads; errors still raise."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
