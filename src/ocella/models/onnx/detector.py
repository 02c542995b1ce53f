"""Detectors out of ONNX files: boxes, masks and points in the image's own pixels."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.closed import ClosedDetector, ClosedVocabulary
from ocella.models.onnx.layout import Floats, Found, Given, Layout
from ocella.models.onnx.letterbox import Placement
from ocella.models.onnx.network import OnnxNetwork
from ocella.models.tasks import KeypointDetector
from ocella.types import COCO_PERSON, Detections, Image, Keypoints, Masks
from ocella.types.keypoints import Skeleton

__all__ = ["OnnxDetector", "OnnxPoseDetector"]

_LOWEST = 0.001
"""Confidences below this are noise of thousands of cells."""
_VISIBLE = 0.5


class OnnxDetector(ClosedDetector):
    """A network with outputs of a known layout. `columns` holds the class of each place of the network's own list, -1
    where a place is no class.
    """

    def __init__(
        self,
        card: ModelCard,
        network: OnnxNetwork,
        layout: Layout,
        given: Given,
        batch: int,
        columns: Sequence[int] | None = None,
    ) -> None:
        self._card, self._network, self._layout, self._given = card, network, layout, given
        self._vocabulary = ClosedVocabulary(card.classes, self.task)
        self._columns = np.array(range(len(card.classes)) if columns is None else columns, np.int64)
        self.batch = batch

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        found = []
        for outputs, places in self._network.run(images):
            rows = self._layout.decode(outputs, self._given, len(places), max(floor, _LOWEST))
            found += [self._detections(f, place) for f, place in zip(rows, places, strict=True)]
        return found

    def _detections(self, found: Found, place: Placement) -> Detections:
        boxes = _sound(found.xyxy, place)
        class_id = _own_class(self._card.name, found, self._columns)
        keep = np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1) & (class_id >= 0))
        masks = None if found.masks is None else _masks(found.masks[keep], boxes[keep], place, self._given.input_hw)
        return Detections(boxes[keep], found.confidence[keep], class_id[keep], self.classes, masks=masks)


class OnnxPoseDetector(KeypointDetector):
    """A network that finds objects with their points in the whole image."""

    def __init__(
        self,
        card: ModelCard,
        network: OnnxNetwork,
        layout: Layout,
        given: Given,
        batch: int,
        skeleton: Skeleton | None = None,
    ) -> None:
        self._card, self._network, self._layout, self._given, self.batch = card, network, layout, given, batch
        count = given.pose[0]
        usual = COCO_PERSON if count == 17 else Skeleton(tuple(f"point_{i}" for i in range(count)))
        self._skeleton = skeleton or usual

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """Objects with points; points below 0.5 count as not visible. Raises Mismatch for boxes."""
        if boxes is not None:
            raise Mismatch(f"'{self._card.name}' finds objects itself and takes no boxes.")
        floor = self._card.threshold if threshold is None else threshold
        found = []
        for group in batches(images, self.batch):
            for outputs, places in self._network.run(group):
                rows = self._layout.decode(outputs, self._given, len(places), max(floor, _LOWEST))
                found += [self._detections(f, place) for f, place in zip(rows, places, strict=True)]
        return found

    def _detections(self, found: Found, place: Placement) -> Detections:
        assert found.points is not None
        boxes = _sound(found.xyxy, place)
        class_id = _own_class(self._card.name, found, np.arange(len(self._card.classes)))
        keep = np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1))
        points = np.nan_to_num(found.points[keep])
        sure = points[..., 2].clip(0, 1)
        keypoints = Keypoints(place.points(points[..., :2]), sure, sure >= _VISIBLE, self._skeleton)
        return Detections(boxes[keep], found.confidence[keep], class_id[keep], self._card.classes, keypoints=keypoints)


def _sound(xyxy: Floats, place: Placement) -> Floats:
    """Boxes in the image's pixels; one with corners the wrong way round, or without numbers, is left without area."""
    with np.errstate(invalid="ignore"):
        boxes = place.boxes(np.nan_to_num(xyxy))
    boxes[:, 2:] = np.maximum(boxes[:, :2], boxes[:, 2:])
    return boxes


def _own_class(name: str, found: Found, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    beyond = found.class_id[(found.class_id < 0) | (found.class_id >= len(columns))]
    if beyond.size:
        raise Mismatch(
            f"'{name}' found an object of class number {beyond[0]}, but {len(columns)} classes were given. Give all "
            "classes of the training, in order."
        )
    return columns[found.class_id]


def _masks(logits: Floats, boxes: Floats, place: Placement, input_hw: tuple[int, int]) -> Masks:
    """Masks in the image's size: logits (k, h, w) over the input, sampled at the middle of each pixel of the box."""
    height, width = place.size_hw
    counts: list[list[int]] = []
    for mask, box in zip(logits, boxes, strict=True):
        whole = np.zeros((1, height, width), bool)
        x1, y1 = (int(v) for v in np.floor(box[:2]))
        x2, y2 = (int(v) for v in np.ceil(box[2:]))
        whole[0, y1:y2, x1:x2] = _sampled(mask, (x1, y1, x2, y2), place, input_hw) > 0
        counts.append(Masks.from_dense(whole).run(0).tolist())
    return Masks.from_counts(counts, place.size_hw)


def _sampled(mask: Floats, window: tuple[int, int, int, int], place: Placement, input_hw: tuple[int, int]) -> Floats:
    """The logits under the pixels of a window of the image, between the nearest four."""
    import cv2

    x1, y1, x2, y2 = window
    step = [place.scale_xy[axis] * mask.shape[1 - axis] / input_hw[1 - axis] for axis in (0, 1)]
    begin = [place.offset_xy[axis] * mask.shape[1 - axis] / input_hw[1 - axis] for axis in (0, 1)]
    first = [(low + 0.5) * step[axis] + begin[axis] - 0.5 for axis, low in enumerate((x1, y1))]
    there = np.array([[step[0], 0, first[0]], [0, step[1], first[1]]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(mask, there, (x2 - x1, y2 - y1), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
