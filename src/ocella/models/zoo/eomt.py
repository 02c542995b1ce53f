"""EoMT: a plain vision transformer with mask queries: a class for every pixel, single objects, or segments of all."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.class_lists import class_list, named
from ocella.models.checkpoints.labels import label_columns
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.closed import ClosedDetector, ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.class_map import best_class, shortened
from ocella.models.segmentation.universal_segmentation import class_scores, instances, segments
from ocella.types import Detections, Image

__all__ = ["UNITS", "EomtInstances", "EomtMap", "EomtSegments"]

_MAP = ModelCard(
    name="ade20k-semantic-eomt-large-512",
    try_order=1,
    advice="150 kinds of regions of rooms, streets and landscapes",
    task="semantic-segment",
    summary="a class of 150 (rooms and streets) for every pixel; accurate",
    checkpoint="hub: tue-mps/ade20k_semantic_eomt_large_512 (revision main)",
    code_license="Apache-2.0",
    weights_license="MIT",
    commercial_use=True,
    parameters=316_020_887,
    megabytes=1264.1,
    input_hw=(512, 512),
    extra="torch",
    aliases=("eomt",),
    good_at="surfaces and things of rooms and streets with clean outlines, for its accuracy fast on a graphics card",
    bad_at="single objects of one class are not told apart; slow without a graphics card",
    run_here="small self-made checkpoints only",
    data={"hub": "tue-mps/ade20k_semantic_eomt_large_512", "revision": "main"},
    system="EoMT",
    library="transformers",
    vocabulary="ade20k",
    score_kind="none",
    speed="slow",
    memory_gb=4,
)
_INSTANCES = replace(
    _MAP,
    name="coco-instance-eomt-large-640",
    task="detect",
    summary="objects of COCO's 80 classes with masks; accurate",
    checkpoint="hub: tue-mps/coco_instance_eomt_large_640 (revision main)",
    parameters=316_641_361,
    megabytes=1266.6,
    input_hw=(640, 640),
    threshold=0.5,
    aliases=("eomt-instance",),
    good_at="outlines of single things, also where they touch; for its accuracy fast on a graphics card",
    bad_at="things that COCO lacks; slow without a graphics card",
    data={"hub": "tue-mps/coco_instance_eomt_large_640", "revision": "main"},
    vocabulary="coco",
    score_kind="probability",
)
_SEGMENTS = replace(
    _INSTANCES,
    name="coco-panoptic-eomt-large-640",
    summary="things and surfaces that share out the whole image, of COCO's 133 classes, with masks",
    checkpoint="hub: tue-mps/coco_panoptic_eomt_large_640 (revision main)",
    parameters=316_695_686,
    megabytes=1266.8,
    threshold=0.8,
    aliases=("eomt-panoptic",),
    good_at="saying what every part of a picture is: no two masks overlap",
    bad_at="things that COCO lacks; a low threshold lets doubtful segments take pixels from sure ones",
    data={"hub": "tue-mps/coco_panoptic_eomt_large_640", "revision": "main"},
    vocabulary="coco-panoptic",
)


class _Network:
    """Class logits (queries, classes + 1) and mask logits (queries, h, w) in the size of the input."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self.opened = open_checkpoint(card, options, "eomt", "EomtForUniversalSegmentation")
        labels = self.opened.network.config.id2label
        self.names, self.columns = label_columns(labels if options.card else named(labels, card.vocabulary))
        self.prepare = self.opened.part("EomtImageProcessorPil")
        size = self.prepare.size
        self.input_hw = (int(size.shortest_edge), int(size.longest_edge or size.shortest_edge))

    def run(self, image: Image, *, windows: bool) -> tuple[Any, Any, Any]:
        """Logits of each window of the image (or the padded image), and where windows lie along its longer side."""
        import torch
        from torch.nn.functional import interpolate

        made = self.prepare(
            image.pixels,
            do_split_image=windows,
            do_pad=not windows,
            input_data_format="channels_last",
            return_tensors="pt",
        )
        with torch.inference_mode():
            out = self.opened.network(pixel_values=made["pixel_values"].to(self.opened.device, self.opened.dtype))
        masks = interpolate(out.masks_queries_logits.float(), self.input_hw, mode="bilinear")
        return out.class_queries_logits.float(), masks, made["patch_offsets"]

    def queries(self, image: Image) -> tuple[Any, Any]:
        """Class logits, and mask logits of the image without its padding."""
        looked_at = shortened(image)
        height, width = _fitted(looked_at.size_hw, self.input_hw)
        class_logits, masks, _ = self.run(looked_at, windows=False)
        return class_logits[0], masks[0, :, :height, :width]


