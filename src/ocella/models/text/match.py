"""Prompts onto the class names that a closed-vocabulary detector knows."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.text.encoder import EncodesText, TextEncoder
from ocella.models.text.lexicon import Found, Lexicon, covered_classes, kindred_classes
from ocella.models.text.phrase import Phrase, plain, strippings
from ocella.models.text.vocabulary import ATTRIBUTES
from ocella.types import Ontology

__all__ = ["THRESHOLD", "Match", "conflicts", "explain_no_match", "match_prompts", "remap_table"]

THRESHOLD = 0.85
"""Least similarity of a match by embedding; measured, see docs/decisions/0003-text-encoder.md."""


@dataclass(frozen=True)
class Match:
    """What a prompt of the ontology's class `class_name` is to a detector: its class `known`, or None.

    `similarity` is 1 for a name or alias, else the cosine to the nearest class; `nearest` classes come best first;
    `lost` is what the prompt says that a class name cannot: the detector does not see it.
    """

    prompt: str
    class_name: str
    known: str | None
    similarity: float
    kind: Literal["exact", "alias", "embedding", "none"]
    nearest: tuple[tuple[str, float], ...] = ()
    lost: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        nearest = [{"class": name, "similarity": value} for name, value in self.nearest]
        return {"type": "match", **dataclasses.asdict(self), "nearest": nearest}


def match_prompts(
    ontology: Ontology, known: Sequence[str], encoder: EncodesText | None = None, threshold: float | None = None
) -> tuple[Match, ...]:
    """A match for every prompt, in the ontology's order. The encoder is asked, and loaded, only for prompts that are
    no name or alias; those need a cosine of `threshold` (0..1).
    """
    least = THRESHOLD if threshold is None else threshold
    if not 0 <= least <= 1:
        raise InvalidValue(f"threshold must be within 0..1, got {least}.")
    lexicon = Lexicon(known, encoder or TextEncoder())
    return tuple(_match(p, ontology.names[i], lexicon, least) for p, i in ontology.prompts)


def conflicts(matches: Sequence[Match]) -> tuple[str, ...]:
    """A sentence for each known class that two classes of the ontology claim; the detector cannot tell them apart."""
    claims: dict[str, dict[str, list[str]]] = {}
    for m in matches:
        if m.known is not None:
            claims.setdefault(m.known, {}).setdefault(m.class_name, []).append(m.prompt)
    return tuple(_conflict(known, by_class) for known, by_class in claims.items() if len(by_class) > 1)


def remap_table(matches: Sequence[Match], known: Sequence[str], ontology: Ontology) -> npt.NDArray[np.int64]:
    """Known class id -> class id of the ontology, -1 where it is not asked for; raises InvalidValue on conflicts."""
    wrong = conflicts(matches)
    if wrong:
        raise InvalidValue(" ".join(wrong))
    table = np.full(len(known), -1, np.int64)
    for m in matches:
        if m.known is not None:
            table[list(known).index(m.known)] = ontology.names.index(m.class_name)
    return table


def explain_no_match(matches: Sequence[Match], models: Sequence[str], task: str = "detect") -> str:
    """The message for prompts that match nothing: nearest classes, how to take one on purpose, and the names of
    open-vocabulary `models` of the task with the command that gets them.
    """
    none = [m for m in matches if m.known is None]
    if not none:
        return ""
    kind = "detector" if task == "detect" else "classifier"
    lines = [f"{len(none)} of {len(matches)} prompts are nothing that this {kind} knows, so no image was touched."]
    lines += [_refusal(m) for m in none]
    name = plain(none[0].class_name).replace(" ", "-") or "name"
    lines.append(
        f"To take a class it knows on purpose, write that as the prompt: --classes '{name}=CLASS' finds CLASS and calls "
        f"it '{name}'."
    )
    if models:
        also = f" (or {', '.join(models[1:])})" if len(models) > 1 else ""
        get = "ocella pull" if task == "detect" else "--model"
        lines.append(f"An open-vocabulary model finds what can be named: {get} {models[0]}{also}")
    lines.append(f"All models of that kind: ocella models --task {task} --open-vocabulary")
    return "\n".join(lines)


def _match(prompt: str, class_name: str, lexicon: Lexicon, least: float) -> Match:
    if prompt in lexicon.known:
        return Match(prompt, class_name, prompt, 1.0, "exact")
    phrase = Phrase.read(prompt)
    if not phrase.parts[0]:
        raise InvalidValue(f"The prompt {prompt!r} must have letters: name what to find, like 'dog'.")
    whole = lexicon.look_up(plain(prompt)) or lexicon.look_up(phrase.whole)
    if whole is not None:
        return Match(prompt, class_name, whole.name, 1.0, whole.kind)
    parts = [_look_up_part(part, lexicon) for part in phrase.parts]
    named = [(found, said) for found, said in parts if found is not None]
    names = list(dict.fromkeys(found.name for found, _ in named))
    lost = tuple(dict.fromkeys(said for _, said in parts if said))
    undecided = any(found is None and not said for found, said in parts)
    if len(names) == 1 and not undecided:
        kind: Literal["exact", "alias"] = "alias" if any(f.kind == "alias" for f, _ in named) else "exact"
        return Match(prompt, class_name, names[0], 1.0, kind, (), _join(*lost, phrase.tail))
    if len(names) > 1:
        return Match(prompt, class_name, None, 1.0, "none", tuple((name, 1.0) for name in names))
    return _by_embedding(prompt, class_name, lexicon, least)


def _look_up_part(part: str, lexicon: Lexicon) -> tuple[Found | None, str]:
    """The class and the attributes taken off to find it; an attribute alone (`black` and white dog) has no class."""
    for rest, said in strippings(part):
        found = lexicon.look_up(rest)
        if found is not None:
            return found, said
    return None, part if part in ATTRIBUTES else ""


def _by_embedding(prompt: str, class_name: str, lexicon: Lexicon, least: float) -> Match:
    phrase = Phrase.read(prompt)
    bare, said = list(strippings(phrase.parts[0]))[-1]
    near = lexicon.nearest(bare)
    known, similarity = near.classes[0]
    if near.plausible and similarity >= least and len(phrase.parts) == 1:
        return Match(prompt, class_name, known, similarity, "embedding", near.classes[:3], _join(said, phrase.tail))
    covered = covered_classes(bare)
    kin = tuple(c for c in near.classes if c[0] in (covered or kindred_classes(bare)))
    shown = (kin if covered else kin[:3]) or near.classes[:3]
    return Match(prompt, class_name, None, shown[0][1], "none", shown)


def _join(*said: str) -> str:
    return " ... ".join(s for s in said if s)


def _conflict(known: str, by_class: dict[str, list[str]]) -> str:
    names = list(by_class)
    prompts = list(dict.fromkeys(p for found in by_class.values() for p in found))
    return (
        f"The classes {' and '.join(repr(n) for n in names)} are both found as '{known}', and the detector cannot tell "
        f"them apart. Make them one class ({names[0]}={'|'.join(prompts)}), or leave all but one out."
    )


def _refusal(match: Match) -> str:
    names = [name for name, _ in match.nearest]
    if len(names) > 1 and (covered_classes(Phrase.read(match.prompt).parts[0]) or match.nearest[1][1] == 1):
        one = plain(match.class_name).replace(" ", "-")
        return f"  '{match.prompt}' is several classes to it. If all are meant, write {one}={'|'.join(names)}"
    near = ", ".join(f"{name} ({similarity:.2f})" for name, similarity in match.nearest)
    return f"  '{match.prompt}': nearest are {near or 'none'}."
