"""What is said where timm, open_clip, docTR or rfdetr is not installed; with them, see tests/torchvision."""

import importlib.util

import pytest

from ocella.errors import MissingExtra
from ocella.models.card import ModelCard
from ocella.models.checkpoints.timm_checkpoint import import_library
from ocella.models.entry import LoadOptions, zoo

CARDS = [e.card for e in zoo if e.card.library in ("timm", "open_clip") or e.card.extra in ("doctr", "rfdetr")]


@pytest.mark.parametrize("card", CARDS, ids=lambda c: c.name)
def test_a_library_that_is_not_there_is_an_extra(card: ModelCard) -> None:
    assert len(CARDS) >= 8
    told = rf"'{card.name}' needs the extra '{card.extra}'.*pip install 'ocella\[{card.extra}\]'"
    with pytest.raises(MissingExtra, match=told):
        import_library(card, "no_such_library")
    with pytest.raises(MissingExtra, match=told):
        import_library(card, "no_such_library.part")
    if all(importlib.util.find_spec(name) is None for name in ("timm", "open_clip", "doctr", "rfdetr")):
        with pytest.raises(MissingExtra, match=told):
            zoo.get(card.name).build(LoadOptions(device="cpu"))
