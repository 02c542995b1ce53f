import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.models.open_vocabulary import read_prompt
from ocella.models.prompt_table import PromptTable, corners
from ocella.types import ClassDef, Ontology

PETS = Ontology((ClassDef("cat", ("Cat", "kitten"), ("toy cat",)), ClassDef("dog", threshold=0.5)))
BOXES = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]], np.float32)


def detect(table: PromptTable, scores: list[list[float]], threshold: float = 0.3) -> list[tuple[str, float, str]]:
    found = table.detections(np.array(scores, np.float32), BOXES[: len(scores)], (60, 60), threshold)
    assert found.classes == table.ontology.names
    return [
        (n, round(float(c), 3), str(p))
        for n, c, p in zip(found.names, found.confidence, found.data["prompt"], strict=True)
    ]


def test_texts_are_as_the_model_reads_them_once() -> None:
    table = PromptTable.of(PETS, read_prompt)
    assert table.texts == ("cat", "kitten", "toy cat", "dog")
    assert table.wording == ("Cat", "kitten", "toy cat", "dog")
    assert (table.positive, table.negative, table.pictures) == (((0, 1), (3,)), ((2,), ()), ())


CASES = [
    ([0.4, 0.1, 0.0, 0.0], [("cat", 0.4, "Cat")]),
    ([0.4, 0.6, 0.0, 0.0], [("cat", 0.6, "kitten")]),
    ([0.4, 0.6, 0.7, 0.0], []),  # more of a toy cat
    ([0.4, 0.0, 0.0, 0.45], [("cat", 0.4, "Cat")]),  # a dog must be surer
    ([0.4, 0.0, 0.0, 0.55], [("dog", 0.55, "dog")]),
    ([0.2, 0.0, 0.0, 0.2], []),
    ([-1.0, -1.0, -1.0, 0.9], [("dog", 0.9, "dog")]),  # texts that this row was not asked for
]


@pytest.mark.parametrize(("scores", "expected"), CASES)
def test_who_gets_the_box_and_by_which_prompt(scores: list[float], expected: list[tuple[str, float, str]]) -> None:
    assert detect(PromptTable.of(PETS, read_prompt), [scores]) == expected


def test_classes_of_words_and_of_pictures_do_not_compete() -> None:
    bolt, nut = (ClassDef(n, exemplars=(f"{n}.png", "more.png")) for n in ("bolt", "nut"))
    table = PromptTable.of(Ontology((bolt, ClassDef("screw", ("Screw",)), nut)), read_prompt, pictures=True)
    assert (table.texts, table.positive, table.pictures) == (("screw",), ((1,), (0,), (2,)), (0, 2))
    assert detect(table, [[0.4, 0.8, 0.9]]) == [("screw", 0.4, "Screw"), ("nut", 0.9, "nut.png, more.png")]
    assert detect(table, [[0.4, 0.8, 0.2], [0.1, 0.1, 0.1]]) == [
        ("screw", 0.4, "Screw"),
        ("bolt", 0.8, "bolt.png, more.png"),
    ]


def test_pictures_alone() -> None:
    table = PromptTable.of(Ontology((ClassDef("!", exemplars=("a.png",)),)), read_prompt, pictures=True)
    assert (table.texts, table.wording) == ((), ("a.png",))
    assert detect(table, [[0.5], [0.1]]) == [("!", 0.5, "a.png")]


def test_nothing_found_has_the_column_too() -> None:
    table = PromptTable.of(PETS)
    found = table.detections(np.zeros((0, 4), np.float32), BOXES[:0], (60, 60), 0.3)
    assert found.data["prompt"].dtype == np.dtype("<U7")
    assert len(found) == 0


REFUSED = [
    (Ontology((ClassDef("a", ("Cat",)), ClassDef("b", ("cat",)))), "nothing tells them apart"),
    (Ontology((ClassDef("a", ("cat",), ("CAT",)),)), "a prompt of 'a' and one of its negatives"),
    (Ontology((ClassDef("a", negatives=("cat",), exemplars=("a.png",)),)), "words cannot rival"),
]


@pytest.mark.parametrize(("ontology", "words"), REFUSED)
def test_what_cannot_be_told_apart(ontology: Ontology, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        PromptTable.of(ontology, read_prompt, pictures=True)


def test_corners() -> None:
    centres = np.array([[0.5, 0.5, 0.2, 0.4]], np.float32)
    np.testing.assert_allclose(corners(centres, (100, 200)), [[80, 30, 120, 70]])
