"""NanoDet-g: the starter detector for COCO's 80 classes, and its students."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocella.models.card import Accuracy, ModelCard
from ocella.models.closed import ClosedDetector, ClosedVocabulary
from ocella.models.detection.nanodet_decode import nanodet_decode, nanodet_prepare
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.runtime import Session
from ocella.models.starter import starter_file, starter_sha256, starter_text
from ocella.types import Detections, Image

__all__ = ["UNITS"]

_FILE = "nanodet-g.onnx"
_CARD = ModelCard(
    name="nanodet-g",
    try_order=4,
    advice="COCO's classes, comes with the install; the quickest and the least accurate",
    task="detect",
    summary="80 everyday classes (COCO) in 15 to 50 ms on one processor core",
    checkpoint="ocella-starter: nanodet-g.onnx",
    code_license="Apache-2.0",
    weights_license="Apache-2.0 (stated upstream, not in the source package)",
    commercial_use=True,
    parameters=3_810_000,
    megabytes=7.6,
    input_hw=(416, 416),
    threshold=0.35,
    accuracy=(Accuracy("AP", 0.229, "COCO val2017", "NanoDet README"),),
    good_at="people, vehicles, animals, furniture at middle distance",
    bad_at="small and far objects (tile the image), close-ups that fill the picture",
    run_here="its real weights",
    system="NanoDet",
    vocabulary="coco",
    speed="fast",
    memory_gb=0.2,
)
_LOWEST = 0.01
"""Confidences below this are noise of 3549 cells x 80 classes."""


class NanoDet(ClosedDetector):
    """The whole image stretched to the input, anchor-free boxes, NMS per class."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = card
        self._session = Session.of(options.weights or starter_file(_FILE), options)
        self._vocabulary = ClosedVocabulary(card.classes, self.task)
        self.batch = options.batch or 8

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        input_hw = self._card.input_hw
        batch = np.stack([nanodet_prepare(i.pixels, input_hw) for i in images])
        out = self._session.run({"images": batch})
        sizes = [i.size_hw for i in images]
        return nanodet_decode(
            out["scores"], out["distances"], input_hw, sizes, self.classes, threshold=max(floor, _LOWEST)
        )


def _filled(options: LoadOptions) -> ModelCard:
    if options.card is not None:
        return options.card
    return replace(_CARD, classes=starter_text("coco80.txt"), sha256=starter_sha256(_FILE))


UNITS = (ModelEntry(_CARD, lambda options: NanoDet(_filled(options), options)),)
