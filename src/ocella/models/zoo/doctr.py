"""docTR: words of a page, found and read."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ocella.errors import Mismatch
from ocella.models.card import ModelCard
from ocella.models.checkpoints.port_checkpoint import read_tensors
from ocella.models.checkpoints.timm_checkpoint import import_library
from ocella.models.checkpoints.transformers_checkpoint import import_torch, readable
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.tasks import TextReader
from ocella.types import Image, TextLines

__all__ = ["UNITS", "DocTR"]

_CARD = ModelCard(
    name="doctr",
    task="ocr",
    summary="lines of a printed page, word by word; fetches its own weights",
    checkpoint="docTR's own releases: fast_base finds, crnn_vgg16_bn reads",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=32_147_583,
    megabytes=128.6,
    input_hw=(1024, 1024),
    threshold=0.0,
    extra="doctr",
    languages=("en", "fr"),
    good_at="scanned documents",
    bad_at="handwriting, signs in a scene",
    run_here="small self-made checkpoints only",
    system="docTR",
    library="package",
    score_kind="probability",
    speed="slow",
    memory_gb=2,
)
_FINDS, _READS = "fast_base", "crnn_vgg16_bn"


class DocTR(TextReader):
    """docTR's own pipeline. Given `weights`, a folder with detection.safetensors and recognition.safetensors (or .pt,
    where pickles are allowed) is read, and nothing is fetched; beside them detection.json and recognition.json, the
    config.json that docTR publishes with a model, name other networks. A line's confidence is the mean of its words'.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        torch = import_torch(card)
        library = import_library(card, "doctr.models")
        device = torch_device(options.device)
        if options.threads:
            torch.set_num_threads(options.threads)
        finds = _network(card, options, library.detection, _FINDS)
        reads = _network(card, options, library.recognition, _READS)
        if isinstance(finds, library.detection.FAST):
            finds = library.detection.reparameterize(finds)  # the same numbers in half the time
        self._card = options.card or card
        self._read: Any = library.ocr_predictor(finds, reads, pretrained=False).to(device).eval()

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """Lines of each image in reading order; what docTR finds in the border that it puts around a page is left out."""
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> TextLines:
        (page,) = self._read([np.array(image.pixels)]).pages
        lines = [line for block in page.blocks for line in block.lines if line.words]
        corners = np.array([line.geometry for line in lines], np.float32).reshape(-1, 2, 2).clip(0, 1)
        inside = np.flatnonzero((corners[:, 1] > corners[:, 0]).all(axis=1))
        lines = [lines[i] for i in inside]
        if not lines:
            return TextLines.empty()
        corners = corners[inside] * np.array([image.width, image.height], np.float32)
        x1, x2, y1, y2 = corners[:, 0, 0], corners[:, 1, 0], corners[:, 0, 1], corners[:, 1, 1]
        polygons = np.stack([x1, y1, x2, y1, x2, y2, x1, y2], axis=1).reshape(-1, 4, 2)
        confidence = [float(np.mean([w.confidence for w in line.words])) for line in lines]
        texts = tuple(" ".join(w.value for w in line.words) for line in lines)
        return TextLines(polygons, texts, np.clip(np.array(confidence, np.float32), 0, 1))


def _network(card: ModelCard, options: LoadOptions, library: Any, usual: str) -> Any:
    """The published network of docTR's part `library`, else the one that lies in `options.weights`."""
    if options.weights is None:
        return getattr(library, usual)(pretrained=True)
    part = library.__name__.rpartition(".")[2]
    settings = _settings(options.weights / f"{part}.json")
    name = str(settings.pop("arch", usual))
    if name not in library.zoo.ARCHS:
        raise Mismatch(f"{part}.json must name one of {', '.join(library.zoo.ARCHS)} as arch, but names '{name}'.")
    own = {k: settings[k] for k in ("vocab", "input_shape") if k in settings and part == "recognition"}
    network = getattr(library, name)(pretrained=False, pretrained_backbone=False, **own)
    network.cfg = {**network.cfg, **settings}
    file = _file(options.weights, part)
    with readable(file):
        network.load_state_dict(read_tensors(card, file, allow_pickle=options.pickle))
    return network


def _settings(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    with readable(file):
        return dict(json.loads(file.read_text(encoding="utf-8")))


def _file(folder: Path, name: str) -> Path:
    pickled = folder / f"{name}.pt"
    return pickled if pickled.is_file() else folder / f"{name}.safetensors"


UNITS = (ModelEntry(_CARD, partial(DocTR, _CARD)),)
