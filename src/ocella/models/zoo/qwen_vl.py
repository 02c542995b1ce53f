"""Qwen-VL: answers in many languages, and boxes as JSON."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.boxes import SpokenBox, json_boxes
from ocella.models.language.detector import Dialect, SpokenDetector, together
from ocella.models.language.generate import Said
from ocella.models.language.speaker import Speaker, SpokenAnswers
from ocella.models.tasks import Model
from ocella.types import Image

__all__ = ["UNITS", "QwenVl", "fitted_hw"]

_MOST_PIXELS = 1280 * 32 * 32
_NARROWEST = 200
"""The library refuses an image whose sides differ by more."""

_THREE = ModelCard(
    name="qwen3-vl-2b-instruct",
    try_order=2,
    advice="answers a question in words, in English, Chinese and more; better where there is memory",
    task="vlm",
    summary="strong answers for its size, in many languages; the one to start with on a graphics card",
    checkpoint="hub: Qwen/Qwen3-VL-2B-Instruct (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=2_127_532_032,
    megabytes=4255.1,
    input_hw=(1024, 1280),
    open_vocabulary=True,
    extra="torch",
    aliases=("qwen3-vl", "qwen3-vl-2b"),
    languages=("en", "zh", "ja", "ko", "de", "fr", "es", "it", "pt", "ru", "ar", "vi", "th"),
    good_at="questions, reading text, documents, JSON on request",
    bad_at="speed without a graphics card; counting many things",
    run_here="small self-made checkpoints only",
    data={
        "hub": "Qwen/Qwen3-VL-2B-Instruct",
        "revision": "main",
        "max_tokens": 512,
        "dtype": "bfloat16",
        "max_pixels": _MOST_PIXELS,
    },
    system="Qwen3-VL",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="slow",
    memory_gb=7,
)
_RESEARCH = "the Qwen RESEARCH licence allows research and evaluation, not commercial use"


def _older(size: str, parameters: int, **changes: Any) -> ModelCard:
    hub = f"Qwen/Qwen2.5-VL-{size.upper()}-Instruct"
    return replace(
        _THREE,
        name=f"qwen2.5-vl-{size}-instruct",
        checkpoint=f"hub: {hub} (revision main)",
        parameters=parameters,
        megabytes=round(parameters * 2 / 1e6, 1),
        aliases=(f"qwen2.5-vl-{size}",),
        data={**_THREE.data, "hub": hub},
        system="Qwen2.5-VL",
        **changes,
    )


_OLD_SMALL = _older(
    "3b",
    3_754_622_976,
    summary="the generation before qwen3-vl; its weights are for research",
    weights_license="Qwen RESEARCH",
    commercial_use=False,
    clause=_RESEARCH,
    superseded_by="qwen3-vl-2b-instruct",
    memory_gb=10,
)
_OLD = _older("7b", 8_292_166_656, summary="the generation before qwen3-vl, larger", memory_gb=20)


def _detector(card: ModelCard, summary: str) -> ModelCard:
    return replace(
        card,
        name=f"{card.name}-detect",
        task="detect",
        summary=summary,
        aliases=tuple(f"{a}-detect" for a in card.aliases),
        threshold=0.0,
        try_order=6,
        advice="boxes from a language model that reads Chinese and other languages; it is sure of its words alone",
        superseded_by=f"{card.superseded_by}-detect" if card.superseded_by else "",
        good_at="things that take words to name, all in one question",
        bad_at="many small things: a long list of boxes takes long, or is cut off and refused; speed",
        data={**card.data, "max_tokens": 2048},
        prompts_per_pass=32,
    )


_THREE_BOXES = _detector(_THREE, "boxes from qwen3-vl-2b-instruct: slow, understands descriptions")
_OLD_BOXES = _detector(_OLD, "boxes from qwen2.5-vl-7b-instruct: slow, understands descriptions")


class QwenVl(Speaker):
    """An image keeps its shape, in pixels up to the card's `max_pixels`; patches of four by four go into the text as one
    token.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        three = card.system == "Qwen3-VL"
        kind = "qwen3_vl" if three else "qwen2_5_vl"
        opened = open_checkpoint(card, options, kind, _network(card))
        super().__init__(opened, options)
        loaded = opened.part("Qwen2VLImageProcessorPil")
        most = min(int(loaded.size["longest_edge"]), int(card.data["max_pixels"]))
        self.size = {"shortest_edge": min(int(loaded.size["shortest_edge"]), most), "longest_edge": most}
        self._images, self._merged = loaded, int(loaded.merge_size)
        self.cell = int(loaded.patch_size) * self._merged
        self._system = "" if three else "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"

    def _see(self, image: Image) -> Any:
        pixels, (height, width) = image.pixels, image.size_hw
        down, across = math.ceil(width / height / _NARROWEST), math.ceil(height / width / _NARROWEST)
        if max(down, across) > 1:
            pixels = np.repeat(np.repeat(pixels, down, axis=0), across, axis=1)
        return self._images(pixels, size=self.size, return_tensors="pt")

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        places = int(seen["image_grid_thw"].prod()) // self._merged**2
        shown = f"<|vision_start|>{'<|image_pad|>' * places}<|vision_end|>"
        told = f"{self._system}<|im_start|>user\n{shown}{text}<|im_end|>\n<|im_start|>assistant\n"
        words = self.opened.tokenizer(told, return_tensors="pt")
        is_image = words["input_ids"] == self.opened.network.config.image_token_id
        return {
            "input_ids": words["input_ids"],
            "attention_mask": words["attention_mask"],
            "mm_token_type_ids": is_image.int(),
            "pixel_values": seen["pixel_values"],
            "image_grid_thw": seen["image_grid_thw"],
        }


