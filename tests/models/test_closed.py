import numpy as np
import pytest

from ocella.errors import InvalidValue, NoMatch
from ocella.models.closed import ClosedVocabulary
from ocella.types import ClassDef, Detections, Ontology

KNOWN = ("person", "car", "truck", "cat")


def found(*class_id: int) -> Detections:
    n = len(class_id)
    xyxy = np.array([[i, i, i + 5, i + 5] for i in range(n)], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.linspace(0.9, 0.5, n, dtype=np.float32), np.array(class_id, np.int64), KNOWN)


def test_known_classes_become_those_of_the_ontology_and_the_rest_goes() -> None:
    vocabulary = ClosedVocabulary(KNOWN, "detect")
    ontology = Ontology((ClassDef("vehicle", ("car", "truck")), ClassDef("human", ("person",))))
    assert vocabulary.table(ontology).tolist() == [1, 0, 0, -1]
    translated = vocabulary.translate(found(0, 3, 2, 1, 3), ontology)
    assert translated.classes == ("vehicle", "human")
    assert translated.names == ["human", "vehicle", "vehicle"]
    assert translated.xyxy[:, 0].tolist() == [0, 2, 3]
    assert translated.confidence.tolist() == found(0, 3, 2, 1, 3).confidence[[0, 2, 3]].tolist()


def test_without_an_ontology_nothing_changes() -> None:
    objects = found(0, 3)
    assert ClosedVocabulary(KNOWN, "detect").translate(objects, None) is objects


def test_nothing_found_has_the_ontology_s_classes() -> None:
    translated = ClosedVocabulary(KNOWN, "detect").translate(found(3, 3), Ontology.of("car"))
    assert (len(translated), translated.classes) == (0, ("car",))


def test_a_match_for_every_prompt_worked_out_once() -> None:
    vocabulary = ClosedVocabulary(KNOWN, "detect")
    ontology = Ontology.parse("person, vehicle=car|truck")
    matches = vocabulary.matches(ontology)
    assert [(m.prompt, m.known) for m in matches] == [("person", "person"), ("car", "car"), ("truck", "truck")]
    assert vocabulary.matches(Ontology.parse("person, vehicle=car|truck")) is matches


@pytest.mark.parametrize(
    ("task", "lines"),
    [
        ("detect", ("this detector knows", "ocella models --task detect --open-vocabulary")),
        ("classify", ("this classifier knows", "conse-efficientnet-lite0", "ocella models --task classify")),
    ],
)
def test_a_prompt_that_is_nothing_known_is_refused_with_the_way_out(task: str, lines: tuple[str, ...]) -> None:
    with pytest.raises(NoMatch, match="1 of 2 prompts are nothing") as caught:
        ClosedVocabulary(KNOWN, task).matches(Ontology.of("car", "forklift"))
    assert "'forklift': nearest are" in str(caught.value)
    assert all(line in str(caught.value) for line in lines)


def test_two_classes_that_are_one_to_the_model_are_refused() -> None:
    with pytest.raises(InvalidValue, match="are both found as 'car', and the detector cannot tell them apart"):
        ClosedVocabulary(KNOWN, "detect").matches(Ontology.parse("mine=car, yours=car"))
