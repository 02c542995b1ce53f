from pathlib import Path

import numpy as np
import pytest
from tests.onnx_files import constant_file

from ocella.errors import Unreadable
from ocella.models.onnx.metadata import Exported, read_exported, read_metadata


def file_with(path: Path, metadata: dict[str, str]) -> Path:
    return constant_file(path, {"out": np.zeros((1, 3), np.float32)}, metadata=metadata)


def test_pairs_are_read_beside_a_large_network(tmp_path: Path) -> None:
    said = {"names": "{0: 'größe'}", "empty": "", "long": "x" * 5000}
    large = constant_file(tmp_path / "a.onnx", {"out": np.zeros((1, 300_000), np.float32)}, metadata=said)
    assert read_metadata(large) == said
    assert read_metadata(file_with(tmp_path / "b.onnx", {})) == {}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, Exported()),
        ({"names": "['a', 'b']"}, Exported(classes=("a", "b"))),
        ({"names": "{1: 'b', 0: 'a'}", "task": "segment"}, Exported(classes=("a", "b"), task="detect")),
        ({"task": "pose", "kpt_shape": "[17, 3]", "imgsz": "640"}, Exported((), "keypoints", (640, 640), (17, 3))),
        ({"task": "obb", "license": "MIT"}, Exported(license="MIT")),
    ],
)
def test_what_an_exporter_says_is_understood(tmp_path: Path, metadata: dict[str, str], expected: Exported) -> None:
    assert read_exported(file_with(tmp_path / "a.onnx", metadata)) == expected


@pytest.mark.parametrize("metadata", [{"imgsz": "[1]"}, {"imgsz": "[-1, 3]"}, {"kpt_shape": "'17'"}, {"imgsz": "f()"}])
def test_lengths_that_are_none_are_refused(tmp_path: Path, metadata: dict[str, str]) -> None:
    with pytest.raises(Unreadable, match="The metadata"):
        read_exported(file_with(tmp_path / "a.onnx", metadata))


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_a_file_cut_short_is_unreadable_or_says_less(tmp_path: Path, cut: int) -> None:
    whole = file_with(tmp_path / "a.onnx", {"names": "{0: 'a'}"})
    (tmp_path / "cut.onnx").write_bytes(whole.read_bytes()[:-cut])
    with pytest.raises(Unreadable, match=r"cut\.onnx is not an ONNX file"):
        read_metadata(tmp_path / "cut.onnx")


@pytest.mark.parametrize("content", [b"\x00", b"\xff" * 20, b"PK\x03\x04 no network", b"\x72\x05\x0a\x7fab"])
def test_bytes_that_are_no_protocol_buffer_are_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(Unreadable, match=r"bad\.onnx is not an ONNX file"):
        read_metadata(tmp_path / "bad.onnx")
