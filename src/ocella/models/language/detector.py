"""A detector that asks a language model for boxes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Unreadable
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card
from ocella.models.entry import LoadOptions
from ocella.models.language.boxes import SpokenBox
from ocella.models.language.generate import Asked, Said
from ocella.models.language.speaker import Speaker
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable
from ocella.ops.iou import iou
from ocella.types import Detections, Image

__all__ = ["Dialect", "SpokenDetector", "boxes_of", "one_by_one", "together"]

Floats = npt.NDArray[np.float32]
_SAME = 0.6
"""Boxes of a prompt and of its class's negative that overlap so are of one thing."""


@dataclass(frozen=True)
class Dialect:
    """How a model is asked for boxes: `questions` of the prompts; `read`, which takes boxes out of an answer, given the
    prompts of its question and the image's size; and `ended`, whether all boxes of an answer are in it.
    """

    questions: Callable[[Sequence[str]], Sequence[tuple[str, tuple[str, ...]]]]
    read: Callable[[Said, tuple[str, ...], tuple[int, int]], list[SpokenBox]]
    ended: Callable[[Said], bool] = lambda said: not said.cut_off


def one_by_one(form: str) -> Callable[[Sequence[str]], Sequence[tuple[str, tuple[str, ...]]]]:
    """A question for each prompt, put where `form` has `{}`."""
    return lambda prompts: [(form.replace("{}", p), (p,)) for p in prompts]


def together(form: str, joint: str) -> Callable[[Sequence[str]], Sequence[tuple[str, tuple[str, ...]]]]:
    """One question for all prompts, with `joint` between them, put where `form` has `{}`."""
    return lambda prompts: [(form.replace("{}", joint.join(prompts)), tuple(prompts))]


class SpokenDetector(OpenDetector):
    """Boxes that a speaker says. A confidence is the mean probability of the words of the box, or 1 where the card's
    `score_kind` is none: a threshold then says nothing. The column `score_kind` says it for each row. A phrase that is
    no prompt is left out. Raises Unreadable where an answer is cut off.
    """

    def __init__(self, card: ModelCard, options: LoadOptions, speaker: Speaker, dialect: Dialect) -> None:
        super().__init__()
        self._speaker, self._dialect = speaker, dialect
        self._card = adopt_card(card, options, speaker.opened)
        self._asked_as = Asked.of(card, {})
        self.batch = speaker.batch

    def _encode(self, texts: Sequence[str]) -> Any:
        for text in texts:
            if any(c in text for c in '<>;"[]{}'):
                raise InvalidValue(f"The prompt '{text}' may hold none of < > ; \" [ ] {{ }}: name a thing in words.")
        return self._dialect.questions(texts)

    def _find(self, images: Sequence[Image], table: PromptTable, encoded: Any, threshold: float) -> list[Detections]:
        said = self._speaker.say(images, [question for question, _ in encoded], self._asked_as)
        found = []
        for image, answers in zip(images, said, strict=True):
            boxes: list[SpokenBox] = []
            for (_, prompts), told in zip(encoded, answers, strict=True):
                if not self._dialect.ended(told):
                    raise Unreadable(
                        f"'{self.card.name}' had not come to an end after {self._asked_as.max_tokens} tokens, so boxes "
                        f"may be missing: ...{told.marked[-80:]!r}. Ask for fewer things at once, or of tiles."
                    )
                boxes += self._dialect.read(told, prompts, image.size_hw)
            found.append(boxes_of(boxes, table, image.size_hw, threshold, self.card.score_kind))
        return found


def boxes_of(
    boxes: Sequence[SpokenBox], table: PromptTable, size_hw: tuple[int, int], threshold: float, score_kind: str
) -> Detections:
    """Detections of the boxes whose phrase is a prompt; one that a class's negative claims as surely is left out."""
    columns = {text: i for i, text in enumerate(table.texts)}
    known = [(b, columns[_plain(b.phrase)]) for b in boxes if _plain(b.phrase) in columns]
    height, width = size_hw
    corners = np.array([b.corners for b, _ in known], np.float32).reshape(-1, 4)
    xyxy = _ordered(np.asarray(corners * np.array([width, height, width, height], np.float32), np.float32))
    scores = np.full((len(known), len(table.texts)), -1, np.float32)
    certain = score_kind == "none"
    for row, (box, column) in enumerate(known):
        scores[row, column] = 1.0 if certain else min(max(box.confidence, 0.0), 1.0)
    kept = ~_denied(scores, xyxy, table)
    found = table.detections(scores[kept], xyxy[kept], size_hw, threshold)
    return found.replace(data={**found.data, "score_kind": np.array([score_kind] * len(found), "<U17")})


def _plain(phrase: str) -> str:
    return " ".join(phrase.lower().split()).strip(" .,:")


def _ordered(xyxy: Floats) -> Floats:
    """Corners in order, whichever was said first."""
    return np.concatenate([np.minimum(xyxy[:, :2], xyxy[:, 2:]), np.maximum(xyxy[:, :2], xyxy[:, 2:])], axis=1)


def _denied(scores: Floats, xyxy: Floats, table: PromptTable) -> npt.NDArray[np.bool_]:
    denied = np.zeros(len(xyxy), np.bool_)
    overlap = iou(xyxy, xyxy)
    for yes, no in zip(table.positive, table.negative, strict=True):
        if no:
            own, other = scores[:, list(yes)].max(axis=1), scores[:, list(no)].max(axis=1)
            denied |= (own >= 0) & ((overlap > _SAME) & (other[None] >= own[:, None]) & (other[None] >= 0)).any(axis=1)
    return denied
