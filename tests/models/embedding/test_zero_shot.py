"""From logits of texts to scores of classes."""

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.embedding.joint_encoder import ContrastiveClassifier, Floats, JointEmbedder, JointEncoder, unit
from ocella.models.embedding.prompt_templates import PHOTO, PHOTOS
from ocella.models.embedding.zero_shot import class_scores
from ocella.models.prompt_table import PromptTable
from ocella.types import ClassDef, Image, Ontology

CARD = ModelCard("letters", "classify", "counts", "none", "MIT", "MIT", True, 1, 1, (1, 1), open_vocabulary=True)
PETS = Ontology((ClassDef("cat", ("cat", "kitten")), ClassDef("dog", ("dog",))))


def of(*rows: float) -> Floats:
    return np.array(rows, np.float32)


class Letters(JointEncoder):
    """A text is how often each letter is in it; an image is the text that its first row of pixels spells."""

    card = CARD
    scale = 5.0

    def __init__(self, *, alone: bool = False, bias: float = 0.0, cased: bool = False) -> None:
        self.alone, self.bias, self.cased = alone, bias, cased
        self.read_texts: list[str] = []

    def images(self, images: list[Image]) -> Floats:  # type: ignore[override]  # a list is all that is given here
        return self.vectors([bytes(i.pixels[0, :, 0]).decode() for i in images])

    def texts(self, texts: list[str]) -> Floats:  # type: ignore[override]  # the same
        self.read_texts += texts
        return self.vectors(texts)

    @staticmethod
    def vectors(texts: list[str]) -> Floats:
        return unit([[1 + text.count(c) for c in "abcdefghijklmnopqrstuvwxyz"] for text in texts])


def spell(text: str) -> Image:
    row = np.frombuffer(text.encode(), np.uint8)
    return Image(np.repeat(row[None, :, None], 3, axis=2).copy())


TABLE = [
    (PETS, False, of(1, 2, 3), [np.exp(2), np.exp(3)] / (np.exp(2) + np.exp(3))),
    (PETS, True, of(0, -1, 2), [0.5, 1 / (1 + np.exp(-2))]),
    (Ontology((ClassDef("cat", negatives=("toy",)), ClassDef("dog"))), False, of(0, 0, 0), [1 / 3, 1 / 3]),
    (Ontology((ClassDef("cat", negatives=("dog",)), ClassDef("dog"))), False, of(0, 0), [1 / 2, 1 / 2]),
    (Ontology((ClassDef("cat", negatives=("toy",)), ClassDef("dog"))), True, of(0, 0, 0), [1 / 4, 1 / 2]),
    (Ontology((ClassDef("cat", negatives=("toy", "drawing")),)), False, of(0, 0, 0), [1 / 3]),
    (Ontology((ClassDef("cat"),)), True, of(-1000), [0]),
]


@pytest.mark.parametrize(("ontology", "alone", "logits", "expected"), TABLE)
def test_the_best_prompt_speaks_and_negatives_take_their_share(
    *, ontology: Ontology, alone: bool, logits: Floats, expected: list[float]
) -> None:
    scores = class_scores(logits, PromptTable.of(ontology), alone=alone)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_texts_are_read_once_an_ontology_and_templates_are_averaged_as_unit_vectors() -> None:
    encoder = Letters()
    model = ContrastiveClassifier(encoder, PHOTOS)
    first, second = model.predict([spell("cat"), spell("dog")], PETS)
    assert model.predict([spell("cat")], PETS) == [first]
    assert len(encoder.read_texts) == 3 * len(PHOTOS)
    assert (first.top()[0][0], second.top()[0][0]) == ("cat", "dog")
    assert first.classes == ("cat", "dog")
    assert not first.multi_label
    by_hand = [
        unit([encoder.vectors(encoder.read_texts[i * 6 : i * 6 + 6]).mean(axis=0)])[0] for i in range(3)
    ]  # cat, kitten, dog
    logits = 5 * np.stack(by_hand) @ encoder.vectors(["cat"])[0]
    both = np.exp([logits[:2].max(), logits[2]])
    np.testing.assert_allclose(first.confidence, both / both.sum(), atol=1e-5)


def test_scores_that_do_not_share_one_say_so() -> None:
    negative = Ontology((ClassDef("cat", negatives=("dog",)),))
    (shared,) = ContrastiveClassifier(Letters(), PHOTO).predict([spell("dog")], negative)
    assert shared.multi_label
    assert shared.confidence[0] < 0.5
    (alone,) = ContrastiveClassifier(Letters(alone=True, bias=-4.9), PHOTO).predict([spell("dog")], PETS)
    assert alone.multi_label
    np.testing.assert_array_less(alone.confidence, 0.6)


@pytest.mark.parametrize(
    ("ontology", "words"),
    [
        (None, "needs classes to choose from"),
        (Ontology.of("cat"), "alone would always get all of it"),
        (Ontology.of("...", "cat"), "must have letters"),
        (Ontology((ClassDef("a", ("Cat",)), ClassDef("b", ("cat",)))), "nothing tells them apart"),
        (Ontology((ClassDef("a", exemplars=("x.png",)), ClassDef("b"))), "Leave exemplars out"),
    ],
)
def test_ontologies_that_cannot_be_chosen_from(ontology: Ontology | None, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        ContrastiveClassifier(Letters(), PHOTO).predict([], ontology)


def test_one_class_is_enough_where_scores_stand_alone() -> None:
    (found,) = ContrastiveClassifier(Letters(alone=True), PHOTO).predict([spell("cat")], Ontology.of("cat"))
    assert 0.9 < found.confidence[0] < 1


def test_a_network_that_knows_capitals_tells_them_apart() -> None:
    ontology = Ontology((ClassDef("fruit", ("apple",)), ClassDef("firm", ("Apple",))))
    encoder = Letters(cased=True)
    ContrastiveClassifier(encoder, PHOTO).predict([], ontology)
    assert encoder.read_texts == ["a photo of an apple.", "a photo of an Apple."]


def test_the_embedder_adds_no_words() -> None:
    encoder = Letters()
    model = JointEmbedder(encoder)
    texts = [f"text {i}" for i in range(100)]
    made = model.embed_text(["  A   Cat ", *texts])
    assert encoder.read_texts == ["a cat", *texts]
    assert len(made) == 101
    (image,) = model.predict([spell("acat")])
    assert image.similarity(made[0]) == pytest.approx(1, abs=1e-5)
    assert (model.predict([]), model.embed_text([])) == ([], [])
    with pytest.raises(InvalidValue, match="must be a list"):
        model.embed_text("a cat")
