"""RF-DETR with keypoints: people and their 17 points at one look, run by its authors' package."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch, NotFound, Refused, Unreadable
from ocella.models.batches import batches
from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.timm_checkpoint import import_library
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.tasks import KeypointDetector
from ocella.ops.boxes import area, clip
from ocella.types import COCO_PERSON, Detections, Image, Keypoints, Skeleton

__all__ = ["UNITS", "RfDetrKeypoint"]

_CARD = ModelCard(
    name="rf-detr-keypoint-preview",
    task="keypoints",
    summary="people and their 17 points in one step, without a person detector before it",
    checkpoint="https://storage.googleapis.com/rfdetr/rf-detr-keypoint-preview-xlarge.pth",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=126_400_000,
    megabytes=505.6,
    input_hw=(576, 576),
    threshold=0.5,
    extra="rfdetr",
    aliases=("rfdetr-keypoint-preview",),
    accuracy=(Accuracy("keypoint AP", 0.718, "COCO val2017", "rfdetr.roboflow.com, Run an RF-DETR Keypoint Model"),),
    good_at="groups of people in one look; a start for keypoints of other things",
    bad_at="an early release: its authors say that weights and interface may change; very small people",
    run_here="small self-made checkpoints only",
    system="RF-DETR",
    library="package",
    vocabulary="person",
    speed="slow",
    memory_gb=3,
)


class RfDetrKeypoint(KeypointDetector):
    """The package prepares, runs and reads; kept are objects of the classes that have points. `batch` images go
    together.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = options.card or card
        self._network = _open(card, options)
        counts = self._network.model_config.num_keypoints_per_class
        self._slots = np.flatnonzero(np.array(counts, np.int64))  # outputs of classes that have points
        if len({counts[i] for i in self._slots}) != 1:
            raise Mismatch(f"All classes of '{card.name}' must have one number of points, got {counts or 'none'}.")
        self._classes = tuple(map(str, self._network.class_names[: len(self._slots)]))
        k = int(counts[self._slots[0]])
        self._skeleton = COCO_PERSON if k == len(COCO_PERSON.names) else Skeleton(tuple(f"point_{i}" for i in range(k)))
        self.batch = options.batch or 1

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """Objects of each image with their points; raises Mismatch for `boxes`, because it finds its objects itself."""
        if boxes is not None:
            raise Mismatch(f"'{self.card.name}' finds its objects itself: give it images without boxes.")
        floor = self.card.threshold if threshold is None else threshold
        if not 0 <= floor <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {floor}.")
        return [f for chunk in batches(images, self.batch) for f in self._find(chunk, floor)]

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        pixels = [i.pixels.copy() for i in images]
        below = float(
            np.nextafter(floor, -1)
        )  # the package wants more than its threshold, here it is enough to reach it
        found = self._network.predict(pixels, threshold=below, include_source_image=False)
        return [self._read(f, i.size_hw, floor) for f, i in zip(found, images, strict=True)]

    def _read(self, found: Any, size_hw: tuple[int, int], floor: float) -> Detections:
        output = np.asarray(found.class_id, np.int64).reshape(-1)
        confidence = np.clip(np.asarray(found.detection_confidence, np.float32).reshape(-1), 0, 1)
        xyxy = clip(np.asarray(found.data["xyxy"], np.float32).reshape(-1, 4), size_hw)
        rows = np.flatnonzero(np.isin(output, self._slots) & (area(xyxy) > 0) & (confidence >= floor))
        limit = np.array([size_hw[1], size_hw[0]], np.float32)
        k = len(self._skeleton.names)
        points = Keypoints(
            np.clip(np.asarray(found.xy, np.float32).reshape(-1, k, 2)[rows], 0, limit),
            np.clip(np.asarray(found.keypoint_confidence, np.float32).reshape(-1, k)[rows], 0, 1),
            np.asarray(found.visible, bool).reshape(-1, k)[rows],
            self._skeleton,
        )
        ids = np.searchsorted(self._slots, output[rows])
        return Detections(xyxy[rows], confidence[rows], ids, self._classes, keypoints=points)


def _open(card: ModelCard, options: LoadOptions) -> Any:
    """The package's network with the weights of a file, on its device."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about other models of the package, which it looks through
        library = import_library(card, "rfdetr")
        device, file = torch_device(options.device), _file(card, options)
        try:
            return library.RFDETRKeypointPreview.from_checkpoint(str(file), device=device)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            first = str(error).strip().partition("\n")[0]
            raise Unreadable(
                f"{file.name} is no checkpoint of '{card.name}': {first[:300]}. Expected the published file, or one that "
                "training with the package rfdetr wrote."
            ) from error


def _file(card: ModelCard, options: LoadOptions) -> Path:
    if options.weights is None or not options.weights.is_file():
        raise NotFound(
            f"The weights of '{card.name}' are on no hub. Fetch {card.checkpoint} and give the file: "
            f"ocella.load('{card.name}', weights=Path('file.pth'), pickle=True)."
        )
    if not options.pickle:
        raise Refused(
            f"{options.weights.name} is a pickle, which can run code of whoever made it. Where you trust it, allow it: "
            f"ocella.load('{card.name}', weights=Path('{options.weights.name}'), pickle=True), or --allow-pickle."
        )
    return options.weights


UNITS = (ModelEntry(_CARD, partial(RfDetrKeypoint, _CARD)),)
