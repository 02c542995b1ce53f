"""Which model should I use? Answered from the facts on the cards, with reasons."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ocella.choosing.domains import Domain, find_domain
from ocella.choosing.fit import covers, is_quick, language, memory_of, passes, runs_out_of_the_box, why_not
from ocella.choosing.needs import TASKS, Needs
from ocella.choosing.plan import measure_first, steps_for, verdict_for
from ocella.models.card import ModelCard

__all__ = ["Advice", "Choice", "advise_from"]

_ZERO_SHOT = ("where", "exactly-where", "regions", "what", "points")
_MANY = 200


@dataclass(frozen=True)
class Choice:
    """One model, or a detector and a second model joined by `+`, with the reasons for it and what to mind."""

    name: str
    reasons: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"name": self.name, "reasons": list(self.reasons), "cautions": list(self.cautions)}


@dataclass(frozen=True)
class Advice:
    """The short list, best first, in front of it one sentence that answers, behind it what was ruled out and why."""

    needs: Needs
    verdict: str
    choices: tuple[Choice, ...]
    steps: tuple[str, ...]
    measure: str
    ruled_out: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "advice",
            "needs": self.needs.to_json(),
            "verdict": self.verdict,
            "choices": [c.to_json() for c in self.choices],
            "steps": list(self.steps),
            "measure": self.measure,
            "ruled_out": [{"name": n, "reason": r} for n, r in self.ruled_out],
        }


def advise_from(cards: Iterable[ModelCard], needs: Needs, *, most: int = 4) -> Advice:
    """Advice on `needs` from the facts of `cards`; at most `most` choices."""
    cards = list(cards)
    able = [c for c in cards if _does(c, needs)]
    refused = {c.name: why_not(c, needs) for c in able}
    tried = frozenset(c.system for c in cards if {c.name, *c.aliases} & set(needs.tried))
    fitting = sorted((c for c in able if not refused[c.name]), key=lambda c: _rank(c, needs, tried))
    domain = find_domain(needs.classes) if needs.wish in _ZERO_SHOT else None
    known = [c for c in fitting if not c.open_vocabulary]
    if domain is not None and not any(covers(c, needs) for c in known):
        out = [(c.name, f"no zero-shot model is known to be good at {domain.name}") for c in fitting]
        return _advice(needs, domain, (), [*out, *_refusals(refused)])
    choices = (
        _outlining(cards, fitting, needs) if needs.wish == "exactly-where" else [_choice(c, needs) for c in fitting]
    )
    absent = [c for c in able if c.stand_in and not runs_out_of_the_box(c)]
    choices = [_with_stand_in(c, [a for a in absent if a.stand_in == c.name], needs) for c in choices[:most]]
    return _advice(needs, None, tuple(choices), _refusals(refused), slow=_is_slow(fitting, needs))


def _does(card: ModelCard, needs: Needs) -> bool:
    if card.task != needs.task or (card.library == "server" and needs.wish != "ask"):
        return False
    return needs.wish != "exactly-where" or card.outlines or card.open_vocabulary


def _refusals(refused: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, reason) for name, reason in refused.items() if reason]


def _is_slow(fitting: list[ModelCard], needs: Needs) -> bool:
    return needs.realtime and bool(fitting) and not is_quick(fitting[0], needs.device)


def _with_stand_in(choice: Choice, absent: list[ModelCard], needs: Needs) -> Choice:
    """Says whom a model stands in for, where that one is the usual advice: many classes, or the first did not find them."""
    if not absent or not (needs.tried or needs.count >= _MANY):
        return choice
    told = (f"stands in for {c.system} ({c.advice}), which does not run out of the box" for c in absent)
    return replace(choice, reasons=(*choice.reasons, *told))


def _advice(
    needs: Needs,
    domain: Domain | None,
    choices: tuple[Choice, ...],
    refused: list[tuple[str, str]],
    *,
    slow: bool = False,
) -> Advice:
    first = choices[0].name if choices else ""
    return Advice(
        needs,
        verdict_for(needs, domain, choices[0].reasons[0] if choices else "", first, refused, slow=slow),
        choices,
        steps_for(needs, domain, first),
        measure_first(needs, domain, [c.name for c in choices]),
        tuple(refused),
    )


def _rank(card: ModelCard, needs: Needs, tried: frozenset[str] = frozenset()) -> tuple[Any, ...]:
    """Smaller is better: what is asked for first, then what the cards say to try first, then the smaller one."""
    asked = needs.classes or needs.class_count
    return (
        card.library == "server",
        card.system in tried,
        needs.language != "en" and needs.language not in card.languages,
        needs.wish == "where" and card.outlines,
        needs.examples > 0 and "image" not in card.prompts and card.task == "detect",
        needs.realtime and not is_quick(card, needs.device),
        not covers(card, needs) if asked else not card.open_vocabulary and card.task in ("detect", "classify"),
        _unwieldy(card, needs),
        needs.goal == "deploy" and not is_quick(card, needs.device),
        card.try_order,
        memory_of(card),
        card.megabytes,
        card.name,
    )


def _unwieldy(card: ModelCard, needs: Needs) -> bool:
    return needs.count >= _MANY and passes(card, needs) > 1


def _outlining(cards: list[ModelCard], fitting: list[ModelCard], needs: Needs) -> list[Choice]:
    """Models that give outlines themselves, then detectors joined with the first promptable segmenter that fits."""
    click = replace(needs, wish="segment", classes=(), class_count=0)
    masks = sorted((c for c in cards if c.task == "segment" and not why_not(c, click)), key=lambda c: _rank(c, click))
    masks = [c for c in masks if not c.classes]
    choices = [_choice(c, needs) for c in fitting if c.outlines]
    for card in (c for c in fitting if not c.outlines):
        if masks and not _too_heavy(card, masks[0], needs):
            second = masks[0]
            reasons = _reasons(card, needs)
            joined = f"'{card.name}' finds the boxes and '{second.name}' draws the outline in each (Grounded SAM)"
            choices.append(Choice(f"{card.name}+{second.name}", (joined, *reasons), _cautions(card, needs)))
    return choices


def _too_heavy(one: ModelCard, two: ModelCard, needs: Needs) -> bool:
    both = replace(one, memory_gb=memory_of(one) + memory_of(two))
    return bool(why_not(both, needs))


def _choice(card: ModelCard, needs: Needs) -> Choice:
    return Choice(card.name, _reasons(card, needs), _cautions(card, needs))


def _reasons(card: ModelCard, needs: Needs) -> tuple[str, ...]:
    said = []
    if covers(card, needs):
        said.append(f"knows {', '.join(needs.classes[:4])} from its training ({card.vocabulary or 'its own classes'})")
    if needs.examples and "image" in card.prompts:
        said.append("takes pictures of the thing as its prompt")
    if needs.language != "en":
        said.append(f"reads prompts in {language(needs.language)}")
    if needs.count >= _MANY and card.open_vocabulary and passes(card, needs) == 1:
        said.append(f"reads its texts once, so {needs.count:,} classes cost no more than a few")
    said.append(card.advice or card.summary)
    if needs.realtime and is_quick(card, needs.device):
        said.append(f"several images a second on {needs.device} (estimated from its size)")
    if needs.memory_gb:
        said.append(f"runs in about {memory_of(card):.1f} GB")
    if needs.license:
        said.append(f"code {card.code_license}, weights {card.weights_license}")
    stood_for = f"good at {card.good_at}" if card.good_at else TASKS[needs.wish][1]
    return (*said, stood_for)


def _cautions(card: ModelCard, needs: Needs) -> tuple[str, ...]:
    said = [f"bad at {card.bad_at}"] if card.bad_at else []
    if _unwieldy(card, needs):
        said.append(f"looks at each image {passes(card, needs)} times for {needs.count:,} classes")
    if needs.realtime and not is_quick(card, needs.device):
        said.append(f"not real time on {needs.device}")
    if card.score_kind == "none":
        said.append("its boxes come without a score, so there is no threshold to choose")
    if card.gated:
        said.append(f"accept its licence first: {card.gated}")
    if card.extra:
        said.append(f"install with: pip install 'ocella[{card.extra}]'")
    if card.run_here != "its real weights":
        said.append(f"this project has run it on {card.run_here or 'nothing yet'}: `ocella verify {card.name}` tells")
    return tuple(said)
