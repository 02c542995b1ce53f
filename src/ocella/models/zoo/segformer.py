"""SegFormer: a class for every pixel, light and fast."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.class_lists import named
from ocella.models.checkpoints.labels import label_columns
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.closed import ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.embedding.pixel_values import pixel_values
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.class_map import best_class
from ocella.types import Image

__all__ = ["UNITS", "Segformer"]

_PAPER = "arxiv.org/abs/2105.15203, table 1"
_B0 = ModelCard(
    name="segformer-b0-finetuned-ade-512-512",
    try_order=3,
    advice="150 kinds of regions, small",
    task="semantic-segment",
    summary="a class of 150 (rooms and streets) for every pixel; small and fast, not for commercial use",
    checkpoint="hub: nvidia/segformer-b0-finetuned-ade-512-512 (revision main)",
    code_license="Apache-2.0",
    weights_license="NVIDIA Source Code License for SegFormer (non-commercial)",
    commercial_use=False,
    parameters=3_752_694,
    megabytes=15,
    input_hw=(512, 512),
    extra="torch",
    aliases=("segformer", "segformer-b0"),
    accuracy=(Accuracy("mIoU", 0.374, "ADE20K val", _PAPER),),
    good_at="walls, floors, sky, roads and other large surfaces; speed",
    bad_at="small things and thin outlines; single objects of one class are not told apart",
    run_here="small self-made checkpoints only",
    data={"hub": "nvidia/segformer-b0-finetuned-ade-512-512", "revision": "main"},
    system="SegFormer",
    library="transformers",
    vocabulary="ade20k",
    score_kind="none",
    speed="medium",
    memory_gb=1,
    clause="section 3.3: the work may be used non-commercially only, for research or evaluation",
)
_B5 = replace(
    _B0,
    name="segformer-b5-finetuned-ade-640-640",
    summary="as segformer-b0-finetuned-ade-512-512, the largest and most accurate; not for commercial use",
    checkpoint="hub: nvidia/segformer-b5-finetuned-ade-640-640 (revision main)",
    parameters=84_708_694,
    megabytes=338.8,
    input_hw=(640, 640),
    aliases=("segformer-b5",),
    accuracy=(Accuracy("mIoU", 0.51, "ADE20K val", _PAPER),),
    data={"hub": "nvidia/segformer-b5-finetuned-ade-640-640", "revision": "main"},
    speed="slow",
    memory_gb=2,
)


class Segformer(ClosedSemanticSegmenter):
    """The image is stretched to a square; scores on a grid of a quarter of it are enlarged. `batch` images go together."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "segformer", "SegformerForSemanticSegmentation")
        labels = self._opened.network.config.id2label
        names, self._columns = label_columns(labels if options.card else named(labels, card.vocabulary))
        self._card = adopt_card(card, options, self._opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        self._prepare = self._opened.part("SegformerImageProcessorPil")
        self.batch = self._opened.batch(options)

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        import torch

        del threshold  # classes compete for a pixel
        pixels = pixel_values(self._prepare, images)["pixel_values"]
        with torch.inference_mode():
            logits = self._opened.network(pixel_values=pixels.to(self._opened.device, self._opened.dtype)).logits
        return [best_class(one[self._columns], i.size_hw) for one, i in zip(logits, images, strict=True)]


UNITS = tuple(ModelEntry(card, partial(Segformer, card), ("SegformerForSemanticSegmentation",)) for card in (_B0, _B5))
