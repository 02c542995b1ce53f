"""RTMPose: the points of each person that a box is around, by SimCC, as an ONNX file of MMPose that a person brings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, NotFound
from ocella.models.batches import batches
from ocella.models.card import Accuracy, ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.fastest import file_sha256
from ocella.models.pose_crops import Crop, crop_of
from ocella.models.runtime import Session
from ocella.models.tasks import KeypointDetector
from ocella.ops.boxes import clip
from ocella.types import COCO_PERSON, Detections, Image, Keypoints
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
_VISIBLE = 0.3


@dataclass(frozen=True)
class _Person:
    """Where one crop belongs."""

    image: int
    crop: Crop


class RtmPose(KeypointDetector):
    """Looks into boxes and gives them back with points and with the mean of the points' confidences."""

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

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """People with their points; points below 0.3 count as not visible. Raises Mismatch where the boxes are not one
        array an image.
        """
        asked = (
            [_whole(i) for i in images] if boxes is None else [np.asarray(b, np.float32).reshape(-1, 4) for b in boxes]
        )
        if len(asked) != len(images):
            raise Mismatch(f"boxes must be one array for each of the {len(images)} images, got {len(asked)}.")
        people = [_Person(i, crop_of(box, self._input_hw)) for i, rows in enumerate(asked) for box in rows]
        points = self._points(images, people)
        floor = self._card.threshold if threshold is None else threshold
        results, start = [], 0
        for image, rows in zip(images, asked, strict=True):
            results.append(self._detections(image, rows, points[start : start + len(rows)]))
            start += len(rows)
        return [r[r.confidence >= floor] for r in results]

    def _points(self, images: Sequence[Image], people: Sequence[_Person]) -> Floats:
        """x, y and confidence (people, k, 3) in the images' pixels."""
        found = [np.zeros((0, len(self._skeleton.names), 3), np.float32)]
        for chunk in batches(people, self.batch):
            crops = np.stack([self._cut(images[p.image], p.crop) for p in chunk])
            out = self._session.run({self._session.inputs[0]: crops})
            points = _maxima(out["simcc_x"], out["simcc_y"], self._input_hw)
            size = np.stack([p.crop.size for p in chunk])[:, None]
            centre = np.stack([p.crop.centre for p in chunk])[:, None]
            points[..., :2] = points[..., :2] / self._input_hw[::-1] * size + centre - size / 2
            found.append(points)
        return np.concatenate(found)

    def _cut(self, image: Image, crop: Crop) -> Floats:
        """The crop as (3, h, w), normalised; black beyond the image. Places are numbers of pixels, as in MMPose."""
        import cv2

        step = crop.size / self._input_hw[::-1]
        first = crop.centre - crop.size / 2
        there = np.array([[step[0], 0, first[0]], [0, step[1], first[1]]], np.float64)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        pixels = np.asarray(cv2.warpAffine(image.pixels, there, self._input_hw[::-1], flags=flags), np.float32)
        return np.ascontiguousarray(((pixels - _MEAN) / _STD).transpose(2, 0, 1), np.float32)

    def _detections(self, image: Image, boxes: Floats, points: Floats) -> Detections:
        """Of one image. A point outside of it, where a box is cut off, is put on its border."""
        inside = np.clip(points[..., :2], 0, np.array([image.width, image.height], np.float32))
        confidence = points[..., 2].clip(0, 1)
        keypoints = Keypoints(inside, confidence, confidence >= _VISIBLE, self._skeleton)
        mean = confidence.mean(axis=1) if len(boxes) else np.zeros(0, np.float32)
        return Detections(
            clip(boxes, image.size_hw), mean, np.zeros(len(boxes), np.int64), ("person",), keypoints=keypoints
        )


def _maxima(across: Floats, down: Floats, input_hw: tuple[int, int]) -> Floats:
    """Place of the highest value along each axis (n, k, bins), in input pixels, and the lower of the two values."""
    x = across.argmax(axis=2) * (input_hw[1] / across.shape[2])
    y = down.argmax(axis=2) * (input_hw[0] / down.shape[2])
    sure = np.minimum(across.max(axis=2), down.max(axis=2))
    return np.stack([x, y, sure], axis=2).astype(np.float32)


def _whole(image: Image) -> Floats:
    return np.array([[0, 0, image.width, image.height]], np.float32)


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
