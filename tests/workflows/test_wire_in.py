"""Values from outside: images in every form, and what is refused."""

import base64
import pickle
import warnings
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.errors import InvalidValue, Refused, Unreadable
from ocella.types import Classification, Detections, Image, Moment, Origin
from ocella.workflows.services import Services
from ocella.workflows.wire_in import read_image, read_value
from ocella.workflows.wire_out import write_value

NOTHING = Services()
FILES = Services(allow=frozenset({"read-files"}))
RED = np.zeros((8, 12, 3), np.uint8) + np.array([200, 10, 30], np.uint8)


def encoded(kind: str, pixels: Any = RED) -> bytes:
    buffer = BytesIO()
    Pillow.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def text(kind: str, pixels: Any = RED) -> str:
    return base64.b64encode(encoded(kind, pixels)).decode()


PNG = text("PNG")
NOISE = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    "value",
    [
        Image(RED),
        RED,
        encoded("PNG"),
        Pillow.fromarray(RED),
        {"type": "base64", "value": PNG},
        {"value": PNG},
        {"type": "base64", "value": f"data:image/png;base64,{PNG}"},
        {"type": "base64", "value": "\n".join(PNG[i : i + 76] for i in range(0, len(PNG), 76))},
        f"data:image/png;base64,{PNG}",
        PNG,
    ],
    ids=["Image", "array", "bytes", "pillow", "base64", "untyped", "data-uri", "lines", "bare data-uri", "bare base64"],
)
def test_forms_of_an_image(value: Any) -> None:
    assert np.array_equal(read_image(value, NOTHING).pixels, RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_bare_base64_of_every_format_is_no_path(kind: str) -> None:
    assert read_image(text(kind, NOISE), NOTHING).size_hw == (64, 64)


def test_grey_arrays_are_images() -> None:
    assert read_image(RED[..., 0], NOTHING).pixels.shape == (8, 12, 3)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        ({"type": "base64", "value": "a*b"}, InvalidValue, "base64"),
        ({"type": "base64", "value": "abc"}, InvalidValue, "base64"),
        ({"type": "base64", "value": 3}, InvalidValue, "got type 'base64'"),
        ({"type": "blob", "value": PNG}, InvalidValue, "got type 'blob'"),
        ({"type": "base64", "value": base64.b64encode(b"no image at all").decode()}, Unreadable, "cannot be decoded"),
        ({"type": "base64", "value": text("JPEG", NOISE)[: 4 * 300]}, Unreadable, "cannot be decoded"),
        (encoded("JPEG", NOISE)[:900], Unreadable, "900 bytes"),
        (3.5, InvalidValue, "got float"),
        (None, InvalidValue, "got NoneType"),
    ],
)
def test_what_is_no_image(value: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_image(value, FILES)


@pytest.mark.parametrize("kind", ["numpy", "numpy_object"])
def test_pickles_are_never_opened(kind: str) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return warnings.warn, ("opened",)

    data = base64.b64encode(pickle.dumps(Trap())).decode()
    with pytest.raises(InvalidValue, match="pickles, which are never opened"):
        read_image({"type": kind, "value": data}, FILES)


@pytest.mark.parametrize("form", [str, Path, lambda p: {"type": "file", "value": str(p)}], ids=["text", "path", "file"])
def test_files_need_permission(tmp_path: Path, form: Any) -> None:
    file = tmp_path / "red.png"
    file.write_bytes(encoded("PNG"))
    with pytest.raises(Refused, match="--allow read-files"):
        read_image(form(file), NOTHING)
    read = read_image(form(file), FILES)
    assert np.array_equal(read.pixels, RED)
    assert read.origin.source == str(file)


@pytest.mark.parametrize("form", [str, lambda u: {"type": "url", "value": u}], ids=["text", "url"])
def test_addresses_need_permission(form: Any) -> None:
    with pytest.raises(Refused, match="--allow read-urls"):
        read_image(form("http://example.com/a.png"), FILES)


def test_place_and_moment_of_a_crop() -> None:
    place = {"offset_x": 5, "offset_y": 6, "width": 100, "height": 50}
    video = {
        "video_identifier": "gate",
        "frame_number": 31,
        "frame_timestamp": "1970-01-01T00:01:00",
        "fps": 15,
        "comes_from_video_file": True,
        "measured_fps": None,
    }
    value = {
        "type": "base64",
        "value": PNG,
        "parent_id": "crop",
        "parent_origin": place,
        "root_parent_id": "street",
        "root_parent_origin": place,
        "video_metadata": video,
    }
    image = read_image(value, NOTHING)
    assert image.origin == Origin("street", (5.0, 6.0), root_hw=(50, 100))
    assert image.moment == Moment("gate", 31, 2.0, 15.0, 60.0, is_file=True)  # 30 frames after the first


@pytest.mark.parametrize(
    ("video", "expected"),
    [
        (Moment("a", 1, 0.5), Moment("a", 1, 0.5)),
        (Moment("a", 1, 0.5).to_json(), Moment("a", 1, 0.5)),
        (
            {"video_identifier": 1, "frame_number": 2, "frame_timestamp": datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC)},
            Moment("1", 2, 0.0, 0.0, 9.0),
        ),
        (
            {"video_identifier": "a", "frame_number": 2, "frame_timestamp": 9.0, "started_at": 4.0, "fps": None},
            Moment("a", 2, 5.0, 0.0, 9.0),
        ),
    ],
)
def test_video_metadata(video: Any, expected: Moment) -> None:
    assert read_value("video_metadata", video, NOTHING) == expected


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("video_metadata", 3, "expected video metadata, got int"),
        ("video_metadata", {"video_identifier": "a"}, "'frame_number'"),
        ("video_metadata", {"video_identifier": "a", "frame_number": 1, "frame_timestamp": "noon"}, "noon"),
        ("integer", True, "expected integer"),
        ("float_zero_to_one", 1.5, "within 0..1, got 1.5"),
        ("string", 3, "expected string"),
        ("numpy_array", [[1, 2], [3]], "lists of one length"),
        ("numpy_array", ["a"], "array of numbers"),
        ("timestamp", "yesterday", "ISO 8601"),
        ("bytes", "*", "base64"),
    ],
)
def test_wrong_values_say_what_was_expected(kind: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        read_value(kind, value, NOTHING)


def test_values_by_kind() -> None:
    assert read_value("float", 3, NOTHING) == 3
    assert read_value("boolean", True, NOTHING) is True
    assert read_value("numpy_array", [[1, 2]], NOTHING).tolist() == [[1, 2]]
    assert read_value("timestamp", "2026-01-02T03:04:05+00:00", NOTHING) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert read_value("bytes", "YWJj", NOTHING) == b"abc"
    assert isinstance(read_value("qr_code_detection", {"predictions": []}, NOTHING), Detections)
    said = read_value("classification_prediction", {"predictions": {"a": {"confidence": 1, "class_id": 0}}}, NOTHING)
    assert said == Classification(np.array([1.0]), ("a",), multi_label=True)


@pytest.mark.parametrize(("named", "least"), [(["cat"], 0.5), (["cat", "dog"], 0.4), ([], 2.0), (None, 0.5)])
def test_predicted_classes_count_as_found(named: list[str] | None, least: float) -> None:
    value: dict[str, Any] = {
        "predictions": {"cat": {"class_id": 0, "confidence": 0.7}, "dog": {"class_id": 1, "confidence": 0.4}}
    }
    read = read_value(
        "classification_prediction", value | ({} if named is None else {"predicted_classes": named}), NOTHING
    )
    assert read.least == least
    assert write_value(read)["predicted_classes"] == (["cat"] if named is None else named)
