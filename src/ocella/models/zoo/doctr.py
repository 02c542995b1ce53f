"""docTR: words of a page, found and read."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ocella.errors import MissingExtra
from ocella.models.card import ModelCard
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.port_checkpoint import read_tensors
from ocella.models.tasks import TextReader
from ocella.models.transformers_checkpoint import import_torch, readable
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
    where pickles are allowed) is read, and nothing is fetched. A line's confidence is the mean of its words'.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        torch = import_torch(card)
        try:
            from doctr.models import detection, ocr_predictor, recognition
        except ImportError as error:
            raise MissingExtra(f"'{card.name}'", card.extra) from error
        device = torch_device(options.device)
        if options.threads:
            torch.set_num_threads(options.threads)
        own = options.weights is None
        finds = getattr(detection, _FINDS)(pretrained=own, pretrained_backbone=False)
        reads = getattr(recognition, _READS)(pretrained=own, pretrained_backbone=False)
        if options.weights is not None:
            for name, network in (("detection", finds), ("recognition", reads)):
                _fill(card, options, _file(options.weights, name), network)
        self._card = options.card or card
        self._read: Any = ocr_predictor(finds, reads, pretrained=False).to(device).eval()

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """Lines of each image in reading order."""
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> TextLines:
        (page,) = self._read([np.array(image.pixels)]).pages
        lines = [line for block in page.blocks for line in block.lines if line.words]
        if not lines:
            return TextLines.empty()
        corners = np.array([line.geometry for line in lines], np.float32).reshape(-1, 2, 2)
        corners = np.clip(corners, 0, 1) * np.array([image.width, image.height], np.float32)
        x1, x2, y1, y2 = corners[:, 0, 0], corners[:, 1, 0], corners[:, 0, 1], corners[:, 1, 1]
        polygons = np.stack([x1, y1, x2, y1, x2, y2, x1, y2], axis=1).reshape(-1, 4, 2)
        confidence = [float(np.mean([w.confidence for w in line.words])) for line in lines]
        texts = tuple(" ".join(w.value for w in line.words) for line in lines)
        return TextLines(polygons, texts, np.clip(np.array(confidence, np.float32), 0, 1))


def _file(folder: Path, name: str) -> Path:
    pickled = folder / f"{name}.pt"
    return pickled if pickled.is_file() else folder / f"{name}.safetensors"


def _fill(card: ModelCard, options: LoadOptions, file: Path, network: Any) -> None:
    with readable(file):
        network.load_state_dict(read_tensors(card, file, allow_pickle=options.pickle))


UNITS = (ModelEntry(_CARD, partial(DocTR, _CARD)),)
