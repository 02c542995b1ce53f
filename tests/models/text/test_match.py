from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ocella.errors import InvalidValue
from ocella.models.text.match import THRESHOLD, Match, conflicts, explain_no_match, match_prompts, remap_table
from ocella.models.text.vocabulary import ALIASES, WIDER
from ocella.types import Ontology

COCO = tuple(ALIASES)
BLOOD = ("RBC", "WBC", "Platelets")


class Untouched:
    """An encoder that must not be asked."""

    name = "untouched"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        raise AssertionError(texts)


def one(prompt: str, known: Sequence[str] = COCO, **options: Any) -> Match:
    return match_prompts(Ontology.of(prompt), known, **options)[0]


@pytest.mark.parametrize(
    ("prompt", "known", "kind", "lost"),
    [
        ("person", "person", "exact", ""),
        ("Traffic Lights", "traffic light", "exact", ""),
        ("stop_sign", "stop sign", "exact", ""),
        ("hot dog", "hot dog", "exact", ""),
        ("teddy bear", "teddy bear", "exact", ""),
        ("man", "person", "alias", ""),
        ("a dog or puppy", "dog", "alias", ""),
        ("sofa", "couch", "alias", ""),
        ("TV", "tv", "exact", ""),
        ("mugs", "cup", "alias", ""),
        ("person wearing a vest", "person", "exact", "wearing a vest"),
        ("a big red truck", "truck", "exact", "big red"),
        ("black and white cat", "cat", "exact", "black ... white"),
        ("group of people on bikes", "person", "alias", "group of ... on bikes"),
        ("glass of wine", "wine glass", "alias", ""),
        ("orange", "orange", "exact", ""),
    ],
)
def test_names_and_aliases_need_no_encoder(prompt: str, known: Any, kind: str, lost: str) -> None:
    m = one(prompt, encoder=Untouched())
    assert (m.known, m.kind, m.lost, m.similarity) == (known, kind, lost, 1.0)


@pytest.mark.parametrize(
    "prompt",
    [
        "forklift",
        "fork lift truck",
        "excavator",
        "helmet",
        "tomato",
        "wheel of a car",
        "bus stop",
        "person's head",
        "bicycle helmet",
        "prairie dog",
        "toilet paper",
        "vehicle",
        "cat or dog",
        "baboon",
        "asdfgh",
        "solar panel",
    ],
)
def test_what_is_no_class_is_refused_with_the_nearest(prompt: str) -> None:
    m = one(prompt)
    assert (m.known, m.kind) == (None, "none")
    assert len(m.nearest) >= 2
    assert {name for name, _ in m.nearest} <= set(COCO)


@pytest.mark.parametrize(
    ("prompt", "kind"), [("forklift", "vehicle"), ("tigers", "animal"), ("tomato", "food"), ("vehicle", "vehicle")]
)
def test_the_nearest_of_a_thing_it_lacks_are_of_its_kind(prompt: str, kind: str) -> None:
    m = one(prompt)
    assert {name for name, _ in m.nearest} <= set(WIDER[kind])
    assert m.similarity == m.nearest[0][1]


@pytest.mark.parametrize("prompt", ["vehicle", "forklift"])
def test_a_student_without_that_kind_still_gets_nearest(prompt: str) -> None:
    assert len(one(prompt, BLOOD).nearest) == 3


def test_a_kind_of_class_is_found_by_embedding() -> None:
    m = one("French bulldog")
    assert (m.known, m.kind) == ("dog", "embedding")
    assert THRESHOLD <= m.similarity < 1
    assert m.nearest[0] == ("dog", m.similarity)
    assert one("French bulldog", threshold=0.99).known is None


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_threshold_must_be_a_share(threshold: float) -> None:
    with pytest.raises(InvalidValue, match=r"0\.\.1"):
        one("dog", threshold=threshold)


@pytest.mark.parametrize(
    ("prompt", "known"),
    [("rbc", "RBC"), ("RBCs", "RBC"), ("platelet", "Platelets"), ("person", None), ("cell", None), ("car", None)],
)
def test_students_with_few_classes(prompt: str, known: Any) -> None:
    assert one(prompt, BLOOD).known == known


