import hashlib

import pytest

from ocella.errors import NotFound
from ocella.models.starter import starter_file, starter_sha256, starter_text

WEIGHTS = ("nanodet-g.onnx", "efficientnet-lite0.onnx", "movenet-multipose.onnx", "person-segmentation.onnx")


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_are_those_of_the_manifest(name: str) -> None:
    assert hashlib.sha256(starter_file(name).read_bytes()).hexdigest() == starter_sha256(name)


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [("coco80.txt", 80, "person", "toothbrush"), ("imagenet1k.txt", 1000, "tench", None)],
)
def test_class_lists_are_lines(name: str, count: int, first: str, last: str | None) -> None:
    lines = starter_text(name)
    assert len(lines) == len(set(lines)) == count
    assert lines[0] == first
    assert last in (None, lines[-1])
    assert all(line == line.strip() != "" for line in lines)


@pytest.mark.parametrize("name", ["yolo.onnx", "../../pyproject.toml", ""])
def test_a_file_that_it_lacks_is_named_with_what_there_is(name: str) -> None:
    with pytest.raises(NotFound, match=r"it has: .*nanodet-g\.onnx.*pip install --force-reinstall ocella-starter"):
        starter_file(name)


def test_an_unknown_hash_is_not_there() -> None:
    with pytest.raises(NotFound, match=r"no file 'yolo\.onnx'"):
        starter_sha256("yolo.onnx")
