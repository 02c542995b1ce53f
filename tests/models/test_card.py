import json
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from ocella.errors import InvalidValue
from ocella.models.card import Accuracy, ModelCard, Task

CARD = ModelCard(
    name="tiny",
    task="detect",
    summary="bolts",
    checkpoint="a file",
    code_license="Apache-2.0",
    weights_license="CC-BY-4.0",
    commercial_use=True,
    parameters=12,
    megabytes=0.1,
    input_hw=(320, 416),
    classes=("bolt", "Mutter ü", "ねじ"),
    aliases=("tiny-1",),
    accuracy=(Accuracy("AP", 0.5, "val", "measured"), Accuracy("AP50", 0.75, "val", "measured")),
    teacher="people",
    data={"architecture": "nanodet-g", "train": {"images": 8}},
)


def test_it_comes_back_from_json_with_its_types() -> None:
    back = ModelCard.from_json(json.loads(json.dumps(CARD.to_json())))
    assert back == CARD
    assert {f.name: type(getattr(back, f.name)) for f in fields(CARD)} == {
        f.name: type(getattr(CARD, f.name)) for f in fields(CARD)
    }


def test_fields_of_a_later_version_are_passed_over_and_missing_ones_take_their_default() -> None:
    told = {**CARD.to_json(), "invented_later": 1}
    del told["languages"], told["aliases"], told["teacher"]
    assert ModelCard.from_json(told) == replace(CARD, aliases=(), teacher="")


@pytest.mark.parametrize("name", ["name", "task", "commercial_use", "parameters", "input_hw"])
def test_what_a_card_must_have_is_missed(name: str) -> None:
    told = CARD.to_json()
    del told[name]
    with pytest.raises(TypeError, match=name):
        ModelCard.from_json(told)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "guess"}, "task must be one of detect, segment, .*, got 'guess'"),
        ({"classes": ("bolt", "nut", "bolt")}, "classes of 'tiny' must be unique"),
    ],
)
def test_a_wrong_card_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        replace(CARD, **changes)


def test_tasks_are_ten() -> None:
    assert len(get_args(Task)) == 10
