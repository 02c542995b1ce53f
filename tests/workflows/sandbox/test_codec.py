"""Values over the border and back, and bytes that are no values."""

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Keypoints,
    Masks,
    Moment,
    Origin,
    SegmentationMap,
    TextLines,
)
from ocella.types.keypoints import Skeleton
from ocella.workflows.sandbox.codec import Batched, NotData, pack, read_frame, unpack, write_frame

PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
FOUND = Detections(
    np.array([[0, 0, 3, 2], [1, 1, 2, 2]], np.float32),
    np.array([0.5, 0.25], np.float32),
    np.array([1, 0]),
    ("a", "b"),
    Masks.from_dense(np.ones((2, 2, 4), bool)),
    Keypoints(np.ones((2, 1, 2), np.float32), np.ones((2, 1), np.float32), np.ones((2, 1), bool), Skeleton(("nose",))),
    np.array([7, 8]),
    {"note": np.array(["x", "yy"]), "any": np.array([{"k": [1]}, None], object)},
    Origin("root", (3, 4), (1, 1), (20, 30)),
    (2, 4),
)
VALUES: list[Any] = [
    None, True, -3, 2.5, float("inf"), "text 😀", [1, [2, "x"]], (1, (2,)), {"a": {1: (None,)}}, b"\x00\xff", 10**30,
    Image(PIXELS, Origin("cam", (1.5, 2.0)), Moment("cam", 3, 0.1, 30.0, 1e9, True)), FOUND, Detections.empty(("a",)),
    Classification(np.array([0.25, 0.75], np.float32), ("no", "yes"), True), Moment("v", 0, 0.0),
    Embedding(np.array([0.6, 0.8], np.float32), "clip"), DepthMap(np.ones((2, 3), np.float32), True), Answer("yes", "sure?"),
    SegmentationMap(np.zeros((2, 2), np.int64), ("sky",)), TextLines.empty(),
    datetime(2024, 5, 1, tzinfo=UTC),
]  # fmt: skip
ARRAYS = [
    np.arange(6, dtype=np.float32).reshape(2, 3),
    np.zeros((0, 4), np.int16),
    np.array(7.5),
    np.array(["a", "bcd"]),
    np.array([[1, "x"], [None, [2, 3]]], object),
    np.arange(12).reshape(3, 4)[:, ::2],
    np.array(["2024-01-01"], "datetime64[D]"),
    np.array([True, False]),
    np.array([1 + 2j]),
]
FORGED = [
    ("no JSON", b"{", b""),
    ("a JSON object", b'{"a":1}', b""),
    ("an unknown tag", b'["call","os.system"]', b""),
    ("no tag", b"[]", b""),
    ("a list as tag", b'[["x"]]', b""),
    ("outside of the bytes", b'["array","<f8",[2],[0,16]]', b"12345678"),
    ("a negative place", b'["bytes",[-4,4]]', b"12345678"),
    ("objects as bytes", b'["array","|O",[1],[0,8]]', b"12345678"),
    ("a structured type", b'["array","<f8,<f8",[1],[0,16]]', bytes(16)),
    ("another shape", b'["array","<f8",[3],[0,16]]', bytes(16)),
    ("an array of nothing", b'["array","|u1",[99999999999],[0,0]]', b""),
    ("no pixels", b'["image",["|u1",[2,2],[0,4]],["map",[]],null]', b"1234"),
    ("a deep list", b"[" * 100_000 + b"]" * 100_000, b""),
    ("a vast mask", b'["detections",[["array","<f4",[0,4],[0,0]],["array","<f4",[0],[0,0]],["array","<i8",[0],[0,0]],["list",[]],null,["map",[]],["list",[["list",[]],["list",[0]],["list",[1000000,1000000]]]],null,null,null]]', b""),
    ("boxes the wrong way", b'["detections",[["list",[["list",[9,9,1,1]]]],["list",[1]],["list",[0]],["list",["a"]],null,["map",[]],null,null,null,null]]', b""),
]  # fmt: skip


def sent(value: Any) -> Any:
    stream = io.BytesIO()
    write_frame(stream, value, text=10**6, blobs=10**6)
    stream.seek(0)
    return read_frame(stream, text=10**6, blobs=10**6)


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_a_value_comes_back(value: Any) -> None:
    back = sent(value)
    assert type(back) is type(value)
    assert back == value or isinstance(value, DepthMap)


@pytest.mark.parametrize("value", ARRAYS, ids=lambda v: f"{v.dtype}{v.shape}")
def test_an_array_comes_back(value: Any) -> None:
    back = sent(value)
    assert (back.dtype, back.shape) == (value.dtype, value.shape)
    assert back.tolist() == value.tolist()


def test_numbers_of_numpy_become_numbers() -> None:
    assert sent({"a": np.float32(0.5), "b": [np.int64(3), np.bool_(True)]}) == {"a": 0.5, "b": [3, True]}
    assert type(sent(np.float64(0.5))) is float


def test_a_batch_stays_one() -> None:
    assert sent(Batched([1, None])) == Batched([1, None])


@pytest.mark.parametrize(("case", "head", "blob"), FORGED, ids=[f[0] for f in FORGED])
def test_bytes_that_are_no_value_are_refused(case: str, head: bytes, blob: bytes) -> None:
    del case
    with pytest.raises(NotData):
        unpack(head, blob)


def test_what_no_value_is_and_what_is_too_large_is_refused() -> None:
    with pytest.raises(NotData, match="type object"):
        pack([object()])
    with pytest.raises(NotData, match="too large"):
        write_frame(io.BytesIO(), np.zeros(100), text=100, blobs=100)
    with pytest.raises(NotData, match="larger"):
        read_frame(io.BytesIO(b"OCCC" + b"\xff" * 12), text=100, blobs=100)
    with pytest.raises(EOFError):
        read_frame(io.BytesIO(b"OCC"), text=100, blobs=100)
