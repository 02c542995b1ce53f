"""What is said where timm and open_clip are not installed; with them, see tests/torchvision."""

import importlib.util

import pytest

from ocella.errors import MissingExtra
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, zoo
from ocella.models.timm_checkpoint import import_library

CARDS = [e.card for e in zoo if e.card.library in ("timm", "open_clip")]


@pytest.mark.parametrize("card", CARDS, ids=lambda c: c.name)
def test_a_library_that_is_not_there_is_an_extra(card: ModelCard) -> None:
    assert len(CARDS) >= 6
    with pytest.raises(MissingExtra, match=r"pip install 'ocella\[timm\]'"):
        import_library(card, "no_such_library")
    if all(importlib.util.find_spec(name) is None for name in ("timm", "open_clip")):
        with pytest.raises(MissingExtra, match=r"pip install 'ocella\[timm\]'"):
            zoo.get(card.name).build(LoadOptions(device="cpu"))
