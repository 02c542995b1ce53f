"""PaliGemma 2: answers, and boxes as tokens of places."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.boxes import paligemma_boxes
from ocella.models.language.detector import Dialect, SpokenDetector, together
from ocella.models.language.speaker import Speaker, SpokenAnswers
from ocella.models.tasks import Model
from ocella.types import Image

__all__ = ["UNITS", "PaliGemma", "task_prompt"]

_TASKS = ("cap", "caption", "describe", "ocr", "answer", "question", "detect", "segment")
"""Words that begin a prompt of the model's training."""

_CARD = ModelCard(
    name="paligemma2-3b-mix-224",
    try_order=6,
    advice="short answers and captions in several languages",
    task="vlm",
    summary="short answers, captions and boxes from one model; its licence must be accepted first",
    checkpoint="hub: google/paligemma2-3b-mix-224 (revision main)",
    code_license="Apache-2.0",
    weights_license="Gemma terms of use",
    commercial_use=True,
    parameters=3_032_242_416,
    megabytes=6064.5,
    input_hw=(224, 224),
    open_vocabulary=True,
    extra="torch",
    aliases=("paligemma2", "paligemma"),
    languages=("en", "de", "fr", "es", "it", "pt", "nl", "ja", "ko", "zh", "th"),
    good_at="short answers; a base to train further",
    bad_at="small print and small things in 224 pixels; long answers; JSON",
    run_here="small self-made checkpoints only",
    data={"hub": "google/paligemma2-3b-mix-224", "revision": "main", "max_tokens": 128, "dtype": "bfloat16"},
    system="PaliGemma 2",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="slow",
    memory_gb=8,
    gated="huggingface.co/google/paligemma2-3b-mix-224",
)
_BOXES = replace(
    _CARD,
    name="paligemma2-3b-mix-224-detect",
    try_order=7,
    advice="boxes from a language model, sure of its words alone",
    task="detect",
    summary="boxes from paligemma2-3b-mix-224: all prompts in one question",
    aliases=("paligemma2-detect",),
    threshold=0.0,
    good_at="everyday things by short names",
    bad_at="small things: the image is shrunk to 224 pixels, its shape lost; many things of a kind",
    data={**_CARD.data, "max_tokens": 512},
)


class PaliGemma(Speaker):
    """An image squeezed to the input size; the prompt after it, an end of line behind."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        opened = open_checkpoint(card, options, "paligemma", "PaliGemmaForConditionalGeneration")
        super().__init__(opened, options)
        self._images = opened.part("SiglipImageProcessorPil")
        vision = opened.network.config.vision_config
        self._places = (vision.image_size // vision.patch_size) ** 2
        self._worded: Callable[[str], str] = task_prompt if card.task == "vlm" else str

    def _see(self, image: Image) -> Any:
        return self._images(image.pixels, return_tensors="pt")["pixel_values"]

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        tokenizer = self.opened.tokenizer
        told = f"{'<image>' * self._places}{tokenizer.bos_token}{self._worded(text)}\n"
        words = tokenizer(told, add_special_tokens=False, return_tensors="pt")
        return {
            "input_ids": words["input_ids"],
            "attention_mask": words["attention_mask"],
            "token_type_ids": words["input_ids"] * 0,  # image and prompt are read in both directions
            "pixel_values": seen,
        }


def task_prompt(text: str) -> str:
    """A prompt that begins with a task of the model's, like `caption en`, as it is; any other as a question in English."""
    return text if text.split(maxsplit=1)[0].lower() in _TASKS else f"answer en {text}"


_DIALECT = Dialect(together("detect {}", " ; "), lambda said, _, __: paligemma_boxes(said))


def _build(card: ModelCard, options: LoadOptions) -> Model:
    speaker = PaliGemma(card, options)
    if card.task == "vlm":
        return SpokenAnswers(card, options, speaker)
    return SpokenDetector(card, options, speaker, _DIALECT)


def _entry(card: ModelCard) -> ModelEntry:
    build: Callable[[LoadOptions], Model] = partial(_build, card)
    return ModelEntry(card, build, ("PaliGemmaForConditionalGeneration",))


UNITS = tuple(map(_entry, (_CARD, _BOXES)))
