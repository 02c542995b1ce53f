"""Boxes that were said, as detections: whose they are, in order, inside, with what their confidence means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocella.models.language.boxes import SpokenBox
from ocella.models.language.detector import boxes_of, one_by_one, together
from ocella.models.language.generate import Said
from ocella.models.open_vocabulary import read_prompt
from ocella.models.prompt_table import PromptTable
from ocella.types import ClassDef, Ontology

PETS = Ontology((ClassDef("cat", ("a cat", "kitten")), ClassDef("dog", ("dog",), ("wolf",))))
TABLE = PromptTable.of(PETS, read_prompt)
BOX = (0.1, 0.2, 0.5, 0.6)


def test_questions() -> None:
    assert one_by_one("Find {}.")(("a", "b")) == [("Find a.", ("a",)), ("Find b.", ("b",))]
    assert together("Find {}.", " ; ")(("a", "b")) == [("Find a ; b.", ("a", "b"))]


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("a cat", "cat"),
        (" A  Cat. ", "cat"),
        ("Kitten", "cat"),
        ("dog", "dog"),
        ("cat", None),
        ("dogs", None),
        ("", None),
    ],
)
def test_a_phrase_is_a_prompt_word_for_word_or_nothing(phrase: str, name: str | None) -> None:
    found = boxes_of([SpokenBox(phrase, BOX, 0.7)], TABLE, (100, 200), 0.0, "token-probability")
    assert found.names == ([name] if name else [])
    assert found.classes == ("cat", "dog")
    assert found.data["prompt"].tolist() == ([phrase.strip(" .").lower().replace("  ", " ")] if name else [])
    assert len(found.data["score_kind"]) == len(found)


def test_boxes_are_of_the_image_and_inside_it() -> None:
    boxes = [SpokenBox("dog", (0.9, 0.8, 0.1, -0.2), 0.5), SpokenBox("dog", (1.1, 0.2, 1.4, 0.3), 0.9)]
    found = boxes_of(boxes, TABLE, (100, 200), 0.0, "token-probability")
    np.testing.assert_allclose(found.xyxy, [[20, 0, 180, 80]])
    np.testing.assert_allclose(found.confidence, [0.5])


def test_without_scores_every_confidence_is_one_and_a_threshold_says_nothing() -> None:
    found = boxes_of([SpokenBox("dog", BOX, 0.1)], TABLE, (100, 200), 1.0, "none")
    assert found.confidence.tolist() == [1]
    assert found.data["score_kind"].tolist() == ["none"]
    assert len(boxes_of([SpokenBox("dog", BOX, 0.1)], TABLE, (100, 200), 0.2, "token-probability")) == 0


def test_the_same_box_for_two_prompts_of_a_class_is_one() -> None:
    boxes = [SpokenBox("a cat", BOX, 0.5), SpokenBox("kitten", BOX, 0.8), SpokenBox("dog", BOX, 0.6)]
    found = boxes_of(boxes, TABLE, (100, 200), 0.0, "token-probability")
    assert dict(zip(found.names, found.confidence.tolist(), strict=True)) == pytest.approx({"cat": 0.8, "dog": 0.6})


@pytest.mark.parametrize(("wolf", "names"), [(0.9, []), (0.6, []), (0.3, ["dog"])])
def test_what_is_as_much_of_a_negative_is_left_out(wolf: float, names: list[str]) -> None:
    near = (0.1, 0.2, 0.5, 0.58)
    boxes = [SpokenBox("dog", BOX, 0.6), SpokenBox("wolf", near, wolf)]
    assert boxes_of(boxes, TABLE, (100, 200), 0.0, "token-probability").names == names
    far = [SpokenBox("dog", BOX, 0.6), SpokenBox("wolf", (0.6, 0.7, 0.9, 0.9), wolf)]
    assert boxes_of(far, TABLE, (100, 200), 0.0, "token-probability").names == ["dog"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 4, st.floats(0, 1)), max_size=6),
    st.tuples(st.integers(1, 500), st.integers(1, 500)),
)
def test_any_numbers_give_sound_boxes(said: list[tuple[float, ...]], size_hw: tuple[int, int]) -> None:
    boxes = [SpokenBox("dog", (a, b, c, d), sure) for a, b, c, d, sure in said]
    found = boxes_of(boxes, TABLE, size_hw, 0.0, "token-probability")
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [size_hw[1], size_hw[0]] * 2).all()
    assert (found.area > 0).all()


def test_how_sure_of_a_part() -> None:
    said = Said("", ("ab", "", "c", "de"), np.array([0.1, 0.9, 0.5, 0.7], np.float32))
    assert said.marked == "abcde"
    assert said.sure(0, 2) == pytest.approx(0.1)
    assert said.sure(2, 5) == pytest.approx(0.6)
    assert said.sure(1, 3) == pytest.approx((0.1 + 0.9 + 0.5) / 3)
    assert said.confidence == pytest.approx(0.55)
