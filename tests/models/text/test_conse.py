from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.models.text.conse import ConSE
from ocella.models.text.encoder import TextEncoder

NAMES = ("tabby cat", "golden retriever dog", "sports car", "pizza")


@pytest.fixture(scope="module")
def conse() -> ConSE:
    return ConSE(TextEncoder(), NAMES, top=2)


def test_image_vectors_are_unit_and_follow_the_likeliest(conse: ConSE) -> None:
    vectors = conse.images(np.eye(4))
    np.testing.assert_allclose(vectors, TextEncoder().encode(NAMES), atol=1e-6)


def test_only_the_top_classes_count(conse: ConSE) -> None:
    a = conse.images([[0.5, 0.3, 0.1, 0.1]])
    b = conse.images([[0.5, 0.3, 0.2, 0.0]])
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_scores_share_one_and_pick_the_right_prompt(conse: ConSE) -> None:
    scores = conse.scores(np.eye(4), ["cat", "dog", "car", "pizza"])
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_lower_temperature_is_surer(conse: ConSE) -> None:
    sure, unsure = (conse.scores(np.eye(4), ["cat", "dog"], t)[0, 0] for t in (0.01, 1.0))
    assert sure > unsure


def test_search(conse: ConSE) -> None:
    found = conse.search(np.eye(4), "dog", k=2)
    assert len(found) == 2
    assert found[0][0] == 1
    assert found[0][1] > found[1][1]


def test_its_name_says_what_it_is(conse: ConSE) -> None:
    assert conse.name == "conse-minilm-static-256"


def test_no_images(conse: ConSE) -> None:
    assert conse.scores(np.zeros((0, 4)), ["cat", "dog"]).shape == (0, 2)


@pytest.mark.parametrize("p", [np.ones((2, 3)), np.ones(4), np.zeros((1, 4)), -np.ones((1, 4)), [[np.nan, 1, 1, 1]]])
def test_wrong_probabilities_are_refused(conse: ConSE, p: Any) -> None:
    with pytest.raises(InvalidValue, match="probabilities"):
        conse.images(p)


@pytest.mark.parametrize("temperature", [0, -1])
def test_temperature_must_be_positive(conse: ConSE, temperature: float) -> None:
    with pytest.raises(InvalidValue, match="temperature"):
        conse.scores(np.eye(4), ["cat"], temperature)


def test_it_needs_class_names() -> None:
    with pytest.raises(InvalidValue, match="class names"):
        ConSE(TextEncoder(), ())
