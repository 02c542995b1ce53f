"""Mask2Former: masks of single objects, or a class for every pixel, by mask queries."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.batches import by_shape
from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.class_lists import named
from ocella.models.checkpoints.labels import label_columns
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, adopt_card, open_checkpoint
from ocella.models.closed import ClosedDetector, ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.class_map import best_class, shortened
from ocella.models.segmentation.universal_segmentation import class_scores, instances
from ocella.types import Detections, Image

__all__ = ["UNITS", "Mask2FormerInstances", "Mask2FormerMap"]

_ZOO = "github.com/facebookresearch/Mask2Former MODEL_ZOO"
_MASK_HW = (384, 384)
"""Masks are enlarged to this before they are read, whatever the input size: so does the library."""
_INSTANCES = ModelCard(
    name="mask2former-swin-tiny-coco-instance",
    task="detect",
    summary="objects of COCO's 80 classes with masks; not for commercial use",
    checkpoint="hub: facebook/mask2former-swin-tiny-coco-instance (revision main)",
    code_license="MIT",
    weights_license="CC-BY-NC-4.0",
    commercial_use=False,
    parameters=47_423_179,
    megabytes=189.7,
    input_hw=(384, 384),
    threshold=0.5,
    extra="torch",
    aliases=("mask2former",),
    accuracy=(Accuracy("mask AP", 0.45, "COCO val2017", _ZOO),),
    good_at="outlines of single things, also where they touch",
    bad_at="things that COCO lacks; small things; speed without a graphics card",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/mask2former-swin-tiny-coco-instance", "revision": "main"},
    system="Mask2Former",
    library="transformers",
    vocabulary="coco",
    speed="slow",
    memory_gb=2,
    clause="CC-BY-NC-4.0: the authors' model zoo licenses its weights for non-commercial use only",
)
_INSTANCES_LARGE = replace(
    _INSTANCES,
    name="mask2former-swin-large-coco-instance",
    summary="as mask2former-swin-tiny-coco-instance, the largest; not for commercial use",
    checkpoint="hub: facebook/mask2former-swin-large-coco-instance (revision main)",
    parameters=215_525_061,
    megabytes=862.1,
    aliases=(),
    accuracy=(Accuracy("mask AP", 0.501, "COCO val2017", _ZOO),),
    data={"hub": "facebook/mask2former-swin-large-coco-instance", "revision": "main"},
    memory_gb=4,
)
_MAP = replace(
    _INSTANCES,
    name="mask2former-swin-tiny-ade-semantic",
    task="semantic-segment",
    summary="a class of 150 (rooms and streets) for every pixel; not for commercial use",
    checkpoint="hub: facebook/mask2former-swin-tiny-ade-semantic (revision main)",
    parameters=47_441_169,
    megabytes=189.8,
    input_hw=(512, 512),
    aliases=("mask2former-semantic",),
    accuracy=(Accuracy("mIoU", 0.477, "ADE20K val", _ZOO),),
    good_at="surfaces and things of rooms and streets with clean outlines",
    bad_at="single objects of one class are not told apart; speed without a graphics card",
    data={"hub": "facebook/mask2former-swin-tiny-ade-semantic", "revision": "main"},
    vocabulary="ade20k",
    score_kind="none",
)


class _Network:
    """Class logits (queries, classes + 1) and mask logits (queries, 384, 384) of each image."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self.opened: Checkpoint = open_checkpoint(card, options, "mask2former", "Mask2FormerForUniversalSegmentation")
        labels = self.opened.network.config.id2label
        self.names, self.columns = label_columns(labels if options.card else named(labels, card.vocabulary))
        self._prepare = self.opened.part("Mask2FormerImageProcessorPil")

    def run(self, images: Sequence[Image]) -> Iterator[tuple[int, Any, Any]]:
        """The number of each image and what the network says of it; images of one input size go together."""
        import torch
        from torch.nn.functional import interpolate

        pixels = [self._pixels(image) for image in images]
        for rows in by_shape(pixels):
            batch = torch.from_numpy(np.stack([pixels[r] for r in rows])).to(self.opened.device, self.opened.dtype)
            with torch.inference_mode():
                out = self.opened.network(pixel_values=batch)
            for i, row in enumerate(rows):
                masks = interpolate(out.masks_queries_logits[i : i + 1].float(), _MASK_HW, mode="bilinear")[0]
                yield row, out.class_queries_logits[i].float(), masks

    def _pixels(self, image: Image) -> npt.NDArray[np.float32]:
        made = self._prepare(shortened(image).pixels, input_data_format="channels_last", return_tensors="np")
        return np.asarray(made["pixel_values"][0], np.float32)


class Mask2FormerInstances(ClosedDetector):
    """Each query's best classes with its mask; confidence is the class's times the mask's. Masks may overlap."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._network = _Network(card, options)
        names = self._network.names
        self._card = adopt_card(card, options, self._network.opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        self.batch = self._network.opened.batch(options, accelerator=4)

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        found: dict[int, Detections] = {}
        for row, class_logits, masks in self._network.run(images):
            scores = class_logits.softmax(dim=-1)[:, :-1]
            values, places = scores.flatten().topk(len(scores))
            ranked = (values, places % scores.shape[1], places // scores.shape[1])
            size_hw = images[row].size_hw
            found[row] = instances(ranked, masks, size_hw, floor, self._network.columns, self.classes)
        return [found[row] for row in range(len(images))]


class Mask2FormerMap(ClosedSemanticSegmenter):
    """Every query's classes, weighed by its mask at each pixel and added up."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._network = _Network(card, options)
        names = self._network.names
        self._card = adopt_card(card, options, self._network.opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        self.batch = self._network.opened.batch(options, accelerator=4)

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        del threshold  # classes compete for a pixel
        found: dict[int, npt.NDArray[np.int32]] = {}
        for row, class_logits, masks in self._network.run(images):
            scores = class_scores(class_logits, masks.sigmoid())
            found[row] = best_class(scores[self._network.columns], images[row].size_hw)
        return [found[row] for row in range(len(images))]


_OPENS = ("Mask2FormerForUniversalSegmentation",)
UNITS = (
    *(ModelEntry(card, partial(Mask2FormerInstances, card), _OPENS) for card in (_INSTANCES, _INSTANCES_LARGE)),
    ModelEntry(_MAP, partial(Mask2FormerMap, _MAP), _OPENS),
)