def test_a_student_class_is_not_swallowed_by_an_alias() -> None:
    known = ("person", "worker", "truck", "forklift")
    assert one("worker", known).known == "worker"
    assert one("forklift", known).known == "forklift"
    assert one("construction worker", known).known != "person"
    assert one("pedestrian", known).known == "person"


@pytest.mark.parametrize("prompt", ["!!!", "?"])
def test_a_prompt_without_letters_is_an_error(prompt: str) -> None:
    with pytest.raises(InvalidValue, match="letters"):
        one(prompt)


def test_a_class_without_letters_is_found_by_its_name_only() -> None:
    assert one("+", ("+", "-")).known == "+"
    assert one("gearbox", ("+", "-")).known is None


def test_names_that_differ_in_case_stay_apart() -> None:
    known = ("Cell", "cell")
    assert [one(n, known).known for n in known] == list(known)


def test_no_known_classes_is_an_error() -> None:
    with pytest.raises(InvalidValue, match="at least one class"):
        one("dog", ())


def test_remap_table_joins_prompts_of_one_class() -> None:
    ontology = Ontology.parse("pet=cat|dog, worker=person wearing a vest, forklift=truck")
    matches = match_prompts(ontology, COCO, Untouched())
    table = remap_table(matches, COCO, ontology)
    assert table.dtype == np.int64
    assert {COCO[i]: ontology.names[c] for i, c in enumerate(table) if c >= 0} == {
        "cat": "pet",
        "dog": "pet",
        "person": "worker",
        "truck": "forklift",
    }


def test_two_classes_on_one_known_class_are_a_conflict() -> None:
    ontology = Ontology.of("cat", "kitten", "dog")
    matches = match_prompts(ontology, COCO, Untouched())
    assert len(conflicts(matches)) == 1
    with pytest.raises(InvalidValue, match=r"cat=cat\|kitten"):
        remap_table(matches, COCO, ontology)
    assert conflicts(match_prompts(Ontology.of("cat", "dog"), COCO)) == ()


def test_explanation_names_nearest_models_and_commands() -> None:
    matches = match_prompts(Ontology.of("person", "forklift truck", "vehicle"), COCO)
    text = explain_no_match(matches, ["grounding-dino-tiny", "owlv2-base"])
    assert "2 of 3 prompts" in text
    assert "'forklift truck'" in text
    assert "ocella pull grounding-dino-tiny" in text
    assert "owlv2-base" in text
    assert "ocella models --task detect --open-vocabulary" in text
    assert set(text.split("vehicle=")[1].split("\n")[0].split("|")) == set(WIDER["vehicle"])


def test_the_forced_form_in_the_explanation_works() -> None:
    matches = match_prompts(Ontology.of("forklift truck"), COCO)
    nearest = matches[0].nearest[0][0]
    assert "'forklift-truck=CLASS'" in explain_no_match(matches, [])
    forced = match_prompts(Ontology.parse(f"forklift-truck={nearest}"), COCO, Untouched())[0]
    assert (forced.class_name, forced.known, forced.kind) == ("forklift-truck", nearest, "exact")


@pytest.mark.parametrize("prompt", ["a vehicle", "vehicles"])
def test_a_wider_word_is_explained_in_any_form(prompt: str) -> None:
    text = explain_no_match(match_prompts(Ontology.of(prompt), COCO), [])
    assert "is several classes" in text
    written = text.split("write ")[1].split("\n")[0]
    assert conflicts(match_prompts(Ontology.parse(written), COCO, Untouched())) == ()


def test_nothing_to_explain() -> None:
    assert explain_no_match(match_prompts(Ontology.of("dog"), COCO), ["x"]) == ""


def test_json() -> None:
    assert one("person wearing a vest").to_json() == {
        "type": "match",
        "prompt": "person wearing a vest",
        "class_name": "person wearing a vest",
        "known": "person",
        "similarity": 1.0,
        "kind": "exact",
        "nearest": [],
        "lost": "wearing a vest",
    }
    assert one("forklift").to_json()["nearest"][0].keys() == {"class", "similarity"}
