"""DETRPose: people and their 17 points at one look, in real time, on the parts of D-FINE."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.models.batches import batches
from ocella.models.card import Accuracy, ModelCard, Speed
from ocella.models.checkpoints.port_checkpoint import open_port
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, adopt_card, import_torch
from ocella.models.detection.detr_family import best_pairs
from ocella.models.detection.detr_prepare import prepare_by_pillow
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.tasks import KeypointDetector
from ocella.ops.boxes import area
from ocella.types import COCO_PERSON, Detections, Image, Keypoints

__all__ = ["UNITS", "DetrPoseKeypoints"]

Floats = npt.NDArray[np.float32]

_FILES = "https://github.com/SebastianJanampa/DETRPose/releases/download/model_weights/detrpose_hgnetv2_{}.pth"
_SETTINGS = {"size": {"height": 640, "width": 640}, "do_normalize": False}
_COLUMNS = np.arange(2)
_PERSON = 1
"""The column of people; that before it stands for COCO's category 0, which there is none of."""

_NANO = ModelCard(
    name="detrpose-hgnetv2-n",
    try_order=4,
    advice="the joints of all people at one look, without a detector",
    task="keypoints",
    summary="people and their 17 points in one step, without a person detector before it, in 4 million parameters",
    checkpoint=_FILES.format("n"),
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=4_071_355,
    megabytes=16.3,
    input_hw=(640, 640),
    classes=("person",),
    threshold=0.5,
    extra="torch",
    aliases=("detrpose-n",),
    accuracy=(Accuracy("keypoint AP", 0.572, "COCO val2017", "github.com/SebastianJanampa/DETRPose README"),),
    good_at="points of all people of an image at once, however many there are up to 60",
    bad_at="how sure it is of a single point, which it does not say; boxes, which only go around the points; small people",
    run_here="small self-made checkpoints only; beside the authors' network, with random weights of full size",
    data={"url": _FILES.format("n")},
    system="DETRPose",
    library="port",
    vocabulary="person",
    speed="medium",
    memory_gb=1,
)


def _size(letter: str, parameters: int, average: float, speed: Speed = "medium", memory_gb: float = 1) -> ModelCard:
    """The card of another size."""
    file = _FILES.format(letter)
    return replace(
        _NANO,
        name=f"detrpose-hgnetv2-{letter}",
        summary=f"as detrpose-hgnetv2-n, with {parameters / 1e6:.0f} million parameters",
        checkpoint=file,
        parameters=parameters,
        megabytes=round(parameters * 4e-6, 1),
        aliases=(f"detrpose-{letter}",),
        accuracy=(Accuracy("keypoint AP", average, "COCO val2017", "github.com/SebastianJanampa/DETRPose README"),),
        data={"url": file},
        speed=speed,
        memory_gb=memory_gb,
    )


_CARDS = (
    _NANO,
    _size("s", 11_537_003, 0.67),
    _size("m", 21_029_939, 0.694),
    _size("l", 33_179_221, 0.725),
    _size("x", 74_300_469, 0.733, "slow", 2),
)


class DetrPoseKeypoints(KeypointDetector):
    """Of all pairs of query and class the best, as many as there are queries, as its authors evaluate it; people of them
    are given. Every point counts as visible and as sure: the network tells no two of them apart.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = _open(card, options)
        self._card = adopt_card(card, options, self._opened)
        self.batch = self._opened.batch(options)

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """People of each image, each with the box around its points; raises Mismatch for `boxes`, because it finds its
        people itself.
        """
        if boxes is not None:
            raise Mismatch(f"'{self.card.name}' finds its people itself: give it images without boxes.")
        floor = self.card.threshold if threshold is None else threshold
        if not 0 <= floor <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {floor}.")
        return [found for chunk in batches(images, self.batch) for found in self._find(chunk, floor)]

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        import torch

        pixels = torch.from_numpy(np.stack([prepare_by_pillow(i.pixels, _SETTINGS) for i in images]))
        with torch.inference_mode():
            out = self._opened.network(pixels.to(self._opened.device, self._opened.dtype))
        logits, points = (tensor.float().cpu().numpy() for tensor in out)
        return [_read(logits[i], points[i], image.size_hw, floor) for i, image in enumerate(images)]


def _read(logits: Floats, points: Floats, size_hw: tuple[int, int], floor: float) -> Detections:
    """People of one image. What lies beyond it is put on its border, and whom nothing of is inside is left out."""
    chosen = best_pairs(logits, _COLUMNS)
    limit = np.array([size_hw[1], size_hw[0]], np.float32)
    xy = np.clip(points[chosen.query] * limit, 0, limit)
    xyxy = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    rows = np.flatnonzero((chosen.class_id == _PERSON) & (chosen.confidence >= floor) & (area(xyxy) > 0))
    sure = np.ones((len(rows), xy.shape[1]), np.float32)
    keypoints = Keypoints(xy[rows], sure, sure > 0, COCO_PERSON)
    nobody = np.zeros(len(rows), np.int64)
    return Detections(xyxy[rows], chosen.confidence[rows], nobody, ("person",), keypoints=keypoints)


def _open(card: ModelCard, options: LoadOptions) -> Checkpoint:
    """The network; raises Mismatch where it is one of other classes or points, like those for CrowdPose."""
    import_torch(card)
    from ocella.models.networks.detrpose import build
    from ocella.models.networks.detrpose_weights import parted, rename

    opened = open_port(card, options, build, rename, part=parted)
    decoder = opened.network.decoder
    found = (decoder.class_embed.out_features, decoder.keypoint_embedding.num_embeddings)
    if found != (len(_COLUMNS), len(COCO_PERSON.names)):
        raise Mismatch(
            f"'{card.name}' must have 2 classes and 17 points, as the weights for COCO have, got {found[0]} and {found[1]}."
        )
    return opened


UNITS = tuple(ModelEntry(card, partial(DetrPoseKeypoints, card)) for card in _CARDS)
