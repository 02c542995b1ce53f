"""An ontology in other words: what one model may be asked for, the plainest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from ocella.choosing.known import KnownClasses
from ocella.choosing.prompts import Variant, known_variants, open_variants
from ocella.choosing.vocabularies import known_classes
from ocella.choosing.ways import Way
from ocella.choosing.words import Words
from ocella.errors import NoMatch
from ocella.models.card import ModelCard
from ocella.models.text.phrase import plain
from ocella.types import Ontology

__all__ = ["Wording", "wordings"]

Wording = tuple[Ontology, str]

_MOST = 60
"""Changes to the plainest wording that are listed: of many classes each alone would be too many."""


def wordings(
    way: Way, ontology: Ontology, words: Words, *, described: Mapping[str, Sequence[str]] | None = None
) -> list[Wording]:
    """Ontologies of the same classes with other prompts, each with why: the first says what the person said, the second
    changes all classes, the next one class each. Raises NoMatch where a model with fixed classes has none for a class.
    """
    card = way.speaks
    if way.by_example:
        return [(ontology, "by your example images")]
    asked = Ontology(tuple(replace(c, exemplars=()) for c in ontology.classes))
    if card is None:
        return [(asked, "your own words")]
    if card.task == "keypoints":
        return [(_of_points(card, asked), "its own class")]
    if card.open_vocabulary:
        whole = card.task == "classify"
        told = described or {}
        variants = [open_variants(c, words, described=told.get(c.name, ()), whole=whole) for c in asked.classes]
        return _combined(asked, variants, None)
    known = _able(way, known_classes(card))
    if known:
        KnownClasses.of(known).knows_all(p for p, _ in asked.prompts)  # all at once
    anything = len(asked.classes) == 1 and card.task == "detect"
    variants = [known_variants(c, known, words, anything=anything) if known else () for c in asked.classes]
    lost = [c.name for c, found in zip(asked.classes, variants, strict=True) if not found]
    if lost:
        raise NoMatch(f"knows {card.vocabulary or 'its own classes'} only, and nothing like {', '.join(lost[:4])}")
    return _combined(asked, variants, KnownClasses.of(known))


def _able(way: Way, known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of a detector's classes that the segmenter after it can mask."""
    last = way.cards[-1]
    return tuple(k for k in known if k in last.classes) if last.task == "segment" and last.classes else known


def _of_points(card: ModelCard, asked: Ontology) -> Ontology:
    """The classes of a model for keypoints, which it names itself."""
    own = card.classes or ("person",)
    if asked.names != own:
        raise NoMatch(f"calls what it finds {', '.join(own)}: give these as the classes")
    return asked


def _combined(asked: Ontology, variants: Sequence[Sequence[Variant]], known: KnownClasses | None) -> list[Wording]:
    base = Ontology(
        tuple(replace(c, prompts=found[0].prompts) for c, found in zip(asked.classes, variants, strict=True))
    )
    alike = _clash(base, known)
    if alike:
        raise NoMatch(f"cannot tell {alike} apart")
    listed = {base: _said(asked, [found[0] for found in variants])}
    for changed, why in islice(chain(_all(base, variants, known), _single(base, variants, known)), _MOST):
        listed.setdefault(changed, why)
    return list(listed.items())


def _single(base: Ontology, variants: Sequence[Sequence[Variant]], known: KnownClasses | None) -> Iterator[Wording]:
    """One class changed at a time: first each class's second variant, then each one's third."""
    for turn in range(1, max(len(found) for found in variants)):
        for place, found in enumerate(variants):
            if turn < len(found):
                changed = _changed(base, {place: found[turn]}, known)
                if changed is not None:
                    yield changed, _of(base, {place: found[turn]})


def _all(base: Ontology, variants: Sequence[Sequence[Variant]], known: KnownClasses | None) -> Iterator[Wording]:
    """The second variants of all classes that have one."""
    second = {place: found[1] for place, found in enumerate(variants) if len(found) > 1}
    changed = _changed(base, second, known) if len(second) > 1 else None
    if changed is not None:
        yield changed, _of(base, second)


def _changed(base: Ontology, variants: Mapping[int, Variant], known: KnownClasses | None) -> Ontology | None:
    """The base with other prompts for some classes, without what other classes claim; None where nothing is left."""
    classes = list(base.classes)
    for place, variant in variants.items():
        others = [c for i, c in enumerate(classes) if i != place]
        claimed = {m for c in others for m in _meanings(c.prompts, known)}
        denied = {plain(n) for n in classes[place].negatives}
        kept = tuple(p for p in variant.prompts if not _meanings((p,), known) & claimed and plain(p) not in denied)
        if not kept:
            return None
        classes[place] = replace(classes[place], prompts=kept)
    return Ontology(tuple(classes))


def _clash(ontology: Ontology, known: KnownClasses | None) -> str:
    """Two classes that a model with fixed classes has one and the same for; empty where there are none."""
    if known is None:
        return ""
    seen: dict[str, str] = {}
    for c in ontology.classes:
        for meaning in _meanings(c.prompts, known):
            if seen.setdefault(meaning, c.name) != c.name:
                return f"'{seen[meaning]}' and '{c.name}'"
    return ""


def _meanings(prompts: Sequence[str], known: KnownClasses | None) -> frozenset[str]:
    return frozenset(map(plain, prompts)) if known is None else known.meant_by(prompts)


def _of(ontology: Ontology, changed: Mapping[int, Variant]) -> str:
    """Why, by class where there are several."""
    if len(ontology.names) == 1:
        return changed[0].why
    return "; ".join(f"{ontology.names[place]}: {variant.why}" for place, variant in changed.items())


def _said(asked: Ontology, first: Sequence[Variant]) -> str:
    """Why the plainest: one sentence where it is the same for all classes."""
    reasons = dict.fromkeys(v.why for v in first)
    return next(iter(reasons)) if len(reasons) == 1 else _of(asked, dict(enumerate(first)))
