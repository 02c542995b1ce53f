"""The card of a composition, made from those of its parts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

from ocella.models.card import ModelCard, Speed

__all__ = ["joined_card"]


def joined_card(name: str, cards: Sequence[ModelCard], **changes: Any) -> ModelCard:
    """The first card under another name, with the licences, sizes and needs of all parts: commercial use only where all
    allow it, and as slow as the slowest. Published figures are of the parts alone and are left out.
    """
    speeds = get_args(Speed)
    fields: dict[str, Any] = {
        "code_license": _words("; ", (c.code_license for c in cards)),
        "weights_license": _words("; ", (c.weights_license for c in cards)),
        "commercial_use": all(c.commercial_use for c in cards),
        "clause": _words("; ", (c.clause for c in cards)),
        "gated": _words(" ", (c.gated for c in cards)),
        "parameters": sum(c.parameters for c in cards),
        "megabytes": sum(c.megabytes for c in cards),
        "memory_gb": sum(c.memory_gb for c in cards),
        "speed": max((c.speed for c in cards), key=speeds.index),
        "sha256": "".join(c.sha256 for c in cards),
        "system": _words(" + ", (c.system for c in cards)),
        "accuracy": (),
        "aliases": (),
    }
    return replace(cards[0], name=name, **{**fields, **changes})


def _words(between: str, words: Iterable[str]) -> str:
    return between.join(dict.fromkeys(w for w in words if w))
