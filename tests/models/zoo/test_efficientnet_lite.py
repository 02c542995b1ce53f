from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ocella_starter
from ocella.errors import InvalidValue, NoMatch, Refused
from ocella.media.load import load as load_image
from ocella.models.entry import LoadOptions, zoo
from ocella.models.starter import starter_file, starter_text
from ocella.types import ClassDef, Image, Ontology

PHOTOS = Path(ocella_starter.__file__).parent / "photos"


@cache
def built(name: str) -> Any:
    return zoo.get(name).build(LoadOptions(device="cpu", threads=1))


@cache
def photo(name: str) -> Image:
    return load_image(PHOTOS / name)


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("cat.png", {"Egyptian cat", "tabby", "tiger cat"}),
        ("coffee.png", {"espresso"}),
        ("rocket.jpg", {"missile", "projectile"}),
    ],
)
def test_it_names_the_subject(file: str, names: set[str]) -> None:
    (found,) = built("efficientnet-lite0").predict([photo(file)])
    name, score = found.top()[0]
    assert name in names
    assert score > 0.3
    assert found.classes == starter_text("imagenet1k.txt")
    assert not found.multi_label


def test_a_class_of_the_ontology_gets_the_sum_of_what_its_prompts_mean() -> None:
    model = built("efficientnet-lite0")
    ontology = Ontology((ClassDef("cup", ("espresso",)), ClassDef("cat", ("tabby", "tiger cat", "Egyptian cat"))))
    (own,), (found,) = model.predict([photo("cat.png")]), model.predict([photo("cat.png")], ontology)
    scores = dict(own.top(1000))
    assert found.classes == ("cup", "cat")
    assert found.multi_label
    assert found.confidence.tolist() == pytest.approx(
        [scores["espresso"], scores["tabby"] + scores["tiger cat"] + scores["Egyptian cat"]], rel=1e-4
    )
    assert found.confidence[1] > 0.5


def test_a_prompt_outside_imagenet_is_refused_even_without_images() -> None:
    with pytest.raises(NoMatch, match=r"this classifier knows.*(.|\n)*--model .*conse-efficientnet-lite0"):
        built("efficientnet-lite0").predict([], Ontology.of("zxqv gadget"))


def test_more_than_a_batch_of_images() -> None:
    images = [photo("cat.png"), photo("coffee.png")] * 17
    found = built("efficientnet-lite0").predict(images)
    assert len(found) == 34
    assert all(f.top()[0][0] == found[i % 2].top()[0][0] for i, f in enumerate(found))


def test_a_student_s_card_gives_classes_and_input() -> None:
    names = tuple(f"kind {i}" for i in range(1000))
    card = replace(zoo.get("efficientnet-lite0").card, name="student", classes=names)
    options = LoadOptions(device="cpu", threads=1, weights=starter_file("efficientnet-lite0.onnx"), card=card)
    model: Any = zoo.get("efficientnet-lite0").build(options)
    (found,) = model.predict([photo("coffee.png")])
    assert found.classes == names
    assert found.top()[0][0] == f"kind {starter_text('imagenet1k.txt').index('espresso')}"


def test_features_of_like_images_are_nearer() -> None:
    image = photo("cat.png")
    mirrored, other = Image(image.pixels[:, ::-1].copy()), photo("page.png")
    one, two, three = (e.vector for e in built("efficientnet-lite0-features").predict([image, mirrored, other]))
    assert one.shape == (1280,)
    assert one @ two > 0.8
    assert one @ three < 0.5


def test_features_know_no_words() -> None:
    with pytest.raises(Refused, match="Use 'conse-efficientnet-lite0-embed' for text search"):
        built("efficientnet-lite0-features").embed_text(["a cat"])


@pytest.mark.parametrize(
    ("file", "best"), [("cat.png", "kitten"), ("coffee.png", "hot drink"), ("rocket.jpg", "spacecraft")]
)
def test_conse_chooses_among_words_that_imagenet_has_not(file: str, best: str) -> None:
    (found,) = built("conse-efficientnet-lite0").predict(
        [photo(file)], Ontology.of("kitten", "hot drink", "spacecraft")
    )
    assert found.top()[0][0] == best
    assert found.confidence.sum() == pytest.approx(1, abs=1e-5)


def test_conse_s_best_prompt_speaks_for_its_class() -> None:
    ontology = Ontology((ClassDef("animal", ("lawnmower", "cat")), ClassDef("drink", ("coffee",))))
    (found,) = built("conse-efficientnet-lite0").predict([photo("cat.png")], ontology)
    assert found.top()[0][0] == "animal"


def test_conse_needs_classes() -> None:
    model = built("conse-efficientnet-lite0")
    assert model.classes == ()
    with pytest.raises(InvalidValue, match="needs classes to choose from"):
        model.predict([photo("cat.png")])


def test_words_and_images_share_a_space() -> None:
    model = built("conse-efficientnet-lite0-embed")
    images = np.stack([e.vector for e in model.predict([photo("cat.png"), photo("coffee.png"), photo("rocket.jpg")])])
    texts = np.stack([e.vector for e in model.embed_text(["a cat", "a cup of coffee", "a rocket"])])
    assert (images @ texts.T).argmax(axis=1).tolist() == [0, 1, 2]
    assert {e.model for e in model.embed_text(["x"])} == {model.card.name}
