"""Named lists of classes that models with fixed classes know."""

from collections.abc import Callable
from functools import cache, partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.class_lists import class_list
from ocella.models.starter import starter_text
from ocella.models.text.match import match_prompts
from ocella.types import Ontology

__all__ = ["known_classes", "unknown_classes"]


def known_classes(card: ModelCard) -> tuple[str, ...]:
    """The classes of a card with a fixed list; empty where the list is not at hand."""
    if card.classes:
        return card.classes
    read = _LISTS.get(card.vocabulary)
    return read() if read else ()


def unknown_classes(card: ModelCard, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Which of `classes` are nothing that the model knows; all of them where its list is not at hand."""
    known = known_classes(card)
    return _unknown(known, classes) if known else classes


_LISTS: dict[str, Callable[[], tuple[str, ...]]] = {
    "coco": partial(class_list, "coco"),
    "coco-panoptic": partial(class_list, "coco-panoptic"),
    "ade20k": partial(class_list, "ade20k"),
    "imagenet-1k": partial(starter_text, "imagenet1k.txt"),
    "person": lambda: ("person",),
}


@cache
def _unknown(known: tuple[str, ...], classes: tuple[str, ...]) -> tuple[str, ...]:
    found = match_prompts(Ontology.of(*dict.fromkeys(classes)), known)
    return tuple(m.class_name for m in found if m.known is None)
