import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.models.text.phrase import Phrase, forms, strippings


@pytest.mark.parametrize(
    ("prompt", "parts", "tail"),
    [
        ("Dog", ("dog",), ""),
        ("a dog or a puppy", ("dog", "puppy"), ""),
        ("cat/kitten", ("cat", "kitten"), ""),
        ("a photo of the cat", ("cat",), ""),
        ("person wearing a vest", ("person",), "wearing a vest"),
        ("man with a red or blue hat", ("man",), "with a red or blue hat"),
        ("group of people", ("people",), "group of"),
        ("stop_sign", ("stop sign",), ""),
        ("wheel of a car", ("wheel",), "of a car"),
        ("in the box", ("in the box",), ""),
    ],
)
def test_read(prompt: str, parts: tuple[str, ...], tail: str) -> None:
    phrase = Phrase.read(prompt)
    assert (phrase.parts, phrase.tail) == (parts, tail)


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("dogs", "dog"),
        ("buses", "bus"),
        ("vases", "vase"),
        ("knives", "knife"),
        ("puppies", "puppy"),
        ("people", "person"),
        ("wine glasses", "wine glass"),
    ],
)
def test_forms_hold_the_singular(plural: str, singular: str) -> None:
    assert forms(plural)[0] == plural
    assert singular in forms(plural)


@pytest.mark.parametrize("word", ["bus", "glass", "tennis"])
def test_singulars_stay(word: str) -> None:
    assert forms(word) == (word,)


def test_strippings_take_attributes_off_the_front() -> None:
    assert list(strippings("big red fire truck")) == [
        ("big red fire truck", ""),
        ("red fire truck", "big"),
        ("fire truck", "big red"),
    ]


@given(st.text(max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    phrase = Phrase.read(text)
    assert phrase.parts
    assert all(list(strippings(p)) for p in phrase.parts if p)
