"""JSON in answers: whole values come back exactly, everything else is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocella.models.language.answer import Found, answer, find_json
from ocella.types import Answer

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALAR = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.recursive(
    SCALAR | TEXT, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXT, v, max_size=4), max_leaves=12
)
NESTED = st.lists(VALUE, max_size=4) | st.dictionaries(TEXT, VALUE, max_size=4)
WRAPPINGS = (
    "{}",
    "\n  {}\n",
    "```json\n{}\n```",
    "```\n{}\n```",
    "Here it is:\n\n```JSON\n{}\n```",
    "```json\n{}",
)
AROUND = ("Sure, this is what I see: {}", "The answer is {}", *WRAPPINGS)


def same(value: Any, other: Any) -> bool:
    return json.dumps(value) == json.dumps(other)


def wrapped(wrapping: str, value: str) -> str:
    return wrapping.replace("{}", value)


@settings(max_examples=60, deadline=None)
@given(VALUE, st.sampled_from(WRAPPINGS), st.sampled_from([{}, {"indent": 2}, {"ensure_ascii": False}]))
def test_any_value_comes_back(value: Any, wrapping: str, form: dict[str, Any]) -> None:
    text = json.dumps(value, **form)
    if "```" in text:
        return
    found = find_json(wrapped(wrapping, text))
    assert found.whole
    assert same(found.value, value)
    assert found.rest == ""


@settings(max_examples=60, deadline=None)
@given(NESTED, st.sampled_from(AROUND), st.sampled_from(["", " I hope it helps.", "\n\nDone"]))
def test_an_object_or_list_is_found_between_words(value: Any, wrapping: str, after: str) -> None:
    text = json.dumps(value)
    if "```" in text:
        return
    found = find_json(wrapped(wrapping, text) + after)
    assert found.whole
    assert same(found.value, value)
    assert found.rest == after.strip()


@settings(max_examples=80, deadline=None)
@given(NESTED, st.sampled_from(["{}", "```json\n{}", "Here: {}", "Here:\n```\n{}\n```"]), st.data())
def test_no_strict_prefix_is_taken_for_the_whole(value: Any, wrapping: str, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    told = wrapped(wrapping, cut)
    assert find_json(told) == Found(None, False, told)


@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ('{"a": 1} and more', {"a": 1}, "and more"),
        ('```json\n{"a": 1}\n```\nThat is all.', {"a": 1}, "That is all."),
        ("[1] [2]", [1], "[2]"),
        ("42", 42, ""),
        ("true", True, ""),
        ('"a cat"', "a cat", ""),
    ],
)
def test_what_is_found(text: str, value: Any, rest: str) -> None:
    assert find_json(text) == Found(value, True, rest)


@pytest.mark.parametrize("text", ["", "A red square.", "yes", "NaN", "Infinity", "12 cats", "}", "tru"])
def test_words_are_no_json(text: str) -> None:
    assert find_json(text) == Found()


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '[{"a": {"b": 1, "b": 1}}]',
        '{"a": NaN}',
        "[Infinity]",
        "[-Infinity]",
        "[1e999]",
        '["\\ud800"]',
        '{"a": 1',
        '[{"a": 1}, {"a": 2}',
        'Found: [{"box": [1, 2, 3, 4]}, {"box": [5,',
        "[" * 100_000,
        "{'a': 1}",
        "[1, 2,]",
        "It is [red] and has {1: 2}",
        '```json\n{"a": 1\n```',
        "```python\nprint(1)\n```",
    ],
)
def test_what_is_broken_is_kept_as_unparsed(text: str) -> None:
    assert find_json(text) == Found(None, False, text)
    assert answer(text, "?") == Answer(text, "?", None, text)


def test_an_answer_says_what_its_confidence_means() -> None:
    assert answer('{"a": 1}', "?", 0.5) == Answer('{"a": 1}', "?", {"a": 1}, "", 0.5, "token-probability")
    assert answer("a cat", "?").score_kind == "none"
