"""Ask a vision-language model about images: a question, and an answer for each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, Mismatch, NotFound, Unreadable
from ocella.journeys.inputs import Classes, ModelLike, Sources, as_model, as_ontology, as_sources
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.write import write_json
from ocella.models.load import list_models
from ocella.models.tasks import VisionLanguageModel
from ocella.progress import Progress, silent
from ocella.types import Answer, Ontology

__all__ = ["Replies", "ask"]

_NAMED = 4
"""How many models an error names."""


@dataclass(frozen=True)
class Replies:
    """The answer about each image, by its name; with classes the one that the answer is, or None where it is none of
    them; and (name, reason) of what could not be read.
    """

    model: str
    prompt: str
    answers: Mapping[str, Answer]
    classes: tuple[str, ...] = ()
    chosen: Mapping[str, str | None] = field(default_factory=dict)
    set_aside: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        told: dict[str, Any] = {
            "model": self.model,
            "prompt": self.prompt,
            "images": {name: answer.to_json() for name, answer in self.answers.items()},
            "set_aside": [{"name": n, "reason": r} for n, r in self.set_aside],
        }
        if self.classes:
            told |= {"classes": list(self.classes), "chosen": dict(self.chosen)}
        return told


def ask(
    sources: Sources,
    prompt: str,
    *,
    model: ModelLike = "",
    classes: Classes = None,
    out: Path | str | None = None,
    device: str = "auto",
    options: Mapping[str, Any] | None = None,
    progress: Progress = silent,
    **loading: Any,
) -> Replies:
    """What the model answers about each image; `options` are those of the answer (`max_tokens`, `temperature`, `json`),
    `loading` those of `ocella.load` (`dtype`, `api_base`, ...). With `classes` it is told to answer with one of them. With
    `out` also as `answers.json` in that folder. An image or an answer that cannot be read is set aside by name. Raises
    InvalidValue without a prompt or a model, Mismatch for a model that answers nothing, NotFound where no image is left.
    """
    if not prompt.strip():
        raise InvalidValue("The prompt is empty: say what to tell about each image, like 'What is this?'.")
    ontology = as_ontology(classes)
    chosen = _model(model, device, loading)
    found = find_images(as_sources(sources))
    aside = [*found.set_aside, *((name, "a video: take pictures out of it first") for name in found.video_names)]
    question = (
        prompt if ontology is None else f"{prompt}\nAnswer with one of these and nothing else: {_listed(ontology)}."
    )
    answers: dict[str, Answer] = {}
    for n, ref in enumerate(found.images):
        progress("ask", n + 1, len(found.images), ref.name)
        try:
            (answers[ref.name],) = chosen.predict([load(ref)], question, **(options or {}))
        except Unreadable as error:
            aside.append((ref.name, str(error)))
    if not answers:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in aside[:5])
        raise NotFound(f"No image in {as_sources(sources)} could be asked about. {reasons}")
    replies = _replies(chosen.card.name, prompt, answers, ontology, aside)
    if out is not None:
        write_json(Path(out) / "answers.json", replies.to_json())
    return replies


def _model(model: ModelLike, device: str, loading: Mapping[str, Any]) -> VisionLanguageModel:
    if model == "":
        raise InvalidValue(_choice())
    chosen = as_model(model, device, **loading)
    if not isinstance(chosen, VisionLanguageModel):
        raise Mismatch(
            f"'{chosen.card.name}' is for {chosen.task} and answers no questions: use `ocella predict` for it. {_choice()}"
        )
    return chosen


def _choice() -> str:
    """Which models there are, the smallest first."""
    cards = [c for c in list_models(task="vlm") if c.library not in ("server", "remote-code") and not c.superseded_by]
    named = [f"{c.name} ({c.megabytes / 1000:.1f} GB)" for c in sorted(cards, key=lambda c: c.megabytes)[:_NAMED]]
    return (
        f"A model that answers must be named, and none comes with the install: --model with one of {', '.join(named)}, "
        "fetched once by `ocella pull`; or a server of yours: --model openai-compatible --api-base "
        "http://localhost:11434/v1 --api-model qwen2.5vl."
    )


def _listed(ontology: Ontology) -> str:
    return ", ".join(ontology.names)


def _replies(
    name: str,
    prompt: str,
    answers: Mapping[str, Answer],
    ontology: Ontology | None,
    aside: Sequence[tuple[str, str]],
) -> Replies:
    if ontology is None:
        return Replies(name, prompt, answers, set_aside=tuple(aside))
    known = {_plain(word): c.name for c in ontology.classes for word in (*c.prompts, c.name)}
    chosen = {image: known.get(_plain(answer.text)) for image, answer in answers.items()}
    return Replies(name, prompt, answers, ontology.names, chosen, tuple(aside))


def _plain(text: str) -> str:
    """Words alone, so that 'A cat.' is 'a cat'."""
    return " ".join(re.findall(r"\w+", text.lower()))
