"""Models, and pairs of models joined, that can do what a person wants; and why others cannot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocella.choosing.at_hand import AtHand
from ocella.choosing.fit import barred, memory_of, why_not
from ocella.choosing.known import KnownClasses
from ocella.choosing.needs import Needs
from ocella.choosing.vocabularies import known_classes
from ocella.errors import InvalidValue, NotFound
from ocella.models.card import ModelCard
from ocella.models.load import parts_of
from ocella.registry import did_you_mean
from ocella.types import Ontology

__all__ = ["RuledOut", "Way", "find_ways", "named_ways"]

RuledOut = list[tuple[str, str]]

_SECONDS = {"where": ("classify", "embed"), "exactly-where": ("segment",), "points": ("keypoints",)}
"""Tasks of what a detector may hand its boxes to."""
_OFFERED = ("where", "exactly-where", "regions", "what", "points", "ask", "read", "compare")
_PARTNERS = 2
"""Second models tried with one detector."""


@dataclass(frozen=True)
class Way:
    """A model by the name that `ocella.load` takes, with the cards of its parts; none where its card is not known before it
    is loaded. `why` is said of a pair.
    """

    model: str
    cards: tuple[ModelCard, ...]
    why: str = ""
    by_example: bool = field(default=False)

    @property
    def speaks(self) -> ModelCard | None:
        """The card of the part that the classes are told to."""
        if not self.cards:
            return None
        return self.cards[-1] if self.cards[-1].task in ("classify", "keypoints") else self.cards[0]

    @property
    def finds(self) -> bool:
        """Whether it finds things, so that tiles make sense: not where a second model looks into each box, of which tiles
        give hundreds.
        """
        return not self.cards or (self.cards[0].task == "detect" and self.cards[-1].task in ("detect", "segment"))


def find_ways(
    cards: Sequence[ModelCard], needs: Needs, ontology: Ontology, at_hand: AtHand
) -> tuple[list[Way], RuledOut]:
    """All that fit machine and licence and are at hand, the first to try first; and the rest with the reason."""
    if needs.wish not in _OFFERED:
        raise InvalidValue(f"task must be one of {', '.join(_OFFERED)} to compare models, got {needs.wish}.")
    anyhow = replace(needs, classes=(), class_count=0)  # which classes are known is looked at word by word
    refused: dict[str, str] = {}
    for card in cards:
        if card.task == needs.task or card.task in _SECONDS.get(needs.wish, ()) or card.task == "detect":
            refused[card.name] = why_not(card, anyhow) or at_hand(card)
    fit = sorted((c for c in cards if refused.get(c.name) == ""), key=_order)
    main = [c for c in fit if c.task == needs.task]
    ways = _alone(main, needs, ontology) + _pairs(fit, anyhow, ontology)
    shown = {needs.task, *(() if needs.wish == "where" else _SECONDS.get(needs.wish, ()))}
    out = [(c.name, refused[c.name]) for c in cards if c.task in shown and refused.get(c.name)]
    return ways, out


def named_ways(
    names: Iterable[str], cards: Sequence[ModelCard], needs: Needs, ontology: Ontology
) -> tuple[list[Way], RuledOut]:
    """What a person names, as far as licence, memory and task allow; whatever it lacks is fetched when it is loaded. Raises
    NotFound for a name that no card has.
    """
    by_name = {n: c for c in cards for n in (c.name, *c.aliases)}
    ways, out = [], []
    for name in dict.fromkeys(names):
        parts = parts_of(name)
        if not any(part in by_name for part in parts) and _is_brought(name):
            ways.append(Way(name, ()))
            continue
        way = Way(name, tuple(_card(part, by_name) for part in parts))
        way = replace(way, by_example=way.cards[-1].task == "embed" and len(parts) > 1)
        reason = _unfit(way, needs) or _unshown(way, ontology)
        if reason:
            out.append((name, reason))
        else:
            ways.append(way)
            if len(parts) == 1 and _takes_examples(way.cards[0], ontology):
                ways.append(replace(way, by_example=True))
    return ways, out


def _alone(main: Sequence[ModelCard], needs: Needs, ontology: Ontology) -> list[Way]:
    ways = []
    for card in main:
        if (needs.wish == "exactly-where" and not card.outlines) or (needs.wish == "points" and "box" in card.prompts):
            continue
        ways.append(Way(card.name, (card,)))
        if _takes_examples(card, ontology):
            ways.append(Way(card.name, (card,), "by your example images", by_example=True))
    return ways


def _pairs(fit: Sequence[ModelCard], needs: Needs, ontology: Ontology) -> list[Way]:
    detectors = [c for c in fit if c.task == "detect" and not c.outlines]
    made = []
    for task in _SECONDS.get(needs.wish, ()):
        seconds = [c for c in fit if c.task == task and _can_follow(c, ontology)]
        for detector in detectors if task != "embed" else detectors[:1]:
            made += [(detector, second) for second in seconds[:_PARTNERS] if _go_together(detector, second, ontology)]
    ways = [Way(f"{a.name}+{b.name}", (a, b), _JOINED[b.task], by_example=b.task == "embed") for a, b in made]
    return [way for way in ways if not _unfit(way, needs)]


def _can_follow(second: ModelCard, ontology: Ontology) -> bool:
    """Whether it has something to say of a detector's boxes."""
    if second.task == "embed":
        return all(c.exemplars for c in ontology.classes)
    if second.task == "classify":
        return len(ontology.classes) > 1
    if second.task == "segment":
        meant = [p for c in ontology.classes for p in c.prompts]
        return not second.classes or KnownClasses.of(second.classes).knows_all(meant)
    return "box" in second.prompts and second.library != "package"


