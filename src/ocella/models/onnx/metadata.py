"""What an exporter wrote beside an ONNX network: read from the file's own bytes, the network left where it lies."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ocella.errors import Mismatch, NotFound, Unreadable

__all__ = ["Exported", "read_exported", "read_metadata"]

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_METADATA = 14
"""The field of ModelProto that holds pairs of key and value."""
_TASKS = {"detect": "detect", "segment": "detect", "classify": "classify", "pose": "keypoints"}


@dataclass(frozen=True)
class Exported:
    """What the metadata say, as Ultralytics writes them: names of classes, task, input size, points of an object (count
    and numbers a point), licence. Empty, or None, where nothing is said.
    """

    classes: tuple[str, ...] = ()
    task: str = ""
    input_hw: tuple[int, int] | None = None
    points: tuple[int, int] | None = None
    license: str = ""


def read_exported(path: Path) -> Exported:
    """The metadata understood; values are literals of Python, never run. Raises NotFound, Unreadable, Mismatch."""
    said = read_metadata(path)
    return Exported(
        _names(path, said.get("names", "")),
        _TASKS.get(said.get("task", ""), ""),
        _pair(path, said, "imgsz"),
        _pair(path, said, "kpt_shape"),
        said.get("license", ""),
    )


def read_metadata(path: Path) -> dict[str, str]:
    """Pairs of the file's metadata; raises NotFound, or Unreadable where it is no ONNX file."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}. Check the path of the ONNX file.")
    end, found = path.stat().st_size, {}
    try:
        with path.open("rb") as stream:
            while stream.tell() < end:
                field, content = _field(stream, end, wanted=_METADATA)
                if field == _METADATA:
                    pair = _pair_of(content)
                    found[pair.get(1, b"").decode()] = pair.get(2, b"").decode()
    except (ValueError, OSError) as error:  # UnicodeDecodeError is a ValueError
        raise Unreadable(f"{path} is not an ONNX file that can be run: {error}.") from error
    return found


def _pair_of(content: bytes) -> dict[int, bytes]:
    from io import BytesIO

    stream, found = BytesIO(content), {}
    while stream.tell() < len(content):
        field, value = _field(stream, len(content), wanted=0)
        found[field] = value
    return found


def _field(stream: BinaryIO, end: int, *, wanted: int) -> tuple[int, bytes]:
    """Number and bytes of the next field; bytes of fields other than `wanted` (0: all) are passed over."""
    key = _varint(stream)
    field, kind = key >> 3, key & 7
    if kind == _VARINT:
        _varint(stream)
        return field, b""
    sizes = {_EIGHT: 8, _FOUR: 4}
    length = _varint(stream) if kind == _BYTES else sizes.get(kind, -1)
    if field == 0 or length < 0 or stream.tell() + length > end:
        raise ValueError("its bytes are no protocol buffer")
    if wanted in (0, field):
        return field, stream.read(length)
    stream.seek(length, 1)
    return field, b""


def _varint(stream: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        byte = stream.read(1)
        if not byte:
            raise ValueError("it ends in the middle")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("its bytes are no protocol buffer")


def _literal(path: Path, key: str, text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise Unreadable(f"The metadata '{key}' of {path} is no literal: {text[:80]!r}.") from error


def _names(path: Path, text: str) -> tuple[str, ...]:
    if not text:
        return ()
    said = _literal(path, "names", text)
    if isinstance(said, Mapping):
        if sorted(said) != list(range(len(said))):
            raise Mismatch(f"The metadata 'names' of {path} must number its classes from 0, got {list(said)[:5]}.")
        said = [said[i] for i in range(len(said))]
    if not isinstance(said, list | tuple):
        raise Unreadable(f"The metadata 'names' of {path} must be names by number, got {text[:80]!r}.")
    return tuple(str(name).strip() for name in said)


def _pair(path: Path, said: Mapping[str, str], key: str) -> tuple[int, int] | None:
    if key not in said:
        return None
    value = _literal(path, key, said[key])
    pair = (value, value) if isinstance(value, int) else value
    if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(isinstance(v, int) and v > 0 for v in pair):
        raise Unreadable(f"The metadata '{key}' of {path} must be two lengths, got {said[key][:80]!r}.")
    return int(pair[0]), int(pair[1])
