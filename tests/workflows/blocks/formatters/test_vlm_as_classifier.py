"""Classifications in the texts of language models."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Answer, Classification, Image

PHOTO = Image(np.zeros((4, 4, 3), np.uint8))


def read(text: Any, **fields: Any) -> Any:
    return run_step("vlm_as_classifier", {"image": PHOTO, "vlm_output": text}, **{"classes": ["cat", "dog"], **fields})


def scores(confidence: list[float], classes: tuple[str, ...], *, several: bool = False) -> Classification:
    return Classification(np.array(confidence, np.float32), classes, several, PHOTO.size_hw)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"class_name": "dog", "confidence": 0.75}, scores([0, 0.75], ("cat", "dog"))),
        ({"class_name": "dog", "confidence": "0.5"}, scores([0, 0.5], ("cat", "dog"))),
        ({"class_name": "dog", "confidence": 7}, scores([0, 1], ("cat", "dog"))),
        ({"class_name": "owl", "confidence": 0.5}, scores([0, 0, 0.5], ("cat", "dog", "owl"))),
        (
            {"predicted_classes": [{"class": "dog", "confidence": 0.25}, {"class": "dog", "confidence": 0.5}]},
            scores([0, 0.5], ("cat", "dog"), several=True),
        ),
        ({"predicted_classes": []}, scores([0, 0], ("cat", "dog"), several=True)),
        (  # named, so found
            {"predicted_classes": [{"class": "dog", "confidence": 0.25}]},
            replace(scores([0, 0.25], ("cat", "dog"), several=True), least=0.25),
        ),
    ],
)
def test_what_a_model_wrote_becomes_a_classification(answer: dict[str, Any], expected: Classification) -> None:
    for text in (json.dumps(answer), f"```json\n{json.dumps(answer)}\n```", Answer("", parsed=answer)):
        found = read(text)
        assert found["error_status"] is False
        assert found["predictions"] == expected
        assert len(found["inference_id"]) == 36


@pytest.mark.parametrize(
    "text",
    [
        "A dog.",
        "[]",
        '{"class_name": "dog"}',
        '{"class_name": "dog", "confidence": "high"}',
        '{"class_name": "dog", "confidence": NaN}',
        '{"predicted_classes": ["dog"]}',
        '{"predicted_classes": "dog"}',
    ],
)
def test_what_cannot_be_read_is_an_error_status(text: str) -> None:
    found = read(text)
    assert (found["error_status"], found["predictions"]) == (True, None)


def test_the_older_version_is_the_same() -> None:
    text = '{"class_name": "dog", "confidence": 0.75}'
    found = run_step("roboflow_core/vlm_as_classifier@v1", {"image": PHOTO, "vlm_output": text}, classes=["cat", "dog"])
    assert found["predictions"] == read(text)["predictions"]


def test_classes_are_a_list() -> None:
    with pytest.raises(InvalidWorkflow, match="'classes': expected a valid list"):
        read("{}", classes="cat")