def _go_together(detector: ModelCard, second: ModelCard, ontology: Ontology) -> bool:
    """Whether a detector needs somebody to name what it finds: not where it takes any words or knows each class apart."""
    if second.task != "classify":
        return True
    if detector.open_vocabulary:
        return False
    known = KnownClasses.of(known_classes(detector))
    meant = [known.meant_by(c.prompts) for c in ontology.classes]
    apart = len(frozenset().union(*meant)) == sum(map(len, meant))
    return not apart or not all(known.knows_all(c.prompts) for c in ontology.classes)


_JOINED = {
    "classify": "the first finds anything, the second names it",
    "embed": "the first finds anything, the second compares it with your example images",
    "segment": "the first finds the boxes, the second draws the outlines",
    "keypoints": "the first finds the boxes, the second points",
}


def _unfit(way: Way, needs: Needs) -> str:
    """Of a model or a pair: why it may not or cannot run."""
    whole = replace(way.cards[0], memory_gb=sum(memory_of(c) for c in way.cards))
    reasons = [barred(whole, needs), *(barred(c, needs) for c in way.cards[1:])]
    told = way.cards[-1].task if way.cards[-1].task == "keypoints" else way.cards[0].task
    if told != needs.task:
        reasons.append(f"is for {told}, not {needs.task}")
    if needs.wish == "exactly-where" and not (way.cards[0].outlines or way.cards[-1].task == "segment"):
        reasons.append("gives boxes without outlines: join a model that draws them, like nanodet-g+mobile-sam")
    if way.cards[0].task == "keypoints" and "box" in way.cards[0].prompts:
        reasons.append(f"points inside boxes: join it to a detector, like nanodet-g+{way.model}")
    return next((r for r in reasons if r), "")


def _unshown(way: Way, ontology: Ontology) -> str:
    """Which classes a pair that goes by example has no images of; empty where it has all."""
    bare = [c.name for c in ontology.classes if not c.exemplars]
    return f"needs example images of {', '.join(bare)}" if way.by_example and bare else ""


def _takes_examples(card: ModelCard, ontology: Ontology) -> bool:
    return "image" in card.prompts and any(c.exemplars for c in ontology.classes)


def _order(card: ModelCard) -> tuple[object, ...]:
    return card.library == "server", card.try_order, memory_of(card), card.megabytes, card.name


def _is_brought(name: str) -> bool:
    return name.startswith(("hf:", "roboflow:")) or name.endswith(".onnx") or Path(name).exists()


def _card(name: str, by_name: Mapping[str, ModelCard]) -> ModelCard:
    if name not in by_name:
        raise NotFound(f"There is no model '{name}'.{did_you_mean(name, list(by_name))} `ocella models` lists all.")
    return by_name[name]
