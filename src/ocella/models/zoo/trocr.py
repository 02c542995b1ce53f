"""TrOCR: the words of one line of print or handwriting."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ocella.errors import Mismatch
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.generate import Asked, Said, speak
from ocella.models.tasks import TextReader
from ocella.types import Image, TextLines

__all__ = ["UNITS", "TrOCR"]

_ARCHITECTURE = "VisionEncoderDecoderModel"
_PRINTED = ModelCard(
    name="trocr-small-printed",
    task="ocr",
    summary="the words of a picture of one printed line",
    checkpoint="hub: microsoft/trocr-small-printed (revision main)",
    code_license="MIT",
    weights_license="MIT",
    commercial_use=True,
    parameters=61_596_672,
    megabytes=246.4,
    input_hw=(384, 384),
    threshold=0.0,
    extra="torch",
    good_at="receipts and other print; join it with what finds lines: pp-ocr+trocr-small-printed",
    bad_at="whole pages, which it takes for one line; other writing systems than Latin",
    run_here="small self-made checkpoints only",
    data={"hub": "microsoft/trocr-small-printed", "revision": "main", "max_tokens": 128},
    system="TrOCR",
    library="transformers",
    score_kind="token-probability",
    speed="medium",
    memory_gb=1,
)
_BASE_PRINTED = replace(
    _PRINTED,
    name="trocr-base-printed",
    summary="as trocr-small-printed, larger",
    checkpoint="hub: microsoft/trocr-base-printed (revision main)",
    parameters=333_921_792,
    megabytes=1335.7,
    good_at="receipts and other print; join it with what finds lines: pp-ocr+trocr-base-printed",
    data={**_PRINTED.data, "hub": "microsoft/trocr-base-printed"},
    speed="slow",
    memory_gb=3,
)
_WRITTEN: dict[str, Any] = {
    "summary": "the words of a picture of one handwritten line",
    "bad_at": "whole pages, which it takes for one line; other writing systems than Latin; old hands",
}
_HANDWRITTEN = replace(
    _PRINTED,
    name="trocr-small-handwritten",
    checkpoint="hub: microsoft/trocr-small-handwritten (revision main)",
    good_at="English handwriting; join it with what finds lines: pp-ocr+trocr-small-handwritten",
    data={**_PRINTED.data, "hub": "microsoft/trocr-small-handwritten"},
    **_WRITTEN,
)
_BASE_HANDWRITTEN = replace(
    _BASE_PRINTED,
    name="trocr-base-handwritten",
    checkpoint="hub: microsoft/trocr-base-handwritten (revision main)",
    good_at="English handwriting; join it with what finds lines: pp-ocr+trocr-base-handwritten",
    data={**_PRINTED.data, "hub": "microsoft/trocr-base-handwritten"},
    **_WRITTEN,
)


class TrOCR(TextReader):
    """The whole image is one line. Confidence is the mean probability of its tokens, each the likeliest one. `batch`
    images at once.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "vision-encoder-decoder", _ARCHITECTURE)
        decoder = self._opened.network.config.decoder.model_type
        if decoder != "trocr":
            raise Mismatch(
                f"'{card.name}' reads with a decoder of the type trocr, but {self._opened.folder} has a {decoder}."
            )
        self._card = adopt_card(card, options, self._opened)
        self._prepare = self._opened.part("AutoImageProcessor", backend="pil")
        room = int(self._opened.network.config.decoder.max_position_embeddings) - 2
        self._asked = Asked(max_tokens=min(int(card.data.get("max_tokens", 128)), room))
        self.batch = self._opened.batch(options)

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """One line of each image, or none where nothing was read."""
        said = [s for chunk in batches(images, self.batch) for s in self._read(chunk)]
        return [_line(i, s) for i, s in zip(images, said, strict=True)]

    def _read(self, images: Sequence[Image]) -> list[Said]:
        made = self._prepare([i.pixels for i in images], input_data_format="channels_last", return_tensors="pt")
        pixels = made["pixel_values"].to(self._opened.device, self._opened.dtype)
        return speak(self._opened.network, {"pixel_values": pixels}, self._asked, self._opened.tokenizer)


def _line(image: Image, said: Said) -> TextLines:
    if not said.text or said.confidence is None:
        return TextLines.empty()
    right, bottom = image.width, image.height
    polygon = np.array([[[0, 0], [right, 0], [right, bottom], [0, bottom]]], np.float32)
    return TextLines(polygon, (said.text,), np.array([said.confidence], np.float32))


UNITS = tuple(
    ModelEntry(card, partial(TrOCR, card), (_ARCHITECTURE,))
    for card in (_PRINTED, _BASE_PRINTED, _HANDWRITTEN, _BASE_HANDWRITTEN)
)