class EomtMap(ClosedSemanticSegmenter):
    """Looks through square windows side by side, and where they overlap at the mean of their scores. An image at a time,
    because images have different numbers of windows.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._network = _Network(card, options)
        self._card = adopt_card(card, options, self._network.opened, classes=self._network.names)
        self._vocabulary = ClosedVocabulary(self._network.names, self.task)

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        del threshold  # classes compete for a pixel
        return [best_class(self._scores(shortened(i))[self._network.columns], i.size_hw) for i in images]

    def _scores(self, image: Image) -> Any:
        """Scores (classes, h, w) of the image in the size that it is looked at."""
        import torch

        height, width = _fitted(image.size_hw, (self._network.input_hw[0], None))
        class_logits, masks, offsets = self._network.run(image, windows=True)
        total = torch.zeros((class_logits.shape[-1] - 1, height, width), device=masks.device)
        count = torch.zeros((height, width), device=masks.device)
        for logits, mask, (_, start, end) in zip(class_logits, masks, offsets, strict=True):
            part = slice(int(start), int(end))
            window = (part, slice(None)) if height > width else (slice(None), part)
            total[(slice(None), *window)] += class_scores(logits, mask.sigmoid())
            count[window] += 1
        return total / count.clamp(min=1)


class EomtInstances(ClosedDetector):
    """A query is an object of its best class; confidence is the class's times the mask's. Masks may overlap."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._network = _Network(card, options)
        self._card = adopt_card(card, options, self._network.opened, classes=self._network.names)
        self._vocabulary = ClosedVocabulary(self._network.names, self.task)

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        return [self._find_one(image, floor) for image in images]

    def _find_one(self, image: Image, floor: float) -> Detections:
        import torch

        class_logits, masks = self._network.queries(image)
        values, columns = class_logits.softmax(dim=-1)[:, :-1].max(dim=-1)
        ranked = (values, columns, torch.arange(len(values)))
        return instances(ranked, masks, image.size_hw, floor, self._network.columns, self.classes, after=True)


class EomtSegments(ClosedDetector):
    """Queries of at least the threshold share out the image; surfaces of one class are one segment."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._network = _Network(card, options)
        self._card = adopt_card(card, options, self._network.opened, classes=self._network.names)
        self._vocabulary = ClosedVocabulary(self._network.names, self.task)
        self._stuff = frozenset(class_list("coco-panoptic")) - frozenset(class_list("coco"))

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        return [self._find_one(image, floor) for image in images]

    def _find_one(self, image: Image, floor: float) -> Detections:
        class_logits, masks = self._network.queries(image)
        scores, columns = class_logits.softmax(dim=-1).max(dim=-1)
        kept = (columns < class_logits.shape[-1] - 1) & (scores > floor)
        ranked = (scores[kept], columns[kept])
        return segments(ranked, masks[kept], image.size_hw, self._network.columns, self.classes, stuff=self._stuff)


def _fitted(size_hw: tuple[int, int], edges: tuple[int, int | None]) -> tuple[int, int]:
    """The size of an image as the library looks at it: its shorter side as the first of `edges`, but the longer not over
    the second.
    """
    from transformers.image_transforms import get_size_with_aspect_ratio

    height, width = get_size_with_aspect_ratio(size_hw, *edges)
    return int(height), int(width)


_OPENS = ("EomtForUniversalSegmentation",)
UNITS = (
    ModelEntry(_MAP, partial(EomtMap, _MAP), _OPENS),
    ModelEntry(_INSTANCES, partial(EomtInstances, _INSTANCES), _OPENS),
    ModelEntry(_SEGMENTS, partial(EomtSegments, _SEGMENTS), _OPENS),
)
