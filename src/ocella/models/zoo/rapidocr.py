"""PP-OCR through RapidOCR, whose package carries its weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import MissingExtra
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.runtime import available_devices, check_device
from ocella.models.tasks import TextReader
from ocella.types import Image, TextLines

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="pp-ocr",
    try_order=1,
    advice="printed text in any direction, English and Chinese",
    task="ocr",
    summary="lines of printed text with their places, in any direction",
    checkpoint="rapidocr: its default detection, direction and recognition models",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=8_000_000,
    megabytes=31.7,
    input_hw=(736, 736),
    classes=("text",),
    threshold=0.5,
    extra="ocr",
    aliases=("rapidocr",),
    languages=("en", "zh"),
    good_at="signs, pages, screens",
    bad_at="handwriting, letters a few pixels high",
    run_here="its real weights",
    system="PP-OCR",
    library="onnx",
    speed="medium",
    memory_gb=0.5,
)


class RapidOCRReader(TextReader):
    """RapidOCR's own pipeline."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        import logging

        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise MissingExtra(f"'{card.name}'", card.extra) from error

        device = check_device(options.device, available_devices())
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        self._card = card
        self._read: Any = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.text_score": card.threshold,
                "EngineConfig.onnxruntime.intra_op_num_threads": options.threads or -1,
                "EngineConfig.onnxruntime.use_cuda": device == "cuda",
            }
        )

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """Lines from top to bottom."""
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> TextLines:
        found = self._read(np.ascontiguousarray(_padded(image.pixels)[..., ::-1]))
        if found.boxes is None or not len(found.boxes):
            return TextLines.empty()
        polygons = np.clip(np.asarray(found.boxes, np.float32).reshape(-1, 4, 2), 0, [image.width, image.height])
        return TextLines(polygons, tuple(found.txts), np.asarray(found.scores, np.float32))


def _padded(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """With a plain margin below or at the right where one side is under 1/8 of the other: the pipeline scales the short
    side up to 736 px, which makes a thin strip enormous.
    """
    height, width = pixels.shape[:2]
    least = -(-max(height, width) // 8)
    if min(height, width) >= least:
        return pixels
    out = np.empty((max(height, least), max(width, least), 3), np.uint8)
    out[:] = np.median(pixels, axis=(0, 1)).astype(np.uint8)
    out[:height, :width] = pixels
    return out


UNITS = (ModelEntry(_CARD, lambda options: RapidOCRReader(_CARD, options)),)
