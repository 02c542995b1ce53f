from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.models.compose.test_two_stage import Anything
from tests.small_models import Blocks, card, paint

from ocella.errors import InvalidValue, NotFound, Refused
from ocella.media.load import load
from ocella.models.compose.by_example import Exemplar
from ocella.models.tasks import Embedder
from ocella.types import ClassDef, Embedding, Image, Ontology


class Hues(Embedder):
    """The mean colour as a direction, less grey; counts what it was shown."""

    def __init__(self) -> None:
        self._card = replace(card("hues", "embed"), memory_gb=1.0, commercial_use=False, weights_license="CC-BY-NC-4.0")
        self.seen = 0

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        self.seen += len(images)
        means = [i.pixels.mean(axis=(0, 1)) - 60 for i in images]
        return [Embedding((m / np.linalg.norm(m)).astype(np.float32), "hues") for m in means]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        raise Refused(f"hues has no text side for {texts}.")


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return load(paint(tmp_path / "a.png", ("red", 0, 0, 20, 10), ("green", 30, 5, 50, 25), ("blue", 60, 40, 96, 64)))


def shown(folder: Path, name: str, *colours: str, threshold: float | None = None) -> ClassDef:
    files = [paint(folder / f"{name}-{c}.png", (c, 0, 0, 30, 30), size_hw=(30, 30)) for c in colours]
    return ClassDef(name, exemplars=tuple(map(str, files)), threshold=threshold)


def test_boxes_are_of_the_class_whose_examples_they_are_most_like(image: Image, tmp_path: Path) -> None:
    ontology = Ontology((shown(tmp_path, "sea", "blue"), shown(tmp_path, "fire", "red")))
    (found,) = Exemplar(Blocks(), Hues()).predict([image], ontology)
    assert found.classes == ("sea", "fire")
    assert found.names == ["fire", "sea"]
    assert found.xyxy.tolist() == [[0, 0, 20, 10], [60, 40, 96, 64]]
    np.testing.assert_allclose(found.confidence, 1, atol=1e-6)
    np.testing.assert_allclose(found.data["found_confidence"], 0.9)


def test_confidence_is_the_cosine_to_the_mean_of_the_examples(image: Image, tmp_path: Path) -> None:
    ontology = Ontology((shown(tmp_path, "warm", "red", "green"),))
    (found,) = Exemplar(Blocks(), Hues(), threshold=0).predict([image], ontology)
    red, green, blue = (np.where(np.arange(3) == i, 195, -60) for i in range(3))
    mean = red / np.linalg.norm(red) + green / np.linalg.norm(green)
    cosines = {n: c @ mean / np.linalg.norm(c) / np.linalg.norm(mean) for n, c in (("r", red), ("b", blue))}
    assert cosines["b"] < 0
    np.testing.assert_allclose(found.confidence, [cosines["r"], cosines["r"], 0], atol=1e-6)


@pytest.mark.parametrize(
    ("own", "floor", "names"), [(None, 0.5, ["warm", "warm"]), (None, 0.99, []), (0.5, 0.99, ["warm", "warm"])]
)
def test_a_class_s_own_threshold_goes_before(
    image: Image, tmp_path: Path, own: float | None, floor: float, names: list[str]
) -> None:
    ontology = Ontology((shown(tmp_path, "warm", "red", "green", threshold=own),))
    assert Exemplar(Blocks(), Hues()).predict([image], ontology, threshold=floor)[0].names == names


def test_a_part_of_an_example_can_be_meant(image: Image, tmp_path: Path) -> None:
    file = paint(tmp_path / "two.png", ("red", 0, 0, 48, 64), ("blue", 48, 0, 96, 64))
    ontology = Ontology((ClassDef("sea", exemplars=(f"{file}#xywh=48,0,48,64",)),))
    (found,) = Exemplar(Blocks(), Hues(), threshold=0.9).predict([image], ontology)
    assert found.xyxy.tolist() == [[60, 40, 96, 64]]


def test_examples_are_embedded_once_an_ontology(image: Image, tmp_path: Path) -> None:
    embedder = Hues()
    model, ontology = Exemplar(Blocks(), embedder), Ontology((shown(tmp_path, "sea", "blue"),))
    model.predict([], ontology)
    assert embedder.seen == 1
    model.predict([image, image], ontology)
    assert embedder.seen == 1 + 6


def test_a_detector_of_any_prompt_is_asked_for_objects_or_what_it_is_told(image: Image, tmp_path: Path) -> None:
    class Told(Anything):
        """Knows nothing of itself."""

        classes = ()

    ontology = Ontology((shown(tmp_path, "sea", "blue"),))
    assert Exemplar(Told(), Hues()).find == Ontology.of("object")
    assert len(Exemplar(Told(), Hues(), find=Ontology.of("blue")).predict([image], ontology)[0]) == 1


def test_nothing_found_keeps_the_classes(tmp_path: Path) -> None:
    ontology = Ontology((shown(tmp_path, "sea", "blue"),))
    (found,) = Exemplar(Blocks(), Hues()).predict([load(paint(tmp_path / "grey.png"))], ontology)
    assert (len(found), found.classes) == (0, ("sea",))


@pytest.mark.parametrize(
    ("ontology", "error", "words"),
    [
        (None, InvalidValue, "give classes with example images"),
        (Ontology.of("sea", "fire"), InvalidValue, "sea, fire have no example images"),
        (Ontology((ClassDef("sea", exemplars=("none.png",)),)), NotFound, "none.png"),
    ],
)
def test_what_cannot_be_asked(ontology: Ontology | None, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Exemplar(Blocks(), Hues()).predict([], ontology)


def test_examples_that_cancel_out_are_no_class(tmp_path: Path) -> None:
    class Poles(Hues):
        """One direction for red, its opposite for the rest."""

        def predict(self, images: Sequence[Image]) -> list[Embedding]:
            signs = [1 if i.pixels[0, 0].tolist() == [255, 0, 0] else -1 for i in images]
            return [Embedding(np.array([sign, 0], np.float32), "poles") for sign in signs]

    with pytest.raises(InvalidValue, match=r"have nothing in common\. Make them several classes"):
        Exemplar(Blocks(), Poles()).predict([], Ontology((shown(tmp_path, "both", "red", "blue"),)))


def test_the_card_says_that_a_confidence_is_a_likeness() -> None:
    made = Exemplar(Blocks(), Hues(), threshold=0.7).card
    assert (made.name, made.task, made.score_kind, made.prompts) == ("blocks+hues", "detect", "similarity", ("image",))
    assert (made.threshold, made.open_vocabulary, made.commercial_use) == (0.7, True, False)
    assert made.weights_license == "CC0-1.0; CC-BY-NC-4.0"
    with pytest.raises(InvalidValue, match=r"threshold must be within 0\.\.1"):
        Exemplar(Blocks(), Hues(), threshold=-0.1)
