from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import ocella
import ocella_starter
from ocella.errors import InvalidValue, NoMatch
from ocella.media.load import load as load_image
from ocella.models.entry import LoadOptions, zoo
from ocella.models.starter import starter_file, starter_text
from ocella.models.tasks import Detector
from ocella.ops.iou import iou
from ocella.types import ClassDef, Image, Ontology

PHOTOS = Path(ocella_starter.__file__).parent / "photos"


def build(options: LoadOptions) -> Detector:
    model = zoo.get("nanodet-g").build(options)
    assert isinstance(model, Detector)
    return model


@cache
def nanodet() -> Detector:
    return build(LoadOptions(device="cpu", threads=1))


@cache
def photo(name: str) -> Image:
    return load_image(PHOTOS / name)


@pytest.mark.parametrize(
    ("file", "name", "at_least", "box"),
    [
        ("astronaut.png", "person", 0.6, (25, 13, 358, 511)),
        ("camera.png", "person", 0.8, (0, 62, 330, 512)),
        ("cat.png", "cat", 0.35, (0, 0, 378, 299)),
        ("coffee.png", "cup", 0.45, (174, 16, 407, 308)),
    ],
)
def test_it_finds_what_the_photograph_shows_where_it_is(
    file: str, name: str, at_least: float, box: tuple[int, ...]
) -> None:
    (found,) = nanodet().predict([photo(file)])
    rows = [i for i, n in enumerate(found.names) if n == name]
    assert len(rows) == 1
    assert found.confidence[rows[0]] >= at_least
    assert iou(np.array([box]), found.xyxy[rows])[0, 0] > 0.6


def test_a_page_of_text_shows_nothing_it_knows() -> None:
    (found,) = nanodet().predict([photo("page.png")], Ontology.of("person", "cat", "car"))
    assert len(found) == 0


def test_its_card_has_the_80_classes_and_the_hash_of_the_weights() -> None:
    card = nanodet().card
    assert card.classes == nanodet().classes == starter_text("coco80.txt")
    assert len(card.sha256) == 64
    assert card.commercial_use


def test_more_than_a_batch_of_images() -> None:
    images = [photo("astronaut.png"), photo("page.png"), photo("cat.png")] * 7
    found = nanodet().predict(images)
    assert len(found) == 21
    for i, value in enumerate(found):
        assert value.names == found[i % 3].names
        np.testing.assert_allclose(value.xyxy, found[i % 3].xyxy, atol=1e-2)


def test_mirrored_left_and_right_the_box_is_mirrored_too() -> None:
    image = photo("astronaut.png")
    (found,), (mirrored,) = (nanodet().predict([i]) for i in (image, Image(image.pixels[:, ::-1].copy())))
    x1, y1, x2, y2 = mirrored.xyxy[0].tolist()
    assert found.names[0] == mirrored.names[0] == "person"
    assert iou(found.xyxy[:1], np.array([[image.width - x2, y1, image.width - x1, y2]]))[0, 0] > 0.85


def test_channels_are_not_swapped() -> None:
    """The cup of coffee is brown; blue coffee is less sure to be one."""
    image = photo("coffee.png")
    (right,), (swapped,) = (
        nanodet().predict([i], Ontology.of("cup"), threshold=0.05)
        for i in (image, Image(image.pixels[..., ::-1].copy()))
    )
    assert right.confidence[0] != pytest.approx(swapped.confidence[0], abs=1e-3)


def test_one_class_of_the_ontology_may_be_many_of_its_own() -> None:
    ontology = Ontology((ClassDef("pet", ("cat", "dog")), ClassDef("crockery", ("cup",))))
    (cat,), (cup,) = (nanodet().predict([photo(f)], ontology, threshold=0.3) for f in ("cat.png", "coffee.png"))
    assert set(cat.names) == {"pet"}
    assert cup.names[0] == "crockery"


def test_unknown_and_ambiguous_prompts_are_refused_without_an_image() -> None:
    with pytest.raises(NoMatch, match="forklift"):
        nanodet().predict([], Ontology.of("forklift"))
    with pytest.raises(InvalidValue, match="cannot tell them apart"):
        nanodet().predict([], Ontology.parse("mine=car, yours=car"))


def test_a_student_has_its_own_classes_and_input() -> None:
    names = tuple(f"part {i}" for i in range(80))
    card = replace(zoo.get("nanodet-g").card, name="student", classes=names, threshold=0.5)
    options = LoadOptions(device="cpu", threads=1, weights=starter_file("nanodet-g.onnx"), card=card)
    model = build(options)
    (found,) = model.predict([photo("astronaut.png")])
    assert model.classes == found.classes == names
    assert found.names == ["part 0"]
    assert model.card is card


def test_the_file_alone_finds_the_same_with_a_task_and_a_list_of_classes() -> None:
    images = [load_image(starter_file(f"photos/{name}")) for name in ("cat.png", "astronaut.png", "boats.jpg")]
    brought = ocella.load(starter_file("nanodet-g"), task="detect", classes=starter_text("coco80.txt"), device="cpu")
    assert isinstance(brought, Detector)
    for own, here in zip(nanodet().predict(images), brought.predict(images), strict=True):
        assert own.names == here.names
        np.testing.assert_allclose(here.xyxy, own.xyxy, atol=0.01)
        np.testing.assert_allclose(here.confidence, own.confidence, atol=1e-4)
