from pathlib import Path

import numpy as np
import pytest
from tests.small_models import Blocks, card, paint

from ocella.errors import InvalidValue
from ocella.media.load import load
from ocella.models.card import ModelCard
from ocella.models.compose.consensus import Consensus
from ocella.types import Image, Ontology


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return load(paint(tmp_path / "a.png", ("red", 0, 0, 20, 10), ("green", 30, 5, 50, 25)))


def three() -> list[Blocks]:
    return [
        Blocks("one", knows=("red", "green"), confidence=0.9),
        Blocks("two", knows=("green", "red"), shift=2, confidence=0.6),
        Blocks("three", knows=("red", "green", "blue"), shift=40, confidence=0.8),
    ]


def test_what_two_of_three_see_is_there_once_at_the_mean(image: Image) -> None:
    (found,) = Consensus(three()).predict([image])
    assert found.classes == ("red", "green")
    assert found.names == ["red", "green"]
    assert found.data["votes"].tolist() == [2, 2]
    assert found.data["votes"].dtype == np.int64
    np.testing.assert_allclose(found.confidence, 0.75)
    np.testing.assert_allclose(found.xyxy, [[0.8, 0, 20.8, 10], [30.8, 5, 50.8, 25]], rtol=1e-5)


@pytest.mark.parametrize(("votes", "objects"), [(1, 4), (2, 2), (3, 0)])
def test_votes_that_are_needed(image: Image, votes: int, objects: int) -> None:
    (found,) = Consensus(three(), votes).predict([image])
    assert len(found) == objects
    assert found.classes == ("red", "green")
    assert (found.data["votes"] >= votes).all()


def test_the_most_confident_box_alone(image: Image) -> None:
    (found,) = Consensus(three(), merge="nms").predict([image])
    assert found.xyxy.tolist() == [[0, 0, 20, 10], [30, 5, 50, 25]]
    np.testing.assert_allclose(found.confidence, 0.9)


def test_confidence_scaled_by_the_share_that_agrees(image: Image) -> None:
    (found,) = Consensus(three(), scaled=True).predict([image])
    np.testing.assert_allclose(found.confidence, 0.75 * 2 / 3)


def test_two_boxes_of_one_detector_are_one_vote(image: Image) -> None:
    twice = Blocks("twice", knows=("red",))
    found = twice.predict([image])[0]

    class Twice(Blocks):
        def predict(self, *args: object, **kwargs: object) -> list:  # type: ignore[type-arg]  # two boxes, however asked
            del args, kwargs
            return [found[[0, 0]]]

    assert len(Consensus([Twice("a", knows=("red",)), Blocks("b", knows=("red",), shift=70)]).predict([image])[0]) == 0


def test_all_are_asked_for_one_ontology(image: Image) -> None:
    (found,) = Consensus(three()[:2]).predict([image], Ontology.of("green"))
    assert (found.names, found.classes) == (["green"], ("green",))
    assert [m.prompt for m in Consensus(three()[:2]).matches(Ontology.of("green"))] == ["green", "green"]


def test_no_class_in_common_needs_an_ontology(image: Image) -> None:
    apart = Consensus([Blocks(knows=("red",)), Blocks(knows=("green",))])
    assert apart.classes == ()
    with pytest.raises(InvalidValue, match="knows no class in common"):
        apart.predict([image])


@pytest.mark.parametrize("votes", [0, 4])
def test_votes_are_as_many_as_there_are_detectors(votes: int) -> None:
    with pytest.raises(InvalidValue, match=r"votes must be within 1\.\.3"):
        Consensus(three(), votes)


class Licensed(Blocks):
    """Blocks under a licence of its own."""

    def __init__(self, name: str, **facts: object) -> None:
        super().__init__(name)
        self._card = ModelCard.from_json({**card(name, "detect", ("red",)).to_json(), **facts})


def test_the_card_joins_licences_and_sizes() -> None:
    parts = [
        Licensed("one", weights_license="Apache-2.0", memory_gb=1.5, parameters=5, speed="fast", system="One"),
        Licensed("two", weights_license="CC-BY-NC-4.0", commercial_use=False, clause="not for money", memory_gb=2.0),
        Licensed("three", weights_license="Apache-2.0", speed="slow", parameters=7, system="Three"),
    ]
    card = Consensus(parts, 2).card
    assert card.name == "consensus-2(one, two, three)"
    assert card.weights_license == "Apache-2.0; CC-BY-NC-4.0"
    assert (card.commercial_use, card.clause) == (False, "not for money")
    assert (card.memory_gb, card.parameters, card.speed, card.system) == (3.5, 12, "slow", "One + Three")
    assert card.classes == ("red",)
    assert Consensus([parts[0], parts[2]], 1).card.commercial_use
