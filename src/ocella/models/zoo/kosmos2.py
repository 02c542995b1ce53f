"""Kosmos-2: captions, answers, and boxes of phrases."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.boxes import SpokenBox, kosmos_boxes
from ocella.models.language.detector import Dialect, SpokenDetector, one_by_one
from ocella.models.language.generate import Said
from ocella.models.language.speaker import Speaker, SpokenAnswers
from ocella.models.tasks import Model
from ocella.types import Image

__all__ = ["UNITS", "Kosmos2", "question"]

_OPEN, _CLOSE = "<object>", "</object>"

_CARD = ModelCard(
    name="kosmos-2-patch14-224",
    try_order=8,
    advice="captions with the places of what they name; needs much memory",
    task="vlm",
    summary="captions and short answers, from 2023",
    checkpoint="hub: microsoft/kosmos-2-patch14-224 (revision main)",
    code_license="Apache-2.0",
    weights_license="MIT",
    commercial_use=True,
    parameters=1_664_485_376,
    megabytes=6657.9,
    input_hw=(224, 224),
    open_vocabulary=True,
    extra="torch",
    aliases=("kosmos-2", "kosmos2"),
    good_at="one sentence about the image",
    bad_at="small print, JSON; smaller and newer models answer better",
    superseded_by="qwen3-vl-2b-instruct",
    run_here="small self-made checkpoints only",
    data={"hub": "microsoft/kosmos-2-patch14-224", "revision": "main", "max_tokens": 128},
    system="Kosmos-2",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="slow",
    memory_gb=9,
)
_BOXES = replace(
    _CARD,
    name="kosmos-2-patch14-224-detect",
    try_order=8,
    advice="boxes from a grounded caption; needs much memory for what it gives",
    task="detect",
    summary="boxes of phrases from kosmos-2-patch14-224: one prompt at a time, on a grid of 32 by 32",
    aliases=("kosmos-2-detect",),
    threshold=0.0,
    superseded_by="",
    good_at="things that take a few words to name",
    bad_at="small things: a corner is as fine as a 32nd of the image; it tends to find what it is asked for",
    data={**_CARD.data, "max_tokens": 64},
)


class Kosmos2(Speaker):
    """An image squeezed to the input size becomes 64 vectors, made once for all texts."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        opened = open_checkpoint(card, options, "kosmos-2", "Kosmos2ForConditionalGeneration")
        super().__init__(opened, options)
        side = int(opened.network.config.vision_config.image_size)
        square = {"height": side, "width": side}
        self._images = opened.part("CLIPImageProcessorPil", size=square, do_center_crop=False)
        self._places = int(opened.network.config.latent_query_num)
        words = opened.tokenizer
        self.side = math.isqrt(sum(t.startswith("<patch_index_") for t in words.get_vocab()))
        self._worded: Callable[[str], str] = str
        if card.task == "vlm":
            self._worded = question
        else:
            self.ends = (words.convert_tokens_to_ids(_CLOSE),)

    @property
    def _generator(self) -> Any:
        return self.opened.network.text_model

    def _see(self, image: Image) -> Any:
        seen = self._placed(dict(self._images(image.pixels, return_tensors="pt")))
        return self.opened.network.get_image_features(**seen).pooler_output

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        import torch

        words = self.opened.tokenizer
        spots = " ".join(["<image>"] * (self._places + 1))
        told = f"{words.bos_token}{spots} </image> {self._worded(text)}"
        ids = words(told, add_special_tokens=False, return_tensors="pt")["input_ids"]
        first = words.unk_token_id + 1
        ids[0, 2 : 2 + self._places] = torch.arange(first, first + self._places)
        places = torch.zeros_like(ids)
        places[0, 2 : 2 + self._places] = 1
        return {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "image_embeds": seen,
            "image_embeds_position_mask": places,
        }


def question(text: str) -> str:
    """A question in the form of the model's training; what begins with a mark, like `<grounding>`, stays as it is."""
    return text if text.startswith("<") else f"Question: {text} Answer:"


def _dialect(side: int) -> Dialect:
    def read(said: Said, prompts: tuple[str, ...], size_hw: tuple[int, int]) -> list[SpokenBox]:
        del size_hw
        return kosmos_boxes(said, prompts[0], side) if _is_object(said) else []

    return Dialect(
        one_by_one("<grounding><phrase> {}</phrase>"), read, lambda said: not (said.cut_off and _is_object(said))
    )


def _is_object(said: Said) -> bool:
    """Whether the phrase is followed by its boxes; else the model found none and goes on with its sentence."""
    return said.marked.lstrip().startswith(_OPEN)


def _build(card: ModelCard, options: LoadOptions) -> Model:
    speaker = Kosmos2(card, options)
    if card.task == "vlm":
        return SpokenAnswers(card, options, speaker)
    return SpokenDetector(card, options, speaker, _dialect(speaker.side))


def _entry(card: ModelCard) -> ModelEntry:
    build: Callable[[LoadOptions], Model] = partial(_build, card)
    return ModelEntry(card, build, ("Kosmos2ForConditionalGeneration",))


UNITS = tuple(map(_entry, (_CARD, _BOXES)))
