"""Operations on numbers, texts, lists, images and classifications, each against Python's own or a hand count."""

import base64
import io
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.types import Classification, Image, Moment
from ocella.workflows.query import Operations

ODD = Classification(np.array([0.2, 0.7, 0.1], np.float32), ("cat", "dog", "owl"))
SEVERAL = Classification(np.array([0.5, 0.1, 0.9], np.float32), ("cat", "dog", "owl"), multi_label=True)
PHOTO = Image(np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3))
FRAME = Image(PHOTO.pixels, moment=Moment("gate", 30, 1.5, 20.0, taken_at=86_400.0))


def apply(name: str, value: Any, **fields: Any) -> Any:
    return Operations([{"type": name, **fields}])(value)


@pytest.mark.parametrize(
    ("name", "fields", "value", "expected"),
    [
        ("StringToLowerCase", {}, "AbC", "abc"),
        ("StringToUpperCase", {}, "AbC", "ABC"),
        ("StringSubSequence", {}, "abcd", "abc"),
        ("StringSubSequence", {"start": 1, "end": 3}, "abcd", "bc"),
        ("StringMatches", {"regex": "^a.c$"}, "abc", True),
        ("StringMatches", {"regex": "b"}, "abc", True),
        ("StringMatches", {"regex": "^b"}, "abc", False),
        ("ToString", {}, 1.5, "1.5"),
        ("ToString", {}, ["a"], "['a']"),
        ("ToBoolean", {}, 0, False),
        ("ToBoolean", {}, 0.1, True),
        ("ToNumber", {"cast_to": "int"}, "3.7", 3),
        ("ToNumber", {"cast_to": "int"}, "12345678901234567890", 12345678901234567890),
        ("ToNumber", {"cast_to": "float"}, "3.7", 3.7),
        ("ToNumber", {"cast_to": "float"}, True, 1.0),
        ("NumberRound", {"decimal_digits": 1}, 2.25, 2.2),
        ("NumberRound", {"decimal_digits": 1}, 2.35, 2.4),
        ("Multiply", {"other": 3}, 2, 6),
        ("Multiply", {"other": 0.5}, 3, 1.5),
        ("Divide", {"other": 4}, 1, 0.25),
        ("LookupTable", {"lookup_table": {"a": 1}}, "a", 1),
        ("SequenceMap", {"lookup_table": {"a": 1, "b": 2}}, ["b", "a", "b"], [2, 1, 2]),
        ("SequenceApply", {"operations": [{"type": "Multiply", "other": 2}]}, [1, 2], [2, 4]),
        ("SequenceLength", {}, [1, 2, 3], 3),
        ("SequenceLength", {}, {"a": 1}, 1),
        ("SequenceElementsCount", {}, ["a", "b", "a"], {"a": 2, "b": 1}),
        ("SequenceElementsCount", {}, [], {}),
        ("SequenceJoin", {}, ["a", 1, None], "a, 1, None"),
        ("SequenceJoin", {"separator": "-"}, [], ""),
        ("NumericSequenceAggregate", {"function": "min"}, [3, 1, 2], 1),
        ("NumericSequenceAggregate", {"function": "max"}, [3, 1, 2], 3),
        ("NumericSequenceAggregate", {"function": "sum"}, [3, 1, 2], 6),
        ("NumericSequenceAggregate", {"function": "sum"}, [], None),
        ("NumericSequenceAggregate", {"function": "max", "neutral_value": 0}, [], 0),
        ("SequenceAggregate", {"mode": "first"}, [3, 1, 2], 3),
        ("SequenceAggregate", {"mode": "last"}, [3, 1, 2], 2),
        ("SequenceAggregate", {"mode": "most_common"}, ["b", "a", "b"], "b"),
        ("SequenceAggregate", {"mode": "least_common"}, ["b", "a", "b"], "a"),
        ("ExtractImageProperty", {"property_name": "size"}, PHOTO, 24),
        ("ExtractImageProperty", {"property_name": "height"}, PHOTO, 4),
        ("ExtractImageProperty", {"property_name": "width"}, PHOTO, 6),
        ("ExtractImageProperty", {"property_name": "aspect_ratio"}, PHOTO, 1.5),
        ("ExtractFrameMetadata", {"property_name": "frame_number"}, FRAME, 30),
        ("ExtractFrameMetadata", {"property_name": "seconds_since_start"}, FRAME, 1.5),
        ("ExtractFrameMetadata", {"property_name": "frame_timestamp"}, FRAME, datetime(1970, 1, 2, tzinfo=UTC)),
        ("TimestampToISOFormat", {}, datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00+00:00"),
        ("ClassificationPropertyExtract", {"property_name": "top_class"}, ODD, "dog"),
        ("ClassificationPropertyExtract", {"property_name": "all_classes"}, ODD, ["dog", "cat", "owl"]),
        ("ClassificationPropertyExtract", {"property_name": "top_class"}, SEVERAL, ["owl", "cat"]),
        ("ClassificationPropertyExtract", {"property_name": "all_classes"}, SEVERAL, ["cat", "dog", "owl"]),
    ],
)
def test_an_operation(name: str, fields: dict[str, Any], value: Any, expected: Any) -> None:
    found = apply(name, value, **fields)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("what", "value", "expected"),
    [
        ("top_class_confidence", ODD, 0.7),
        ("top_class_confidence_single", ODD, 0.7),
        ("all_confidences", ODD, [0.7, 0.2, 0.1]),
        ("top_class_confidence", SEVERAL, [0.9, 0.5]),
        ("top_class_confidence_single", SEVERAL, 0.9),
        ("all_confidences", SEVERAL, [0.5, 0.1, 0.9]),
        ("top_class_confidence_single", Classification(np.zeros(1, np.float32), ("cat",), multi_label=True), 0.0),
    ],
)
def test_confidences_of_a_classification(what: str, value: Classification, expected: Any) -> None:
    assert apply("ClassificationPropertyExtract", value, property_name=what) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Multiply", {"other": 2}),
        ("Divide", {"other": 2}),
        ("NumberRound", {"decimal_digits": 0}),
        ("ToNumber", {"cast_to": "int"}),
        ("ToNumber", {"cast_to": "float"}),
    ],
)
def test_arithmetic_on_the_neutral_value_of_an_empty_list_stays_nothing(name: str, fields: dict[str, Any]) -> None:
    chain = Operations([{"type": "NumericSequenceAggregate", "function": "max"}, {"type": name, **fields}])
    assert chain([]) is None


