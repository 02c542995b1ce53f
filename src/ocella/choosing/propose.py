"""Candidates: which settings are worth a look for these classes, each with why; and what was ruled out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from ocella.choosing.at_hand import AtHand, lacking
from ocella.choosing.needs import Needs
from ocella.choosing.setting import Setting
from ocella.choosing.ways import Way, find_ways, named_ways
from ocella.choosing.wordings import Wording, wordings
from ocella.choosing.wordnet import words_at_hand
from ocella.choosing.words import Words
from ocella.errors import InvalidValue, NoMatch
from ocella.models.card import ModelCard
from ocella.types import Ontology

__all__ = ["TILES", "Candidate", "Proposal", "propose"]

Candidate = tuple[Setting, str]
Tile = tuple[int, int]

TILES: tuple[Tile, ...] = ((2, 2), (3, 3), (1, 2))
"""Rows x columns that a detector looks at beside the whole image."""
_AUTO = "auto"
_COSTLY = 3
"""Wordings tried where a second model looks into each box, which takes seconds an image."""


@dataclass(frozen=True)
class Proposal:
    """`settings` with why each, the most promising first; names `ruled_out` with the reason; `notes` on what else there was."""

    settings: tuple[Candidate, ...]
    ruled_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def propose(
    ontology: Ontology,
    cards: Sequence[ModelCard],
    needs: Needs,
    *,
    models: str | Sequence[str] = _AUTO,
    tiles: Sequence[Tile] = TILES,
    most: int = 24,
    words: Words | None = None,
    described: Mapping[str, Sequence[str]] | None = None,
    questions: Sequence[str] = (),
    at_hand: AtHand | None = None,
) -> Proposal:
    """Up to `most` settings of what fits `needs`: each model's plainest first, then other prompts and `tiles` in turn. With
    `models` "auto" those that are at hand, else those named (also `a+b`). `described` are descriptions by class from a
    language model; `questions` what to ask a vision-language model. Raises NotFound for an unknown name, InvalidValue.
    """
    if most < 1:
        raise InvalidValue(f"most must be at least 1, got {most}.")
    names = [name.strip() for name in models.split(",")] if isinstance(models, str) else list(models)
    if names == [_AUTO]:
        by_name = {c.name: c for c in cards}
        ways, ruled_out = find_ways(cards, needs, ontology, at_hand or partial(lacking, cards=by_name))
    else:
        ways, ruled_out = named_ways(names, cards, needs, ontology)
    source, note = (words, "") if words is not None else words_at_hand()
    lists = []
    for way in ways:
        try:
            worded = _worded(way, ontology, source, described, questions)
        except NoMatch as error:
            ruled_out.append((way.model, str(error)))
        else:
            lists.append(list(_settings(way, worded, tiles)))
    found: dict[Setting, str] = {}
    for setting, why in (pair for turn in zip_longest(*lists) for pair in turn if pair is not None):
        found.setdefault(setting, why)
    return Proposal(tuple(found.items())[:most], tuple(dict.fromkeys(ruled_out)), _notes(note, len(found) - most))


def _worded(
    way: Way, ontology: Ontology, words: Words, described: Mapping[str, Sequence[str]] | None, questions: Sequence[str]
) -> list[tuple[Ontology | None, str, str]]:
    """Ontology, question and why of each way to ask."""
    task = way.speaks.task if way.speaks else ""
    if task == "vlm":
        return [(ontology, prompt, why) for prompt, why in _questions(ontology, questions)]
    if task in ("ocr", "embed"):
        return [(None, "", "as it is")]
    found: list[Wording] = wordings(way, ontology, words, described=described)
    if len(way.cards) > 1 and not way.finds:
        found = found[:_COSTLY]
    return [(asked, "", why) for asked, why in found]


def _settings(
    way: Way, found: Sequence[tuple[Ontology | None, str, str]], tiles: Sequence[Tile]
) -> Iterator[Candidate]:
    """Wordings by tiles, the plainest pairs first: of one change before two."""
    cuts: list[Tile | None] = [None, *(t for t in tiles if way.finds)]
    pairs = [(w, t) for w in range(len(found)) for t in range(len(cuts))]
    for w, t in sorted(pairs, key=lambda pair: (pair[0] + pair[1], pair[1])):
        (asked, prompt, why), tile = found[w], cuts[t]
        reasons = (
            way.why,
            why,
            "" if tile is None else f"parts of {tile[0]} x {tile[1]} looked at too, for small things",
        )
        yield Setting(way.model, asked, tile, prompt), "; ".join(dict.fromkeys(r for r in reasons if r))


def _questions(ontology: Ontology, own: Sequence[str]) -> list[tuple[str, str]]:
    """What to ask a vision-language model, with why."""
    if own:
        short = [(f"{q} Answer with a word or a short phrase.", "yours, with a short answer asked for") for q in own]
        return [*((q, "your own question") for q in own), *short]
    if len(ontology.names) == 1:
        name = ontology.names[0]
        return [
            (f"Is there {name} in this image? Answer yes or no.", "a plain question"),
            (f"Look closely, also at small and partly hidden things. Does the image show {name}? Answer yes or no.",
             "tells it to look closely"),
        ]  # fmt: skip
    listed = ", ".join(ontology.names)
    return [
        (f"What does this image show? Answer with one of these and nothing else: {listed}.", "a plain question"),
        (f"Which of these fits the image best: {listed}? Answer with its name alone.", "asks for the best of them"),
        (f"Describe the image in one sentence to yourself, then answer with one of {listed} and nothing else.",
         "tells it to look before it answers"),
    ]  # fmt: skip


def _notes(note: str, more: int) -> tuple[str, ...]:
    were = "setting was" if more == 1 else "settings were"
    left = f"{more} more {were} left out. Raise most to try them." if more > 0 else ""
    return tuple(n for n in (note, left) if n)
