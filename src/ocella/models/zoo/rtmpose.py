"""RTMPose: the points of each person that a box is around, by SimCC, as an ONNX file of MMPose that a person brings."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, NotFound
from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.pose_crops import Crop
from ocella.models.detection.pose_in_boxes import Person, PoseInBoxes
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.fastest import file_sha256
from ocella.models.onnx.runtime import Session
from ocella.types import COCO_PERSON, Image
from ocella.types.keypoints import Skeleton

__all__ = ["UNITS", "RtmPose"]

Floats = npt.NDArray[np.float32]

_CARD = ModelCard(
    name="rtmpose-onnx",
    task="keypoints",
    summary="points of each person that a detector has found, quick on a processor; bring MMPose's ONNX file",
    checkpoint="your own file: end2end.onnx of an RTMPose, as MMPose's model zoo offers it",
    code_license="Apache-2.0 (MMPose); the decoder here is Ocella's own",
    weights_license="Apache-2.0 (MMPose)",
    commercial_use=True,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    classes=("person",),
    threshold=0.0,
    aliases=("rtmpose",),
    accuracy=(
        Accuracy(
            "AP", 0.758, "COCO val2017 keypoints, RTMPose-m, boxes of a detector with 0.56 AP", "Jiang 2023, RTMPose"
        ),
    ),
    good_at="exact points of people at video speed; join it with a detector: nanodet-g+rtmpose-onnx",
    bad_at="whole pictures without boxes; people hidden behind others",
    run_here="small self-made checkpoints only",
    system="RTMPose",
    library="onnx",
    vocabulary="person",
    prompts=("box",),
    speed="fast",
    memory_gb=0.5,
    stand_in="vitpose-base-simple",
)
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


class RtmPose(PoseInBoxes):
    """The highest value along each axis (SimCC) of each crop."""

    def __init__(self, path: Path, options: LoadOptions) -> None:
        self._session = Session.of(path, options)
        shapes = {s.name: s.shape for s in (*self._session.takes, *self._session.gives)}
        image = self._session.takes[0].shape
        if not {"simcc_x", "simcc_y"} <= shapes.keys() or len(image) != 4 or 0 in image[1:]:
            raise Mismatch(
                f"{path} must take an image and give simcc_x and simcc_y, as RTMPose does, but has {shapes}."
            )
        self._input_hw, count = (image[2], image[3]), shapes["simcc_x"][1]
        self._skeleton = COCO_PERSON if count in (0, 17) else Skeleton(tuple(f"point_{i}" for i in range(count)))
        self.batch = 1 if image[0] == 1 else options.batch or 8
        self._card = replace(
            options.card or _CARD,
            checkpoint=f"file {path.name}",
            megabytes=path.stat().st_size / 1e6,
            input_hw=self._input_hw,
            sha256=file_sha256(path),
        )

    def _points(self, images: Sequence[Image], people: Sequence[Person]) -> Floats:
        crops = np.stack([self._cut(images[p.image], p.crop) for p in people])
        out = self._session.run({self._session.inputs[0]: crops})
        points = _maxima(out["simcc_x"], out["simcc_y"], self._input_hw)
        size = np.stack([p.crop.size for p in people])[:, None]
        centre = np.stack([p.crop.centre for p in people])[:, None]
        points[..., :2] = points[..., :2] / self._input_hw[::-1] * size + centre - size / 2
        return points

    def _cut(self, image: Image, crop: Crop) -> Floats:
        """The crop as (3, h, w), normalised; black beyond the image. Places are numbers of pixels, as in MMPose."""
        import cv2

        step = crop.size / self._input_hw[::-1]
        first = crop.centre - crop.size / 2
        there = np.array([[step[0], 0, first[0]], [0, step[1], first[1]]], np.float64)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        pixels = np.asarray(cv2.warpAffine(image.pixels, there, self._input_hw[::-1], flags=flags), np.float32)
        return np.ascontiguousarray(((pixels - _MEAN) / _STD).transpose(2, 0, 1), np.float32)


def _maxima(across: Floats, down: Floats, input_hw: tuple[int, int]) -> Floats:
    """Place of the highest value along each axis (n, k, bins), in input pixels, and the lower of the two values."""
    x = across.argmax(axis=2) * (input_hw[1] / across.shape[2])
    y = down.argmax(axis=2) * (input_hw[0] / down.shape[2])
    sure = np.minimum(across.max(axis=2), down.max(axis=2))
    return np.stack([x, y, sure], axis=2).astype(np.float32)


def _build(options: LoadOptions) -> RtmPose:
    path = options.weights
    if path is not None and path.is_dir():
        path = next(iter(sorted(path.glob("*.onnx"))), path)
    if path is None or not path.is_file():
        raise NotFound(
            f"'{_CARD.name}' is run from MMPose's own file. Fetch the ONNX archive of an RTMPose from its model zoo and give "
            f"the file: ocella.load('{_CARD.name}', weights=Path('end2end.onnx')). '{_CARD.stand_in}' is fetched by itself."
        )
    return RtmPose(path, options)


UNITS = (ModelEntry(_CARD, _build),)