@pytest.mark.parametrize(
    ("name", "fields", "value", "message"),
    [
        ("StringToLowerCase", {}, 5, "StringToLowerCase expected string, got 5"),
        ("StringMatches", {"regex": "a"}, None, "StringMatches expected string, got None"),
        ("ToNumber", {"cast_to": "int"}, "many", "ToNumber expected .* got 'many'"),
        ("ToNumber", {"cast_to": "int"}, math.inf, "ToNumber expected"),
        ("NumberRound", {"decimal_digits": 1}, "a", "NumberRound expected"),
        ("Multiply", {"other": 3}, "ab", "Multiply expected"),
        ("Divide", {"other": 3}, [1], "Divide expected"),
        ("LookupTable", {"lookup_table": {"a": 1}}, "b", "LookupTable has no entry for 'b'; it has 'a'"),
        ("LookupTable", {"lookup_table": {"a": 1}}, [], "LookupTable expected"),
        ("SequenceMap", {"lookup_table": {}}, ["b"], "SequenceMap has no entry"),
        ("SequenceMap", {"lookup_table": {}}, 5, "SequenceMap expected list_of_values, got 5"),
        ("SequenceApply", {"operations": []}, 5, "SequenceApply expected"),
        ("SequenceApply", {"operations": [{"type": "StringToLowerCase"}]}, [5], "StringToLowerCase expected"),
        ("SequenceLength", {}, 5, "SequenceLength expected"),
        ("SequenceJoin", {}, 5, "SequenceJoin expected"),
        ("SequenceJoin", {"separator": "x" * 600_000}, [1, 2, 3], "at most 1000000 characters"),
        ("NumericSequenceAggregate", {"function": "sum"}, ["a"], "NumericSequenceAggregate expected"),
        ("NumericSequenceAggregate", {"function": "max"}, [1, None], "NumericSequenceAggregate expected"),
        ("SequenceAggregate", {"mode": "first"}, [], "at least one value"),
        ("SequenceAggregate", {"mode": "most_common"}, [[]], "SequenceAggregate expected"),
        ("ExtractImageProperty", {"property_name": "size"}, "a", "ExtractImageProperty expected image"),
        ("ExtractFrameMetadata", {"property_name": "frame_number"}, PHOTO, "needs a picture of a video"),
        ("TimestampToISOFormat", {}, "2026", "TimestampToISOFormat expected timestamp"),
        ("ConvertDictionaryToJSON", {}, [1], "ConvertDictionaryToJSON expected dictionary"),
        ("ConvertDictionaryToJSON", {}, {"a": object()}, "expected a value that JSON can hold, got object"),
        ("ClassificationPropertyExtract", {"property_name": "top_class"}, {}, "ClassificationPropertyExtract expected"),
    ],
)
def test_a_value_that_does_not_fit_is_told_by_the_operation(
    name: str, fields: dict[str, Any], value: Any, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        apply(name, value, **fields)


def test_a_random_number_lies_between_its_limits() -> None:
    found = [apply("RandomNumber", "anything", min_value=2, max_value=3) for _ in range(50)]
    assert all(2 <= v <= 3 for v in found)
    assert len(set(found)) > 1
    assert apply("RandomNumber", None, min_value=4, max_value=4) == 4


def test_a_mapping_becomes_json() -> None:
    value = {"a": [1, {"b": None}], "at": datetime(2026, 3, 1, tzinfo=UTC), "array": np.array([1, 2])}
    assert json.loads(apply("ConvertDictionaryToJSON", value)) == {
        "a": [1, {"b": None}],
        "at": "2026-03-01T00:00:00+00:00",
        "array": [1, 2],
    }


def test_jpeg_is_read_back_by_pillow() -> None:
    from PIL import Image as Picture

    flat = Image(np.full((8, 10, 3), (200, 30, 60), np.uint8))
    data = apply("ConvertImageToJPEG", flat)
    picture = np.asarray(Picture.open(io.BytesIO(data)))
    assert picture.shape == (8, 10, 3)
    assert np.abs(picture.astype(int) - (200, 30, 60)).max() <= 3
    assert base64.b64decode(apply("ConvertImageToBase64", flat)) == data
    rough = Image(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))
    assert len(apply("ConvertImageToJPEG", rough, compression_level=5)) < len(apply("ConvertImageToJPEG", rough))


@given(st.text(), st.integers(-5, 5), st.integers(-5, 5))
def test_parts_of_texts_are_those_of_python(text: str, start: int, end: int) -> None:
    assert apply("StringSubSequence", text, start=start, end=end) == text[start:end]


@given(st.lists(st.integers(), min_size=1), st.sampled_from(["min", "max", "sum"]))
def test_numbers_of_lists_are_those_of_numpy(values: list[int], function: str) -> None:
    wide = np.array(values, object)
    assert apply("NumericSequenceAggregate", values, function=function) == getattr(wide, function)()


@given(st.lists(st.sampled_from("abc")))
def test_counts_are_those_of_numpy(values: list[str]) -> None:
    names, counts = np.unique(np.array(values, str), return_counts=True)
    expected = dict(zip(names.tolist(), counts.tolist(), strict=True))
    assert apply("SequenceElementsCount", values) == expected


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_survives_its_text(value: float) -> None:
    chain = Operations([{"type": "ToString"}, {"type": "ToNumber", "cast_to": "float"}])
    assert chain(value) == value


@given(st.text(alphabet="ab", max_size=6))
def test_matching_is_searching(text: str) -> None:
    assert apply("StringMatches", text, regex="ab+") is bool(re.search("ab+", text))
