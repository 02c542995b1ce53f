"""A checkpoint of the library timm, in the form of its hub: config.json and model.safetensors."""

import importlib
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, MissingExtra, NotFound, OcellaError, Refused
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.checkpoints.labels import label_columns
from ocella.models.checkpoints.transformers_checkpoint import (
    Checkpoint,
    adopt_card,
    import_torch,
    readable,
    torch_dtype,
)
from ocella.models.closed import ClosedClassifier, ClosedVocabulary
from ocella.models.device import torch_device
from ocella.models.embedding.joint_encoder import unit
from ocella.models.embedding.pixel_values import centre_strip
from ocella.models.entry import LoadOptions
from ocella.models.hub.weights import ensure_weights
from ocella.models.scores import softmax
from ocella.models.starter import starter_text
from ocella.models.tasks import Embedder
from ocella.types import Embedding, Image

__all__ = ["TimmClassifier", "TimmEmbedder", "import_library", "open_timm", "safe_folder"]

Floats = npt.NDArray[np.float32]


class TimmClassifier(ClosedClassifier):
    """A network with a head; its classes are those of its configuration, or ImageNet's where it has 1000 and names none."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_timm(card, options)
        self._transform = _transform(self._opened)
        names = _class_names(self._opened.folder)
        self._card = adopt_card(card, options, self._opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        self.batch = self._opened.batch(options, accelerator=32)

    def _score(self, images: Sequence[Image]) -> Floats:
        import torch

        with torch.inference_mode():
            return softmax(self._opened.network(_pixels(self._opened, self._transform, images)).float().cpu().numpy())


class TimmEmbedder(Embedder):
    """The features that a network's head looks at."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_timm(card, options)
        self._transform = _transform(self._opened)
        self._card = adopt_card(card, options, self._opened)
        self._batch = self._opened.batch(options, accelerator=32)

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A vector of each image."""
        return [Embedding(v, self._card.name) for chunk in batches(images, self._batch) for v in self._vectors(chunk)]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """Always raises Refused: these features know no words."""
        raise Refused(
            f"'{self._card.name}' has no text side, so {len(texts)} texts cannot be embedded with it. "
            "Use 'clip-vit-base-patch32-embed' for text search."
        )

    def _vectors(self, images: Sequence[Image]) -> Floats:
        import torch

        network = self._opened.network
        with torch.inference_mode():
            states = network.forward_features(_pixels(self._opened, self._transform, images))
            return unit(network.forward_head(states, pre_logits=True).float().cpu().numpy())


def open_timm(card: ModelCard, options: LoadOptions) -> Checkpoint:
    """The checkpoint in `options.weights`, else fetched. Its architecture must begin with the card's `family`. Raises
    MissingExtra, OcellaError, NotFound, Mismatch, Unreadable.
    """
    torch = import_torch(card)
    device = torch_device(options.device)
    timm = import_library(card, "timm")
    folder = safe_folder(card, options, "config.json", "model.safetensors")
    with readable(folder):
        found = str(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("architecture"))
    if not found.startswith(card.data["family"]):
        raise Mismatch(f"{folder} must hold a {card.data['family']} of timm, but holds a {found}.")
    if options.threads:
        torch.set_num_threads(options.threads)
    with readable(folder):
        network = timm.create_model(f"local-dir:{folder}", pretrained=True)
    network = network.to(torch_dtype(card, options, device)).to(device).eval()
    return Checkpoint(network, folder, device, f"folder {folder.name}")


def import_library(card: ModelCard, name: str) -> Any:
    """Timm, open_clip or another module that needs a torchvision built for the installed torch; raises MissingExtra where
    it is not installed, OcellaError with the reason and the way out where it cannot be imported.
    """
    if importlib.util.find_spec(name.partition(".")[0]) is None:
        raise MissingExtra(f"'{card.name}'", card.extra)
    try:
        return importlib.import_module(name)
    except (
        Exception
    ) as error:  # a torchvision that does not fit raises RuntimeError, OSError, ImportError or AttributeError
        import torch

        raise OcellaError(
            f"'{card.name}' needs {name}, which is installed but cannot be imported: {str(error)[:200]}. The installed "
            f"torchvision was most likely not built for this torch ({torch.__version__}): install both from one index, "
            "like pip install --force-reinstall torch torchvision --index-url https://download.pytorch.org/whl/cpu"
        ) from error


def safe_folder(card: ModelCard, options: LoadOptions, config: str, weights: str) -> Path:
    """The checkpoint's folder with these two files; raises NotFound."""
    folder = options.weights or ensure_weights(card)
    for name in (config, weights):
        if not (folder / name).is_file():
            raise NotFound(
                f"weights of '{card.name}' must be a folder with {config} and {weights}, as its hub has them, but "
                f"{folder} has no {name}. Leave weights out to use the one fetched by `ocella pull {card.name}`."
            )
    return folder


def _class_names(folder: Path) -> tuple[str, ...]:
    with readable(folder):
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        count = int(config["num_classes"])
    names = config.get("label_names") or config.get("pretrained_cfg", {}).get("label_names")
    if names:
        return label_columns(dict(enumerate(names)))[0]
    imagenet = starter_text("imagenet1k.txt")
    if count != len(imagenet):
        raise Mismatch(f"{folder / 'config.json'} must name its {count} classes as label_names, but does not.")
    return imagenet


def _transform(opened: Checkpoint) -> Any:
    import timm

    settings = timm.data.resolve_model_data_config(opened.network)
    return timm.data.create_transform(**settings, is_training=False)


def _pixels(opened: Checkpoint, transform: Any, images: Sequence[Image]) -> Any:
    import torch
    from PIL import Image as Pillow

    made = [transform(Pillow.fromarray(centre_strip(image).pixels)) for image in images]
    return torch.stack(made).to(opened.device, next(opened.network.parameters()).dtype)
