"""Fields of JSON in texts as language models write them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Answer
from ocella.workflows.blocks.formatters._json_text import json_of

FOUND = {"error_status": False, "city": "Bonn", "people": 3}
NOTHING = {"error_status": True, "city": None, "people": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"city": "Bonn", "people": 3, "more": 1}', FOUND),
        ('Here it is:\n```json\n{"city": "Bonn", "people": 3}\n```\n```json\n{"city": "Ulm"}\n```', FOUND),
        ('```JSON {"city": "Bonn", "people": 3}```', FOUND),
        ('The answer is {"city": "Bonn", "people": 3}. Anything else?', FOUND),
        ('{"city": "Bonn"}', {"error_status": True, "city": "Bonn", "people": None}),
        ('{"city": "Bonn", "people": null}', {"error_status": False, "city": "Bonn", "people": None}),
        ("I do not know.", NOTHING),
        ("[1, 2]", NOTHING),
        ("", NOTHING),
        ('{"city": "Bonn"', NOTHING),
    ],
)
def test_fields_become_outputs(text: str, expected: dict[str, Any]) -> None:
    step: dict[str, Any] = {"expected_fields": ["city", "people"]}
    assert run_step("roboflow_core/json_parser@v1", {"raw_json": text}, **step) == expected
    assert run_step("json_parser", {"raw_json": Answer(text)}, **step) == expected


def test_what_a_model_has_parsed_is_taken() -> None:
    answer = Answer("no json", parsed={"city": "Bonn", "people": 3})
    assert run_step("json_parser", {"raw_json": answer}, expected_fields=["city", "people"]) == FOUND


@pytest.mark.parametrize(
    ("fields", "message"),
    [(["error_status"], "names other than 'error_status'"), ("city", "list")],
)
def test_wrong_fields_are_refused(fields: Any, message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("json_parser", {"raw_json": "{}"}, expected_fields=fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"a": 1}]\n```', [{"a": 1}]),
        ('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"a": 1}, {"a": 2},', [{"a": 1}, {"a": 2}]),
        ('```python\n{"a": 1}\n```', {"a": 1}),
        ('boxes: [{"a": 1}, {"a": 2}] done', [{"a": 1}, {"a": 2}]),
        ('{"a": 1} and {"a": 2}', None),
        ("5", None),
        ("[" * 100_000, None),
    ],
)
def test_json_is_found_in_texts(text: str, expected: Any) -> None:
    assert json_of(text) == expected


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=3), Json, max_size=3) | st.lists(Json, max_size=3))
def test_json_that_is_alone_is_read_as_python_reads_it(value: Any) -> None:
    assert json_of(json.dumps(value)) == value
