"""Settings: names, thresholds, JSON."""

import pytest

from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue
from ocella.types import ClassDef, Ontology

MANY = tuple(f"word {i}" for i in range(14))


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        (Setting("nanodet-g"), "nanodet-g"),
        (Setting("nanodet-g", Ontology.of("cat"), (2, 3)), "nanodet-g 2x3"),
        (Setting("a+b", Ontology((ClassDef("cat", ("tom", "kitty")),))), "a+b, cat=tom|kitty"),
        (Setting("owlv2", Ontology((ClassDef("bolt", exemplars=("b.jpg",)),))), "owlv2, bolt by example"),
        (Setting("smolvlm2", prompt="What is it?"), "smolvlm2, 'What is it?'"),
    ],
)
def test_names(setting: Setting, name: str) -> None:
    assert setting.name == name


def test_names_of_many_prompts_are_short_and_differ() -> None:
    first, other = (Setting("m", Ontology((ClassDef("c", (*MANY, last)),))).name for last in ("x", "y"))
    assert first != other
    assert len(first) < 120
    assert "and 5 more" in first


def test_thresholds_by_class() -> None:
    setting = Setting("m", Ontology.of("cat", "dog")).at({"dog": 0.4})
    assert setting.ontology is not None
    assert [c.threshold for c in setting.ontology.classes] == [None, 0.4]
    with pytest.raises(InvalidValue, match="no class bird"):
        setting.at({"bird": 0.4})
    assert Setting("m").at({"bird": 0.4}) == Setting("m")


@pytest.mark.parametrize(
    "setting",
    [
        Setting("m"),
        Setting("m", Ontology((ClassDef("cat", ("tom",), ("dog",), ("c.jpg",), 0.3),)), (2, 2), "What?"),
    ],
)
def test_json(setting: Setting) -> None:
    assert Setting.from_json(setting.to_json()) == setting


@pytest.mark.parametrize(
    "data",
    [{}, {"model": 3}, {"model": "m", "tile": "2"}, {"model": "m", "tile": "axb"}, {"model": "m", "speed": 1}, []],
)
def test_wrong_json(data: object) -> None:
    with pytest.raises(InvalidValue):
        Setting.from_json(data)  # type: ignore[arg-type]  # what a file may hold


def test_wrong_settings() -> None:
    with pytest.raises(InvalidValue, match="needs a model"):
        Setting("")
    with pytest.raises(InvalidValue, match="at least 1"):
        Setting("m", tile=(0, 2))
