from pathlib import Path

import pytest
from tests.models.compose.test_two_stage import Anything
from tests.small_models import Blocks, paint

from ocella.errors import InvalidValue, Mismatch, NoMatch
from ocella.media.load import load
from ocella.models.compose.remapped import Remapped
from ocella.types import ClassDef, Image, Ontology


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return load(paint(tmp_path / "a.png", ("red", 0, 0, 20, 10), ("green", 30, 5, 50, 25), ("blue", 60, 40, 96, 64)))


TABLE = [
    ({}, ("red", "green", "blue"), ["red", "green", "blue"]),
    ({"red": "warm"}, ("warm", "green", "blue"), ["warm", "green", "blue"]),
    ({"green": "cold", "blue": "cold"}, ("red", "cold"), ["red", "cold", "cold"]),
    ({"red": None}, ("green", "blue"), ["green", "blue"]),
    ({"red": "blue", "blue": None}, ("blue", "green"), ["blue", "green"]),
]


@pytest.mark.parametrize(("names", "classes", "found"), TABLE)
def test_classes_are_renamed_merged_and_left_out(
    image: Image, names: dict[str, str | None], classes: tuple[str, ...], found: list[str]
) -> None:
    model = Remapped(Blocks(), names)
    (result,) = model.predict([image])
    assert model.classes == model.card.classes == result.classes == classes
    assert result.names == found


def test_boxes_that_became_one_class_are_one_object(image: Image) -> None:
    class Both(Blocks):
        """Finds every block under two names."""

        def _find(self, image: Image, prompts: object, names: tuple[str, ...]) -> object:  # type: ignore[override]  # every colour twice
            del prompts
            return super()._find(image, [("red", 0), ("red", 1)], names)

    (found,) = Remapped(Both(), {"red": "thing", "green": "thing"}).predict([image])
    assert found.names == ["thing"]


def test_an_ontology_speaks_of_the_new_names(image: Image) -> None:
    model = Remapped(Blocks(), {"red": "person", "green": "cat", "blue": None})
    (found,) = model.predict([image], Ontology((ClassDef("feline", ("cat",)), ClassDef("human", ("person",)))))
    assert found.classes == ("feline", "human")
    assert sorted(found.names) == ["feline", "human"]
    strict = Ontology((ClassDef("cat", threshold=0.95), ClassDef("person")))
    assert model.predict([image], strict)[0].names == ["person"]
    with pytest.raises(NoMatch):
        model.predict([], Ontology.of("zxqv gadget"))


def test_a_detector_of_any_prompt_is_asked_for_the_old_names(image: Image) -> None:
    class Told(Anything):
        """Knows nothing of itself."""

        classes = ()

    model = Remapped(Told(), {"red": "warm", "blue": "cold"})
    assert not model.card.open_vocabulary
    assert model.predict([image])[0].names == ["warm", "cold"]


def test_names_that_cannot_be() -> None:
    with pytest.raises(Mismatch, match=r"has no class rde, violet\. Expected some of red, green, blue"):
        Remapped(Blocks(), {"violet": "x", "rde": "y", "red": "z"})
    with pytest.raises(InvalidValue, match="at least one class"):
        Remapped(Blocks(), {"red": None, "green": None, "blue": None})


def test_masks_and_card_stay(image: Image) -> None:
    model = Remapped(Blocks(), {"red": "warm"})
    assert model.card.name == "remapped(blocks)"
    assert model.predict([]) == []
    assert len(model.predict([image] * 3)) == 3
