"""Moondream 2: small answers and boxes, by the code that comes with its weights."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ocella.errors import Mismatch, Unreadable
from ocella.models.card import ModelCard
from ocella.models.checkpoints.remote_code import open_remote
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, adopt_card
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.answer import answer
from ocella.models.language.boxes import SpokenBox
from ocella.models.language.detector import boxes_of
from ocella.models.language.generate import Asked, check_prompt
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable
from ocella.models.tasks import VisionLanguageModel
from ocella.types import Answer, Detections, Image

__all__ = ["UNITS", "Moondream", "MoondreamBoxes"]

_CAPTIONS = {"short caption": "short", "caption": "normal", "long caption": "long"}
_MOST_OBJECTS = 150

_CARD = ModelCard(
    name="moondream2",
    try_order=4,
    advice="answers questions about an image",
    task="vlm",
    summary="small and good for its size; runs the code that comes with its weights, only where you allow that",
    checkpoint="hub: vikhyatk/moondream2 (revision 2025-06-21)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=1_927_237_104,
    megabytes=3854.5,
    input_hw=(378, 378),
    open_vocabulary=True,
    extra="torch",
    aliases=("moondream", "moondream-2"),
    good_at="questions, captions (short caption, caption, long caption)",
    bad_at="long reading; it fetches its tokenizer from the hub; Moondream 3 is not offered (BSL 1.1, 9 billion weights)",
    run_here="a stand-in with the same methods, not its own code",
    data={"hub": "vikhyatk/moondream2", "revision": "2025-06-21", "max_tokens": 256, "patterns": ["*.py"]},
    system="Moondream 2",
    library="remote-code",
    prompts=("text",),
    score_kind="none",
    speed="slow",
    memory_gb=6,
    stand_in="smolvlm2-500m-video-instruct",
)
_BOXES = replace(
    _CARD,
    name="moondream2-detect",
    try_order=6,
    advice="boxes without scores from a small language model",
    task="detect",
    summary="boxes from moondream2: one prompt at a time, the image read once",
    aliases=("moondream-detect",),
    threshold=0.0,
    good_at="things that take words to name; small for an open vocabulary",
    bad_at="crowds: more than 150 of a kind are refused; a confidence is always 1, so a threshold says nothing",
    stand_in="florence-2-base-detect",
)


class Moondream(VisionLanguageModel):
    """Answers and captions; no word on how sure it is. Options: max_tokens, temperature, seed, json, schema."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = _open(card, options)
        self._card = adopt_card(card, options, self._opened)

    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        """An answer for each image; `caption`, `short caption` and `long caption` are the model's own tasks."""
        asked = Asked.of(self.card, options)
        text = asked.worded(check_prompt(prompt))
        return [answer(self._say(image, text, asked), prompt) for image in images]

    def _say(self, image: Image, text: str, asked: Asked) -> str:
        import torch

        settings = {"temperature": asked.temperature, "max_tokens": asked.max_tokens}
        with torch.inference_mode(), torch.random.fork_rng(enabled=asked.temperature > 0):
            if asked.temperature > 0:
                torch.manual_seed(asked.seed)
            network, shown = self._opened.network, _picture(image)
            if text in _CAPTIONS:
                return str(network.caption(shown, length=_CAPTIONS[text], settings=settings)["caption"]).strip()
            return str(network.query(image=shown, question=text, settings=settings)["answer"]).strip()


class MoondreamBoxes(OpenDetector):
    """Boxes of each prompt, with a confidence of 1. Raises Unreadable where there may be more than it says."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__()
        self._opened = _open(card, options)
        self._card = adopt_card(card, options, self._opened)

    def _encode(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(texts)

    def _find(
        self, images: Sequence[Image], table: PromptTable, encoded: tuple[str, ...], threshold: float
    ) -> list[Detections]:
        import torch

        found = []
        for image in images:
            with torch.inference_mode():
                seen = self._opened.network.encode_image(_picture(image))
                boxes = [box for text in encoded for box in self._boxes(seen, text)]
            found.append(boxes_of(boxes, table, image.size_hw, threshold, self.card.score_kind))
        return found

    def _boxes(self, seen: Any, text: str) -> list[SpokenBox]:
        told = self._opened.network.detect(seen, text, settings={"max_objects": _MOST_OBJECTS})["objects"]
        if len(told) >= _MOST_OBJECTS:
            raise Unreadable(f"'{self.card.name}' found {len(told)} of '{text}' and may have left out more.")
        return [SpokenBox(text, (o["x_min"], o["y_min"], o["x_max"], o["y_max"]), 1.0) for o in told]


def _open(card: ModelCard, options: LoadOptions) -> Checkpoint:
    opened = open_remote(card, options)
    lacking = [
        m for m in ("encode_image", "query", "caption", "detect") if not callable(getattr(opened.network, m, None))
    ]
    if lacking:
        raise Mismatch(f"{opened.source} must be a Moondream 2 with {lacking[0]}(), but its code has none.")
    return opened


def _picture(image: Image) -> Any:
    from PIL import Image as Pillow

    return Pillow.fromarray(image.pixels)


UNITS = (ModelEntry(_CARD, partial(Moondream, _CARD)), ModelEntry(_BOXES, partial(MoondreamBoxes, _BOXES)))