def fitted_hw(size_hw: tuple[int, int], cell: int, size: dict[str, int]) -> tuple[int, int]:
    """The size in which the network sees an image: whole cells, its shape nearly kept, pixels within the limits."""
    height, width = size_hw
    down, across = math.ceil(width / height / _NARROWEST), math.ceil(height / width / _NARROWEST)
    height, width = height * max(1, down), width * max(1, across)
    rows, columns = round(height / cell), round(width / cell)
    if rows * columns * cell**2 > size["longest_edge"]:
        shrink = math.sqrt(height * width / size["longest_edge"])
        rows, columns = (max(1, math.floor(side / shrink / cell)) for side in (height, width))
    elif rows * columns * cell**2 < size["shortest_edge"]:
        grow = math.sqrt(size["shortest_edge"] / (height * width))
        rows, columns = (math.ceil(side * grow / cell) for side in (height, width))
    return rows * cell, columns * cell


_THOUSAND = Dialect(
    together(
        'Locate every instance that belongs to the following categories: "{}". Report bbox coordinates in JSON format.',
        ", ",
    ),
    lambda said, _, __: json_boxes(said.text, (1000, 1000), said.confidence or 0.0),
)
"""Qwen3-VL says thousandths of the image."""


def _pixel_dialect(speaker: QwenVl) -> Dialect:
    """Qwen2.5-VL says pixels of the image as it was shown."""

    def read(said: Said, prompts: tuple[str, ...], size_hw: tuple[int, int]) -> list[SpokenBox]:
        del prompts
        height, width = fitted_hw(size_hw, speaker.cell, speaker.size)
        return json_boxes(said.text, (width, height), said.confidence or 0.0)

    form = (
        "Locate every item from the category list in the image and output the coordinates in JSON format. The category "
        "set includes {}."
    )
    return Dialect(together(form, ", "), read)


def _network(card: ModelCard) -> str:
    return "Qwen3VLForConditionalGeneration" if card.system == "Qwen3-VL" else "Qwen2_5_VLForConditionalGeneration"


def _build(card: ModelCard, options: LoadOptions) -> Model:
    speaker = QwenVl(card, options)
    if card.task == "vlm":
        return SpokenAnswers(card, options, speaker)
    return SpokenDetector(card, options, speaker, _THOUSAND if card.system == "Qwen3-VL" else _pixel_dialect(speaker))


def _entry(card: ModelCard) -> ModelEntry:
    build: Callable[[LoadOptions], Model] = partial(_build, card)
    return ModelEntry(card, build, (_network(card),))


UNITS = tuple(_entry(card) for card in (_THREE, _OLD_SMALL, _OLD, _THREE_BOXES, _OLD_BOXES))
