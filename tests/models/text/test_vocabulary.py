from itertools import chain

from ocella.models.text.phrase import plain
from ocella.models.text.vocabulary import ALIASES, ATTRIBUTES, MATERIALS, OTHERS, WIDER


def test_there_are_the_80_classes_of_coco() -> None:
    assert len(ALIASES) == 80
    assert next(iter(ALIASES)) == "person"
    assert list(ALIASES)[79] == "toothbrush"


def test_a_word_leads_to_one_place() -> None:
    words = [plain(w) for w in [*ALIASES, *chain.from_iterable(ALIASES.values()), *WIDER, *OTHERS]]
    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_wider_words_cover_classes_that_exist() -> None:
    assert set(chain.from_iterable(WIDER.values())) <= set(ALIASES)
    assert all(len(classes) > 1 for classes in WIDER.values())


def test_attributes_are_single_words() -> None:
    assert all(plain(w) == w and " " not in w for w in ATTRIBUTES | MATERIALS)
