"""Selfie segmentation: which pixels are people, as a map or as a mask in each box."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch
from ocella.models.card import ModelCard
from ocella.models.closed import ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.runtime import Session
from ocella.models.starter import starter_file, starter_sha256
from ocella.models.tasks import Segmenter
from ocella.types import Image, Masks

__all__ = ["UNITS"]

_FILE = "person-segmentation.onnx"
_CARD = ModelCard(
    name="person-segmentation",
    try_order=6,
    advice="the person in each box, comes with the install",
    task="segment",
    summary="a mask of the person in each box",
    checkpoint="ocella-starter: person-segmentation.onnx",
    code_license="Apache-2.0",
    weights_license="Apache-2.0 (stated upstream, not in the source package)",
    commercial_use=True,
    parameters=106_000,
    megabytes=0.3,
    input_hw=(256, 256),
    classes=("person",),
    threshold=0.5,
    good_at="one person that fills most of the box",
    bad_at="anything that is not a person; people who overlap",
    run_here="its real weights",
    system="Selfie segmentation",
    prompts=("box",),
    speed="fast",
    memory_gb=0.2,
)
_MAP = replace(
    _CARD,
    name="person-segmentation-map",
    try_order=6,
    advice="people and background, comes with the install",
    task="semantic-segment",
    summary="which pixels are people, trained on people close to the camera",
    classes=("background", "person"),
    prompts=(),
)
_MARGIN = 0.15


class _Network:
    """Probability of person for every pixel of one picture."""

    def __init__(self, options: LoadOptions) -> None:
        self._session = Session.of(options.weights or starter_file(_FILE), options)

    def run(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """(height, width) in 0..1, in the size of `pixels`."""
        import cv2

        height, width = pixels.shape[:2]
        small = cv2.resize(pixels, _CARD.input_hw[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        mask = next(iter(self._session.run({self._session.inputs[0]: small.transpose(2, 0, 1)[None]}).values()))
        return np.asarray(cv2.resize(mask.reshape(_CARD.input_hw), (width, height), interpolation=cv2.INTER_LINEAR))


class PersonInBox(Segmenter):
    """Looks at each box with some surroundings and keeps the person's pixels within the box."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card, self._network = card, _Network(options)

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        points: Sequence[npt.NDArray[np.float32]] | None = None,
    ) -> list[Masks]:
        """One mask a box; raises Mismatch for points."""
        if boxes is None or points is not None:
            raise Mismatch(
                f"'{self._card.name}' takes boxes and no points. Use a SAM, like 'sam-vit-base', for points."
            )
        return [self._predict_one(image, xyxy) for image, xyxy in zip(images, boxes, strict=True)]

    def _predict_one(self, image: Image, xyxy: npt.NDArray[np.float32]) -> Masks:
        dense = np.zeros((len(xyxy), *image.size_hw), bool)
        limit = np.array([image.width, image.height] * 2)
        for mask, box in zip(dense, xyxy.astype(np.float64), strict=True):
            border = (box[2:] - box[:2]) * _MARGIN
            wide = np.concatenate([box[:2] - border, box[2:] + border])
            x1, y1, x2, y2 = np.clip(np.rint(wide), 0, limit).astype(int)
            if x2 > x1 and y2 > y1:
                mask[y1:y2, x1:x2] = self._network.run(image.pixels[y1:y2, x1:x2]) >= self._card.threshold
            x1, y1, x2, y2 = np.clip([*np.floor(box[:2]), *np.ceil(box[2:])], 0, limit).astype(int)
            mask[:y1], mask[y2:], mask[:, :x1], mask[:, x2:] = False, False, False, False
        return Masks.from_dense(dense)


class PersonMap(ClosedSemanticSegmenter):
    """Person or background for every pixel."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card, self._network = card, _Network(options)
        self._vocabulary = ClosedVocabulary(card.classes, self.task)

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        return [(self._network.run(i.pixels) >= threshold).astype(np.int32) for i in images]


UNITS = (
    ModelEntry(_CARD, lambda options: PersonInBox(replace(_CARD, sha256=starter_sha256(_FILE)), options)),
    ModelEntry(_MAP, lambda options: PersonMap(replace(_MAP, sha256=starter_sha256(_FILE)), options)),
)
