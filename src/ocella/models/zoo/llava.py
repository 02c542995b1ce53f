"""LLaVA-1.5: answers, and a box of one described thing at a time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.boxes import SpokenBox, json_boxes
from ocella.models.language.detector import Dialect, SpokenDetector, one_by_one
from ocella.models.language.generate import Said
from ocella.models.language.speaker import Speaker, SpokenAnswers
from ocella.models.tasks import Model
from ocella.types import Image

__all__ = ["UNITS", "Llava", "squared"]

_CARD = ModelCard(
    name="llava-1.5-7b",
    try_order=8,
    advice="answers in words; needs much memory",
    task="vlm",
    summary="a well known model for questions about images, from 2023",
    checkpoint="hub: llava-hf/llava-1.5-7b-hf (revision main)",
    code_license="Apache-2.0",
    weights_license="Llama 2 Community",
    commercial_use=True,
    parameters=7_063_427_072,
    megabytes=14126.9,
    input_hw=(336, 336),
    open_vocabulary=True,
    extra="torch",
    aliases=("llava-1.5", "llava"),
    good_at="descriptions in whole sentences",
    bad_at="small print; the weights take 14 GB; newer models a third its size answer better",
    superseded_by="qwen3-vl-2b-instruct",
    run_here="small self-made checkpoints only",
    data={"hub": "llava-hf/llava-1.5-7b-hf", "revision": "main", "max_tokens": 256, "dtype": "bfloat16"},
    system="LLaVA-1.5",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="slow",
    memory_gb=18,
)
_BOXES = replace(
    _CARD,
    name="llava-1.5-7b-detect",
    try_order=9,
    advice="boxes written by a language model that was not made for it; needs much memory, and experiments",
    task="detect",
    summary="boxes from llava-1.5-7b: one box for each prompt, at best",
    aliases=("llava-detect",),
    threshold=0.0,
    superseded_by="qwen3-vl-2b-instruct-detect",
    good_at="one thing that takes a sentence to describe",
    bad_at="several things of a kind: it gives one box for each prompt, even where there is no such thing",
    data={**_CARD.data, "max_tokens": 64},
)


class Llava(Speaker):
    """An image on a square of the mean colour, as in the model's training. Its features are made once for all texts."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        opened = open_checkpoint(card, options, "llava", "LlavaForConditionalGeneration")
        super().__init__(opened, options)
        self._images = opened.part("CLIPImageProcessorPil")

    def _see(self, image: Image) -> Any:
        pixels = squared(image.pixels, self._images.image_mean)
        seen = self._placed(dict(self._images(pixels, return_tensors="pt")))
        return self.opened.network.get_image_features(**seen).pooler_output[0].unsqueeze(0)

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        network = self.opened.network
        told = f"USER: {'<image>' * seen.shape[1]}\n{text} ASSISTANT:"
        words = self.opened.tokenizer(told, return_tensors="pt").to(self.opened.device)
        ids = words["input_ids"]
        embedded = network.get_input_embeddings()(ids)
        places = (ids == network.config.image_token_id).unsqueeze(-1)
        return {
            "inputs_embeds": embedded.masked_scatter(places, seen.to(embedded.dtype)),
            "attention_mask": words["attention_mask"],
        }


def squared(pixels: npt.NDArray[np.uint8], mean: tuple[float, float, float]) -> npt.NDArray[np.uint8]:
    """RGB (h, w, 3) in the middle of a square of the mean colour."""
    height, width = pixels.shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = [int(share * 255) for share in mean]
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square


def read(said: Said, prompts: tuple[str, ...], size_hw: tuple[int, int]) -> list[SpokenBox]:
    """`[x1, y1, x2, y2]` as shares of the square, to shares of the image."""
    height, width = size_hw
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return [
        SpokenBox(box.phrase, _inside(box.corners, side, (left, top), (width, height)), box.confidence)
        for box in json_boxes(said.text, (1, 1), said.confidence or 0.0, prompts[0])
    ]


def _inside(
    corners: tuple[float, float, float, float], side: int, corner: tuple[int, int], size: tuple[int, int]
) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = ((share * side - corner[i % 2]) / size[i % 2] for i, share in enumerate(corners))
    return x1, y1, x2, y2


_DIALECT = Dialect(
    one_by_one("Please provide the bounding box coordinate of the region this sentence describes: {}"), read
)


def _build(card: ModelCard, options: LoadOptions) -> Model:
    speaker = Llava(card, options)
    if card.task == "vlm":
        return SpokenAnswers(card, options, speaker)
    return SpokenDetector(card, options, speaker, _DIALECT)


def _entry(card: ModelCard) -> ModelEntry:
    build: Callable[[LoadOptions], Model] = partial(_build, card)
    return ModelEntry(card, build, ("LlavaForConditionalGeneration",))


UNITS = tuple(map(_entry, (_CARD, _BOXES)))
