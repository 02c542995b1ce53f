"""Other ways to ask for a class, each with why: prompts matter more than models."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocella.choosing.known import KnownClasses
from ocella.choosing.words import OwnWords, Sense, Words, common_kin, everyday, likeness, rarity
from ocella.errors import InvalidValue
from ocella.models.text.lexicon import covered_classes, kindred_classes
from ocella.models.text.phrase import Phrase, forms, plain, strippings
from ocella.types import ClassDef

__all__ = ["Variant", "known_variants", "open_variants"]

_WIDE = """
entity, physical entity, object, natural object, whole, artifact, instrumentation, instrument, being, thing,
living thing, organism, person, adult, female, male, someone, relative, good person, unpleasant person, cause, agent,
matter, substance, living substance, material, covering material, solid, fluid, element, covering, protection, wear,
consumer goods, commodity, article, good, structure, horny structure, reproductive structure, construction, creation,
part, unit, section, sheet, strip, band, equipment, device, electronic device, implement, sports implement, mechanism,
mechanical device, machine, restraint, attachment, support, fixing, container, facility, transport, body, body part,
external body part, organ, formation, form, shape, solid figure, surface, opening, region, area, location, produce,
natural phenomenon, physical phenomenon, phenomenon, process, event, way, state, property, group, relation, color,
plant product, plant part, plant organ, plant material, vascular plant, vertebrate, aquatic vertebrate, chordate,
placental, arthropod, invertebrate
"""
_TOO_WIDE = frozenset(" ".join(word.split()) for word in _WIDE.split(","))
"""What nearly everything is a kind of."""
_RAREST_NAME = 66_000
"""Other names must be words that a model may have read."""
_KIN, _NAMES, _KINDS, _FEW = 2, 2, 8, 3
_SAID_BEFORE = re.compile(r"^(?:any of (?:various|numerous|several)|any|an?|the|one of)\s+")
_SAID_AFTER = re.compile(r"[;:,(\"]|\b(?:with|that|which|who|whose|used|having|worn|lacking|from|for|of the)\b")
_BROKEN = re.compile(r"\b(?:and|or|to|in|on|not)\b")
_LONGEST = 8
_LEAST = 0.05
"""Less than this says a wider word of a meaning that was perhaps not meant."""


@dataclass(frozen=True)
class Variant:
    """Prompts for one class, and why these."""

    prompts: tuple[str, ...]
    why: str


def open_variants(
    asked: ClassDef, words: Words, *, described: Sequence[str] = (), whole: bool = False, most: int = 6
) -> tuple[Variant, ...]:
    """For a model that takes any words, the person's own first, at most `most`. `described` are descriptions from elsewhere, as
    a language model's; `whole` says that the model names whole images.
    """
    return _distinct(_open(asked, words, described, whole=whole), lambda p: frozenset(map(plain, p)), most)


def known_variants(
    asked: ClassDef, known: Sequence[str], words: Words, *, anything: bool = False, most: int = 6
) -> tuple[Variant, ...]:
    """For a model with a fixed list of classes, at most `most`; prompts that mean the same known classes are one. `anything`
    takes all classes where nothing else leads to it; without it such a class has none.
    """
    lookup = KnownClasses.of(tuple(known))
    found = _distinct(_known(asked, lookup, words), lookup.meant_by, most)
    if anything and not found and len(known) > 1:
        return (Variant(tuple(known), f"whatever it finds, called {asked.name}"),)
    return found


def _open(asked: ClassDef, words: Words, described: Sequence[str], *, whole: bool) -> Iterator[Variant]:
    """Most promising first."""
    name = asked.name
    yield Variant(asked.prompts, "its name" if asked.prompts == (name,) else "your own words")
    yield Variant((name,), "its name alone")
    yield from (Variant((text,), "as a language model describes it") for text in described[:2])
    thing = _thing(name)
    senses = words.senses(thing)
    kinds = _kinds(thing, words)
    if kinds:
        yield Variant(kinds, f"kinds of {thing} by their names: a model may know these and not the word for all")
    names = [n for s in senses[:1] for n in s.names if rarity(n) < _RAREST_NAME and not _is_proper(n)]
    if names:
        chosen = tuple(sorted(names, key=rarity)[:_NAMES])
        yield Variant((name, *chosen), f"also called {' or '.join(chosen)}")
    wider = next((w for s in senses[:1] if (w := _wider(thing, s, -1.0))), "")
    if wider and whole:
        yield Variant((f"{name}, a kind of {wider}",), f"says which '{name}' is meant")
    kin = () if whole or kinds else common_kin(thing, senses, _KIN)
    if kin:
        yield Variant(kin, f"its kin: a model that misses '{name}' may take it for one of these")
    if wider:
        yield Variant((wider,), f"what '{thing}' is a kind of")
    head = forms(plain(thing))[-1].rpartition(" ")[2]
    if not senses and head != thing and head not in _TOO_WIDE:
        yield Variant((head,), f"the plain noun of '{name}'")
    yield from (Variant((look,), "how a dictionary describes it") for s in senses[:1] if (look := _look(s, words)))
    other = next((w for s in senses[1:] if s.kind != "person" and (w := _wider(thing, s, _LEAST))), "")
    if other:
        yield Variant((other,), f"'{thing}' may also mean a kind of {other}")


def _known(asked: ClassDef, known: KnownClasses, words: Words) -> Iterator[Variant]:
    """Most promising first."""
    name, thing = asked.name, _thing(asked.name)
    own = known.meant_by(asked.prompts)
    if own and known.knows_all(asked.prompts):
        yield Variant(asked.prompts, "a class that it knows" if asked.prompts == (name,) else "your own words")
    elif own:
        yield Variant(known.listed(own), "those of your words that it knows")
    kinds = {k for k in (*covered_classes(thing), *words.kinds(thing, known.names)) if k in known.names}
    if kinds - own:
        yield Variant(known.listed(own | kinds), f"the kinds of {thing} that it knows")
    senses = words.senses(thing)
    named = known.named([n for s in senses[:1] for n in s.names])
    if named and not own:
        yield Variant(known.listed(named), f"another name of '{thing}'")
    sources = (senses, OwnWords().senses(thing))
    near = next((kin for source in sources if (kin := _known_kin(thing, source, known, own | kinds))), ())
    if near:
        why = "what it is easily taken for too" if own | kinds else "its kin, which it may be taken for"
        yield Variant(known.listed({*own, *kinds, *near}), why)
    wider = {w for s in senses[:2] if s.kind != "person" for w in known.named(s.wider) if w not in own}
    if wider:
        yield Variant(known.listed(own | wider), f"what '{thing}' is a kind of")
    kindred = kindred_classes(thing)
    if kindred and not own and set(kindred) <= set(known.names):
        yield Variant(kindred, "things of the same kind, one of which it may be taken for")


def _known_kin(thing: str, senses: Iterable[Sense], known: KnownClasses, but: frozenset[str]) -> tuple[str, ...]:
    """Kin that are known classes, `but` for those."""
    kin = [k for s in senses if s.kind != "person" for k in known.listed(known.named(s.kin) - but)]
    return common_kin(thing, [Sense("", kin=tuple(kin))], _KIN)


def _distinct(
    found: Iterable[Variant], meaning: Callable[[tuple[str, ...]], frozenset[str]], most: int
) -> tuple[Variant, ...]:
    """The first variant of each meaning, `most` of them."""
    if most < 1:
        raise InvalidValue(f"most must be at least 1, got {most}.")
    kept: dict[frozenset[str], Variant] = {}
    for variant in found:
        kept.setdefault(meaning(variant.prompts), variant)
        if len(kept) == most:
            break
    return tuple(kept.values())


def _thing(name: str) -> str:
    """The name without what is only said about it: `a red car` is a car."""
    bare = list(strippings(Phrase.read(name).parts[0]))[-1][0]
    return name if plain(name) == bare else bare


def _kinds(thing: str, words: Words) -> tuple[str, ...]:
    """Everyday kinds of a wide word, none for a word that is such a kind itself or has but a few."""
    if any(form in everyday() for form in forms(plain(thing))):
        return ()
    covered = covered_classes(thing)
    kinds = sorted((k for k in words.kinds(thing, everyday()) if not _is_proper(k)), key=rarity)
    found = tuple(dict.fromkeys((*covered, *kinds)))
    return found[:_KINDS] if len(found) >= _FEW else ()


def _wider(thing: str, sense: Sense, least: float) -> str:
    """The wider word that says most: near in meaning, common, and not what everything is; empty below `least`."""
    able = [w for w in sense.wider if w not in _TOO_WIDE and not _is_proper(w) and w != thing]
    scored = [(c - min(rarity(w), 60_000) / 200_000, w) for c, w in zip(likeness(thing, able), able, strict=True)]
    score, word = max(scored, default=(-1.0, ""))
    return word if score > least else ""


def _look(sense: Sense, words: Words) -> str:
    """The first words of a gloss, where they are a noun with something said of it."""
    text = _SAID_BEFORE.sub("", sense.gloss.strip().lower())
    cut = _SAID_AFTER.search(text)
    said = (text[: cut.start()] if cut else text).split()
    if not 2 <= len(said) <= _LONGEST or _BROKEN.search(" ".join(said)) or not words.senses(said[-1]):
        return ""
    return " ".join(said)


def _is_proper(word: str) -> bool:
    """A scientific name or a brand: `Panthera onca`, but not RBC."""
    return word != word.lower() and not word.isupper()
