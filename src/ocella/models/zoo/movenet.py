"""MoveNet multipose: 17 keypoints of up to six people."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.runtime import Session
from ocella.models.starter import starter_file, starter_sha256
from ocella.models.tasks import KeypointDetector
from ocella.types import COCO_PERSON, Detections, Image, Keypoints

__all__ = ["UNITS"]

_FILE = "movenet-multipose.onnx"
_CARD = ModelCard(
    name="movenet-multipose",
    try_order=2,
    advice="the joints of up to six people at once, comes with the install",
    task="keypoints",
    summary="17 body points of up to six people at once",
    checkpoint="ocella-starter: movenet-multipose.onnx",
    code_license="Apache-2.0",
    weights_license="Apache-2.0 (stated upstream, not in the source package)",
    commercial_use=True,
    parameters=4_700_000,
    megabytes=9.4,
    input_hw=(256, 256),
    classes=("person",),
    threshold=0.25,
    good_at="a few people, whole bodies in view",
    bad_at="more than six people, crowds, people small in the picture",
    run_here="its real weights",
    system="MoveNet",
    vocabulary="person",
    speed="fast",
    memory_gb=0.2,
)
_VISIBLE = 0.3


class MoveNet(KeypointDetector):
    """The network looks at the whole image, scaled into a square with its aspect kept."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = card
        self._session = Session.of(options.weights or starter_file(_FILE), options)

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """People with their points; points below 0.3 count as not visible. Raises Mismatch for boxes."""
        if boxes is not None:
            raise Mismatch(f"'{self._card.name}' finds people itself and takes no boxes. Use a ViTPose for boxes.")
        floor = self._card.threshold if threshold is None else threshold
        return [self._predict_one(image, floor) for image in images]

    def _predict_one(self, image: Image, floor: float) -> Detections:
        side = self._card.input_hw[0]
        pixels, scale = _squared(image, side)
        poses = next(iter(self._session.run({self._session.inputs[0]: pixels[None]}).values()))[0]
        poses = poses[poses[:, 55] >= floor].astype(np.float64)
        limit = np.array([image.width, image.height], np.float64)
        points = poses[:, :51].reshape(-1, 17, 3)
        xy = np.clip(points[..., 1::-1] * side / scale, 0, limit)
        corners = np.clip(poses[:, [52, 51, 54, 53]].reshape(-1, 2, 2) * side / scale, 0, limit)
        xyxy = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        keypoints = Keypoints(xy, np.clip(points[..., 2], 0, 1), points[..., 2] >= _VISIBLE, COCO_PERSON)
        order = np.argsort(-poses[:, 55], kind="stable")
        found = Detections(
            xyxy, np.clip(poses[:, 55], 0, 1), np.zeros(len(poses), np.int64), ("person",), keypoints=keypoints
        )
        return found[order]


def _squared(image: Image, side: int) -> tuple[npt.NDArray[np.int32], float]:
    """The image in the top left of a black square, and how much it was scaled."""
    import cv2

    scale = side / max(image.size_hw)
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    square = np.zeros((side, side, 3), np.int32)
    square[:height, :width] = cv2.resize(image.pixels, (width, height), interpolation=cv2.INTER_AREA)
    return square, scale


UNITS = (ModelEntry(_CARD, lambda options: MoveNet(replace(_CARD, sha256=starter_sha256(_FILE)), options)),)
