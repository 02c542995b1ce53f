"""OneFormer: one network that is told its task in words; here a class for every pixel."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.batches import by_shape
from ocella.models.card import ModelCard
from ocella.models.checkpoints.class_lists import named
from ocella.models.checkpoints.labels import label_columns
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.closed import ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.class_map import best_class, shortened
from ocella.models.segmentation.universal_segmentation import class_scores
from ocella.types import Image

__all__ = ["UNITS", "OneFormer"]

_TASK = "the task is semantic"
_CARD = ModelCard(
    name="oneformer-ade20k-swin-tiny",
    task="semantic-segment",
    summary="a class of 150 (rooms and streets) for every pixel",
    checkpoint="hub: shi-labs/oneformer_ade20k_swin_tiny (revision refs/pr/6, where its safetensors file is)",
    code_license="MIT",
    weights_license="MIT",
    commercial_use=True,
    parameters=50_737_938,
    megabytes=203,
    input_hw=(512, 2048),
    extra="torch",
    aliases=("oneformer",),
    good_at="surfaces and things of rooms and streets with clean outlines",
    bad_at="single objects of one class are not told apart; speed without a graphics card",
    run_here="small self-made checkpoints only",
    data={"hub": "shi-labs/oneformer_ade20k_swin_tiny", "revision": "refs/pr/6"},
    system="OneFormer",
    library="transformers",
    vocabulary="ade20k",
    score_kind="none",
    speed="slow",
    memory_gb=2,
)


class OneFormer(ClosedSemanticSegmenter):
    """Every query's classes, weighed by its mask at each pixel and added up. Images of one input size go together."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "oneformer", "OneFormerForUniversalSegmentation")
        labels = self._opened.network.config.id2label
        names, self._columns = label_columns(labels if options.card else named(labels, card.vocabulary))
        self._card = adopt_card(card, options, self._opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        # its list of classes lies in another repository and is of use in training only
        self._prepare = self._opened.part("OneFormerImageProcessorPil", class_info_file=None)
        self._words = self._told()
        self.batch = self._opened.batch(options, accelerator=4)

    def _told(self) -> Any:
        """The task as the network reads it: token numbers, padded with zeros."""
        import torch

        length = int(self._opened.network.config.task_seq_len)
        tokens = self._opened.tokenizer([_TASK], padding="max_length", max_length=length, truncation=True)
        return torch.tensor(tokens["input_ids"]) * torch.tensor(tokens["attention_mask"])

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        import torch

        del threshold  # classes compete for a pixel
        found: dict[int, npt.NDArray[np.int32]] = {}
        pixels = [self._pixels(image) for image in images]
        for rows in by_shape(pixels):
            batch = torch.from_numpy(np.stack([pixels[r] for r in rows])).to(self._opened.device, self._opened.dtype)
            words = self._words.expand(len(rows), -1).to(self._opened.device)
            with torch.inference_mode():
                out = self._opened.network(pixel_values=batch, task_inputs=words)
            for i, row in enumerate(rows):
                masks = out.masks_queries_logits[i].float().sigmoid()
                scores = class_scores(out.class_queries_logits[i], masks)[self._columns]
                found[row] = best_class(scores, images[row].size_hw)
        return [found[row] for row in range(len(images))]

    def _pixels(self, image: Image) -> npt.NDArray[np.float32]:
        made = self._prepare(
            shortened(image).pixels, ["semantic"], input_data_format="channels_last", return_tensors="np"
        )
        return np.asarray(made["pixel_values"][0], np.float32)


UNITS = (ModelEntry(_CARD, partial(OneFormer, _CARD), ("OneFormerForUniversalSegmentation",)),)
