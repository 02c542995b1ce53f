"""How a language model is made to speak, and how sure it was of its words."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard

__all__ = ["Asked", "Said", "check_prompt", "speak"]

_MOST = 256
"""Tokens of an answer where neither the card nor the person says how many."""


@dataclass(frozen=True)
class Asked:
    """How to answer: at most `max_tokens`; `temperature` 0 takes the likeliest word each time, more draws among words
    (`seed` makes that repeatable); `json` asks for JSON, `schema` for JSON of that form.
    """

    max_tokens: int = _MOST
    temperature: float = 0.0
    json: bool = False
    schema: Mapping[str, Any] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.max_tokens, int) or isinstance(self.max_tokens, bool) or self.max_tokens < 1:
            raise InvalidValue(f"max_tokens must be a whole number of at least 1, got {self.max_tokens!r}.")
        if not 0 <= self.temperature <= 2:
            raise InvalidValue(f"temperature must be within 0..2, got {self.temperature}.")

    @classmethod
    def of(cls, card: ModelCard, options: Mapping[str, Any]) -> "Asked":
        """From options by name and the card's `max_tokens`; raises InvalidValue for an option that there is not."""
        unknown = sorted(set(options) - set(cls.__dataclass_fields__))
        if unknown:
            known = ", ".join(cls.__dataclass_fields__)
            raise InvalidValue(f"'{card.name}' has no option {unknown[0]!r}. Options of an answer: {known}.")
        return cls(**{"max_tokens": int(card.data.get("max_tokens", _MOST)), **options})

    def worded(self, prompt: str) -> str:
        """The prompt with the wish for JSON in words."""
        if self.schema is not None:
            form = json.dumps(dict(self.schema), ensure_ascii=False)
            return f"{prompt}\nAnswer with JSON of this schema and nothing else: {form}"
        return f"{prompt}\nAnswer with JSON and nothing else." if self.json else prompt


@dataclass(frozen=True)
class Said:
    """One answer: `text` in words; `marked` with the marks that some models put among them; `pieces` of `marked`, one a
    token, and the `probability` of each; `cut_off` where the model would have gone on.
    """

    text: str
    pieces: tuple[str, ...]
    probability: npt.NDArray[np.float32]
    cut_off: bool = False

    @cached_property
    def marked(self) -> str:
        """All pieces in a row."""
        return "".join(self.pieces)

    @property
    def confidence(self) -> float | None:
        """Mean probability of the tokens; None where nothing was said."""
        return float(self.probability.mean()) if len(self.probability) else None

    def sure(self, start: int, end: int) -> float:
        """Mean probability of the tokens that spell `marked[start:end]`."""
        ends = np.cumsum([len(p) for p in self.pieces])
        begins = ends - [len(p) for p in self.pieces]
        inside = (ends > start) & (begins < end)
        return float(self.probability[inside].mean())


class _Recorder:
    """Keeps the probability of each chosen token; a step of the library's generation, which sees every step's scores."""

    def __init__(self) -> None:
        self.start = 0
        self._last: Any = None
        self._chosen: list[Any] = []

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        if self._last is None:
            self.start = int(input_ids.shape[1])
        else:
            self._keep(input_ids)
        self._last = scores.float().log_softmax(dim=-1)
        return scores

    def _keep(self, input_ids: Any) -> None:
        self._chosen.append(self._last.gather(1, input_ids[:, -1:]))

    def finish(self, sequences: Any) -> tuple[Any, Any]:
        """New token ids (batch, tokens) and their probabilities."""
        import torch

        self._keep(sequences)
        return sequences[:, self.start :].cpu(), torch.cat(self._chosen, dim=1).exp().cpu()


def check_prompt(prompt: str) -> str:
    """The prompt without space around it; raises InvalidValue where nothing is left."""
    if not prompt.strip():
        raise InvalidValue("The prompt is empty: say what to tell about each image, like 'What is this?'.")
    return prompt.strip()


def speak(
    generator: Any, inputs: Mapping[str, Any], asked: Asked, tokenizer: Any, ends: Sequence[int] = ()
) -> list[Said]:
    """An answer for each row of `inputs`, which have one length, by the `generate` of transformers. The checkpoint's own
    rules for its words (what may not repeat, what ends an answer) stay, `ends` end it too; how words are chosen is as
    asked.
    """
    import torch

    recorder = _Recorder()
    settings = _settings(generator, asked, ends, tokenizer)
    with torch.inference_mode(), torch.random.fork_rng(enabled=asked.temperature > 0):
        if asked.temperature > 0:
            torch.manual_seed(asked.seed)
        sequences = generator.generate(**inputs, generation_config=settings, logits_processor=[recorder])
    ids, probability = recorder.finish(sequences)
    last = frozenset(settings.eos_token_id)
    return [_said(i.tolist(), p.numpy(), last, tokenizer) for i, p in zip(ids, probability, strict=True)]


def _settings(generator: Any, asked: Asked, ends: Sequence[int], tokenizer: Any) -> Any:
    settings = copy.deepcopy(generator.generation_config)
    sampled = asked.temperature > 0
    chosen = {"temperature": float(asked.temperature), "top_p": 1.0, "top_k": 0} if sampled else {}
    settings.update(
        **{"temperature": None, "top_p": None, "top_k": None, **chosen},
        do_sample=sampled,
        num_beams=1,
        early_stopping=False,
        length_penalty=None,
        max_length=None,
        max_new_tokens=asked.max_tokens,
    )
    own = settings.eos_token_id
    settings.eos_token_id = [*([own] if isinstance(own, int) else own or ()), *ends]
    if settings.pad_token_id is None:
        settings.pad_token_id = tokenizer.pad_token_id
    return settings


def _said(ids: list[int], probability: npt.NDArray[np.float32], ends: frozenset[int], tokenizer: Any) -> Said:
    stop = next((i for i, token in enumerate(ids) if token in ends), len(ids))
    kept = ids[:stop]
    text = tokenizer.decode(kept, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
    return Said(text, _pieces(tokenizer, kept), probability[:stop].astype(np.float32), stop == len(ids))


def _pieces(tokenizer: Any, ids: Sequence[int]) -> tuple[str, ...]:
    """What each token adds to the text; '' for one that is only the start of a character."""
    pieces: list[str] = []
    told = ""
    for end in range(1, len(ids) + 1):
        text = tokenizer.decode(ids[:end], skip_special_tokens=False, clean_up_tokenization_spaces=False)
        whole = text.startswith(told) and not text.endswith("\ufffd")
        pieces.append(text[len(told) :] if whole else "")
        told = text if whole else told
    return tuple(pieces)
