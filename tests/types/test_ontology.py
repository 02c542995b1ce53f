import json
from pathlib import Path

import pytest

from ocella.errors import InvalidValue, NotFound
from ocella.types import ClassDef, Ontology


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("person", {"person": ["person"]}),
        ("person, dog", {"person": ["person"], "dog": ["dog"]}),
        (" person ,, dog, ", {"person": ["person"], "dog": ["dog"]}),
        ("traffic light", {"traffic light": ["traffic light"]}),
        ("dog=a dog or puppy", {"dog": ["a dog or puppy"]}),
        ("person wearing a vest=worker", {"worker": ["person wearing a vest"]}),
        ("car=car|van", {"car": ["car", "van"]}),
        ("car = car | van ", {"car": ["car", "van"]}),
        ("vehicle=car|big red bus", {"vehicle": ["car", "big red bus"]}),
        ("cat=kitten", {"cat": ["kitten"]}),
        ("dog=puppy, dog=hound", {"dog": ["puppy", "hound"]}),
        ("dog=puppy, dog=puppy", {"dog": ["puppy"]}),
        ("a=b=c", {"a": ["b=c"]}),
        ("Hündin=犬", {"Hündin": ["犬"]}),
    ],
)
def test_parse(text: str, classes: dict[str, list[str]]) -> None:
    parsed = Ontology.parse(text)
    assert {c.name: list(c.prompts) for c in parsed.classes} == classes
    assert parsed.names == tuple(classes)
    assert Ontology.from_json(json.loads(json.dumps(parsed.to_json()))) == parsed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "classes must name at least one"),
        (" , ", "classes must name at least one"),
        ("dog=", "'dog=' must have a class and a prompt"),
        ("=dog", "'=dog' must have a class and a prompt"),
        ("dog=|", "prompt"),
    ],
)
def test_parse_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Ontology.parse(text)


def test_prompts_point_to_their_class() -> None:
    assert Ontology.parse("car=car|van, dog").prompts == (("car", 0), ("van", 0), ("dog", 1))
    assert Ontology.of("b", "a").names == ("b", "a")


def test_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    full = Ontology((ClassDef("dog", ("a dog",), ("wolf",), ("dog.jpg",), 0.4), ClassDef("cat")))
    path.write_text(json.dumps(full.to_json()), encoding="utf-8")
    assert Ontology.parse(str(path)) == full
    path.write_text('["cat", "dog"]', encoding="utf-8")
    assert Ontology.parse(f" {path} ") == Ontology.of("cat", "dog")


@pytest.mark.parametrize(
    "content", ["{", "{}", '{"classes": [{"prompts": ["x"]}]}', '{"classes": [{"name": "a", "size": 1}]}']
)
def test_broken_files(tmp_path: Path, content: str) -> None:
    path = tmp_path / "classes.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidValue):
        Ontology.read(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no file .*gone\.json"):
        Ontology.parse(str(tmp_path / "gone.json"))


def test_refused() -> None:
    with pytest.raises(InvalidValue, match=r"\['dog'\] twice"):
        Ontology.of("dog", "cat", "dog")
    with pytest.raises(InvalidValue, match="at least one class"):
        Ontology(())
    with pytest.raises(InvalidValue, match="A class needs a name"):
        ClassDef("  ")
    with pytest.raises(InvalidValue, match=r"threshold of 'dog' must be within 0\.\.1, got 40"):
        ClassDef("dog", threshold=40)
