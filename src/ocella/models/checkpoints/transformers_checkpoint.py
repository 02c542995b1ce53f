"""A checkpoint in the form of the library transformers, opened for inference."""

import json
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, Mismatch, MissingExtra, NotFound, OcellaError, Unreadable
from ocella.models.card import ModelCard
from ocella.models.checkpoints.timm_backbone import written_out
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions
from ocella.models.hub.weights import ensure_weights

__all__ = ["Checkpoint", "adopt_card", "import_torch", "open_checkpoint", "readable", "torch_dtype"]

_WORDS = ("tokenizer.json", "vocab.*", "*.model")


@dataclass(frozen=True)
class Checkpoint:
    """A network on its device, the folder it came from and a word on that folder; its other parts load when asked for."""

    network: Any
    folder: Path
    device: str
    source: str

    @cached_property
    def tokenizer(self) -> Any:
        """The checkpoint's tokenizer."""
        return self.part("AutoTokenizer")

    @cached_property
    def image(self) -> dict[str, Any]:
        """Settings of its images; raises Unreadable where the folder has none."""
        with readable(self.folder):
            return _image_settings(self.folder)

    @property
    def dtype(self) -> Any:
        """The torch dtype that the network computes in."""
        return self.network.dtype

    def part(self, name: str, **changes: Any) -> Any:
        """Another class of transformers, like `CLIPImageProcessorPil`, loaded from the folder; `changes` go before its
        settings. Raises Unreadable.
        """
        return load_part(self.folder, name, **changes)

    def batch(self, options: LoadOptions, *, cpu: int = 1, accelerator: int = 8) -> int:
        """How many images to run at once: as asked for, else by device."""
        return options.batch or (cpu if self.device == "cpu" else accelerator)


def load_part(folder: Path, name: str, **changes: Any) -> Any:
    """A class of transformers loaded from a folder, without a network and without a word; raises Unreadable."""
    transformers = _import_transformers("a checkpoint", "torch")
    with _quiet(transformers), readable(folder):
        return transformers_class(name).from_pretrained(str(folder), local_files_only=True, **changes)


def open_checkpoint(
    card: ModelCard, options: LoadOptions, kind: str | Sequence[str], network: str, **changes: Any
) -> Checkpoint:
    """The checkpoint in `options.weights`, else in the cache, else fetched from the hub. `kind` is the model type in
    its config.json, or several, `network` the class, `changes` go before its settings. Raises MissingExtra, NotFound,
    Mismatch, Unreadable.
    """
    torch = import_torch(card)
    transformers = _import_transformers(f"'{card.name}'", card.extra or "torch")
    device = torch_device(options.device)
    folder = ensure_weights(card, pickle=options.pickle) if options.weights is None else _local(card, options.weights)
    _check_kind(folder, (kind,) if isinstance(kind, str) else tuple(kind))
    if "text" in card.prompts:
        _check_words(folder)
    if options.threads:
        torch.set_num_threads(options.threads)
    with _quiet(transformers), readable(folder):
        loaded, report = transformers_class(network).from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=None if options.pickle else True,  # a pickle only with leave, and tensors alone are read
            dtype=torch_dtype(card, options, device),
            output_loading_info=True,
            **written_out(folder),
            **changes,
        )
    _check_keys(folder, loaded, report)
    source = str(card.data["hub"]) + "@" + folder.name if options.weights is None else f"folder {folder.name}"
    return Checkpoint(loaded.eval().to(device), folder, device, source)


def adopt_card(card: ModelCard, options: LoadOptions, checkpoint: Checkpoint, **changes: Any) -> ModelCard:
    """The card to show: the one handed in, or the zoo's, with where its weights came from."""
    return replace(options.card or card, checkpoint=checkpoint.source, **changes)


def import_torch(card: ModelCard) -> Any:
    """The module torch; raises MissingExtra."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtra(f"'{card.name}'", card.extra or "torch") from error
    return torch


def torch_dtype(card: ModelCard, options: LoadOptions, device: str) -> Any:
    """`auto` is the card's dtype, else float32; raises InvalidValue for another word."""
    import torch

    known = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if options.dtype not in ("auto", *known):
        raise InvalidValue(f"dtype must be auto or one of {', '.join(known)}, got '{options.dtype}'.")
    chosen = card.data.get("dtype", "float32") if options.dtype == "auto" else options.dtype
    if chosen == "float16" and device == "cpu":
        raise InvalidValue("dtype float16 has no kernels on a processor: take bfloat16 or float32.")
    return known[chosen]


def transformers_class(name: str) -> Any:
    """A class of transformers by name; raises OcellaError with the way out where an installed torchvision is broken."""
    import transformers

    try:
        return getattr(transformers, name)
    except Exception as error:  # a broken torchvision raises RuntimeError, ImportError or AttributeError, by version
        _check_torchvision(name)
        raise OcellaError(
            f"transformers {transformers.__version__} has no {name}: {str(error)[:200]}. Run: pip install 'ocella[torch]' "
            "to get the version that is needed."
        ) from error


def _check_torchvision(name: str) -> None:
    """Nothing where torchvision can be imported or is not installed."""
    import importlib

    try:
        importlib.import_module("torchvision")
    except ModuleNotFoundError:
        return
    except Exception as error:
        raise OcellaError(
            f"transformers cannot load {name}, because the installed torchvision does not fit torch: {str(error)[:200]}. "
            "Install the one that was built for your torch or, where nothing else needs it, run: pip uninstall torchvision"
        ) from error


def _import_transformers(what: str, extra: str) -> Any:
    try:
        import transformers
    except ImportError as error:
        raise MissingExtra(what, extra) from error
    return transformers


def _local(card: ModelCard, folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise NotFound(
            f"weights of '{card.name}' must be the folder of a checkpoint with config.json and model.safetensors, got "
            f"{folder}. Leave weights out to use the one fetched by `ocella pull {card.name}`."
        )
    return folder


def _check_kind(folder: Path, kinds: tuple[str, ...]) -> None:
    with readable(folder):
        found = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if found not in kinds:
        raise Mismatch(f"{folder} must hold a checkpoint of the type {' or '.join(kinds)}, but holds one of {found}.")


def _check_words(folder: Path) -> None:
    """A tokenizer that is not there would be an empty one without a word."""
    if not any(next(folder.glob(name), None) for name in _WORDS):
        raise Unreadable(
            f"{folder} is no checkpoint that can be loaded: it has no tokenizer, like tokenizer.json. Where it was fetched, "
            "run `ocella pull NAME --again` with the model's name: every file is looked at."
        )


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
def readable(folder: Path) -> Iterator[None]:
    """What a library raises over a damaged checkpoint, as Unreadable."""
    from safetensors import SafetensorError

    try:
        yield
    except OcellaError:
        raise
    except pickle.UnpicklingError as error:
        raise Unreadable(
            f"{folder} has weights in a pickle that holds more than tensors, which is not read here: it could run code. Ask "
            "for the same weights as safetensors."
        ) from error
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, SafetensorError) as error:
        first = str(error).strip().partition("\n")[0]
        raise Unreadable(
            f"{folder} is no checkpoint that can be loaded: {first[:300]}. Expected what `save_pretrained` of "
            "transformers writes: config.json, model.safetensors, the tokenizer and preprocessor_config.json. Where it was "
            "fetched, run `ocella pull NAME --again` with the model's name: every file is looked at."
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
