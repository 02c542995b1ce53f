from pathlib import Path

import numpy as np
import pytest
from tests.small_models import Blocks, Brightness, card, paint

from ocella.errors import InvalidValue, NoMatch
from ocella.media.load import load
from ocella.models.card import ModelCard
from ocella.models.closed import ClosedClassifier, ClosedVocabulary
from ocella.models.compose.two_stage import TwoStage
from ocella.types import ClassDef, Image, Ontology

HUES = ("crimson", "forest", "navy")


class Hue(ClosedClassifier):
    """Which of the three channels is the strongest, by share; counts how many pictures it is shown at once."""

    def __init__(self) -> None:
        self._card = card("hue", "classify", HUES)
        self._vocabulary = ClosedVocabulary(HUES, "classify")
        self.batch = 64
        self.shown: list[int] = []

    def _score(self, images: list[Image]) -> np.ndarray:  # type: ignore[override]  # lists are what the base hands on
        self.shown.append(len(images))
        means = np.stack([i.pixels.mean(axis=(0, 1)) + 1 for i in images])
        return np.asarray(means / means.sum(axis=1, keepdims=True), np.float32)


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return load(paint(tmp_path / "a.png", ("red", 0, 0, 20, 10), ("green", 30, 5, 50, 25), ("blue", 60, 40, 96, 64)))


def test_boxes_are_the_detector_s_and_names_the_classifier_s(image: Image) -> None:
    (found,) = TwoStage(Blocks(), Hue()).predict([image])
    assert found.classes == HUES
    assert found.names == ["crimson", "forest", "navy"]
    assert found.xyxy.tolist() == [[0, 0, 20, 10], [30, 5, 50, 25], [60, 40, 96, 64]]
    np.testing.assert_allclose(found.confidence, 0.9)
    np.testing.assert_allclose(found.data["class_confidence"], 256 / 258, rtol=1e-5)
    assert found.data["found_as"].tolist() == ["red", "green", "blue"]


def test_all_boxes_of_an_image_go_to_the_classifier_together(image: Image) -> None:
    hue = Hue()
    TwoStage(Blocks(), hue).predict([image, image])
    assert hue.shown == [3, 3]


def test_the_ontology_is_the_classifier_s(image: Image) -> None:
    ontology = Ontology((ClassDef("cold", ("navy",)), ClassDef("warm", ("crimson",), threshold=0.95)))
    (found,) = TwoStage(Blocks(), Hue(), find=Ontology.of("red", "blue")).predict([image], ontology)
    assert found.classes == ("cold", "warm")
    assert found.names == ["cold"], "the detector is only 0.9 sure of the red block"
    with pytest.raises(NoMatch):
        TwoStage(Blocks(), Hue()).predict([image], Ontology.of("zxqv gadget"))


@pytest.mark.parametrize(
    ("own", "threshold", "names"),
    [
        (None, None, ["navy", "crimson"]),
        (None, 0.95, []),
        (0.2, 0.95, ["navy"]),
        (0.95, None, ["crimson"]),
    ],
)
def test_a_class_s_own_threshold_goes_before(
    image: Image, own: float | None, threshold: float | None, names: list[str]
) -> None:
    ontology = Ontology((ClassDef("navy", threshold=own), ClassDef("crimson")))
    (found,) = TwoStage(Blocks(), Hue(), find=Ontology.of("blue", "red")).predict(
        [image], ontology, threshold=threshold
    )
    assert found.names == names


def test_a_classifier_of_any_class_must_be_told(image: Image) -> None:
    told = Hue()
    told._card = card("hue", "classify")
    with pytest.raises(InvalidValue, match="give classes"):
        TwoStage(Blocks(), told).predict([image])


def test_what_the_classifier_is_unsure_of_is_left_out(image: Image) -> None:
    grey = Image(np.full_like(image.pixels, 120))
    assert len(TwoStage(Blocks(), Hue(), unsure=0.999).predict([image])[0]) == 0
    assert len(TwoStage(Blocks(), Hue(), unsure=0.9).predict([image])[0]) == 3
    (nothing,) = TwoStage(Blocks(), Hue()).predict([grey])
    assert (len(nothing), nothing.classes) == (0, HUES)
    assert TwoStage(Blocks(), Hue()).predict([]) == []
    with pytest.raises(InvalidValue, match=r"unsure must be within 0\.\.1"):
        TwoStage(Blocks(), Hue(), unsure=1.5)


class Anything(Blocks):
    """As Blocks, but of any prompt: it must be told."""

    @property
    def card(self) -> ModelCard:
        return ModelCard.from_json({**self._card.to_json(), "open_vocabulary": True, "classes": []})


def test_a_detector_of_any_prompt_is_asked_for_the_ontology(image: Image) -> None:
    ontology = Ontology((ClassDef("dark", ("blue",)), ClassDef("light", ("green",))))
    (found,) = TwoStage(Anything(), Brightness()).predict([image], ontology)
    assert found.data["found_as"].tolist() == ["dark", "light"]
    assert found.names == ["dark", "dark"], "both blocks are a third as light as white"


def test_the_card_is_both_cards() -> None:
    both = TwoStage(Blocks(), Hue()).card
    assert (both.name, both.task, both.classes) == ("blocks+hue", "detect", HUES)
    assert both.megabytes == pytest.approx(0.2)
