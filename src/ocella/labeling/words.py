"""A label in a few words."""

from collections import Counter
from collections.abc import Sequence
from functools import singledispatch

from ocella.types import Answer, Classification, DepthMap, Detections, Embedding, Label, SegmentationMap, TextLines

__all__ = ["in_words", "names_in_short"]


@singledispatch
def in_words(label: Label | DepthMap | Embedding) -> str:
    """Like `2 person, 1 dog`."""
    raise TypeError(f"no words for {type(label).__name__}")


@in_words.register
def _(label: Detections) -> str:
    return ", ".join(f"{n} {name}" for name, n in Counter(label.names).most_common()) or "nothing"


@in_words.register
def _(label: Classification) -> str:
    return ", ".join(f"{name} {score:.2f}" for name, score in label.top(3))


@in_words.register
def _(label: TextLines) -> str:
    return " / ".join(label.texts) or "no text"


@in_words.register
def _(label: SegmentationMap) -> str:
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in label.share().items() if share)


@in_words.register
def _(label: Answer) -> str:
    return label.text


@in_words.register
def _(label: DepthMap) -> str:
    unit = " m" if label.metric else ", no unit"
    return f"{label.depth.min():.3g} (near) to {label.depth.max():.3g} (far){unit}"


@in_words.register
def _(label: Embedding) -> str:
    return f"a vector of {len(label.vector)}"


def names_in_short(names: Sequence[str], most: int = 20) -> str:
    """The first of many names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
