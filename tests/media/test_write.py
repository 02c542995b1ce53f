import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile import picture

from ocella.errors import InvalidValue, NotFound, OcellaError, Refused
from ocella.media.load import load
from ocella.media.write import (
    encode_jpeg,
    encode_png,
    link_or_copy,
    remove_leftovers,
    replacing,
    write_bytes,
    write_json,
    write_text,
)
from ocella.types import Image


def test_bytes_text_and_json_arrive_in_new_folders(tmp_path: Path) -> None:
    assert write_bytes(tmp_path / "a" / "b.bin", b"\x00\r\n").read_bytes() == b"\x00\r\n"
    assert write_text(tmp_path / "c.txt", "caf\u00e9\n").read_bytes() == b"caf\xc3\xa9\n"
    assert (
        write_json(tmp_path / "d.json", {"b": 1.5, "a": ["\u5bcc"]}).read_bytes() == b'{"b":1.5,"a":["\xe5\xaf\x8c"]}\n'
    )


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.floats(allow_nan=False, allow_infinity=False)))
@settings(max_examples=25, deadline=None)
def test_json_keeps_floats_and_order(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = write_json(tmp_path_factory.getbasetemp() / "kept.json", data)
    again = json.loads(path.read_text(encoding="utf-8"))
    assert again == data
    assert list(again) == list(data)


@pytest.mark.parametrize("data", [float("nan"), {"a": object()}, np.float32(1), "\ud800"])
def test_what_json_cannot_hold_is_refused_and_nothing_written(tmp_path: Path, data: Any) -> None:
    path = write_text(tmp_path / "old.json", "old")
    with pytest.raises(InvalidValue, match=r"old\.json"):
        write_json(path, data)
    assert [p.name for p in tmp_path.iterdir()] == ["old.json"]
    assert path.read_text(encoding="utf-8") == "old"


def _stop_half_way(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise ZeroDivisionError


def test_a_failure_half_way_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = write_text(tmp_path / "old.txt", "old")
    with pytest.raises(ZeroDivisionError):
        _stop_half_way(path)
    assert [p.name for p in tmp_path.iterdir()] == ["old.txt"]
    assert path.read_text(encoding="utf-8") == "old"


def test_where_nothing_can_be_written_the_message_names_the_file(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "x")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "below.txt", tmp_path / "folder"):
        with pytest.raises(OcellaError, match="was not written") as caught:
            write_text(path, "y")
        assert str(path) in str(caught.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]


FULL = """
import resource, signal, sys
from ocella.errors import OcellaError
from ocella.media.write import write_bytes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(sys.argv[1], bytes(5000))
except OcellaError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are set the POSIX way")
def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path: Path) -> None:
    path = write_text(tmp_path / "old.bin", "old")
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    assert "was not written, nothing was changed" in done.stdout
    assert [p.name for p in tmp_path.iterdir()] == ["old.bin"]
    assert path.read_text(encoding="utf-8") == "old"


def test_png_has_no_loss_and_jpeg_little() -> None:
    image = Image(picture())
    np.testing.assert_array_equal(load(encode_png(image)).pixels, image.pixels)
    off = np.abs(load(encode_jpeg(image, 95)).pixels.astype(int) - image.pixels).mean()
    assert off < 1
    assert len(encode_jpeg(image, 30)) < len(encode_jpeg(image, 95))
    assert encode_jpeg(image) == encode_jpeg(image, 95)


@pytest.mark.parametrize("quality", [0, 101, -5])
def test_jpeg_quality_has_bounds(quality: int) -> None:
    with pytest.raises(InvalidValue, match="1 to 100"):
        encode_jpeg(Image(picture()), quality)


def test_jpeg_refuses_sides_it_cannot_hold() -> None:
    with pytest.raises(InvalidValue, match="PNG"):
        encode_jpeg(Image(np.zeros((1, 65_536, 3), np.uint8)))


def _file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_linking_makes_one_file_of_two_names_and_may_be_repeated(tmp_path: Path) -> None:
    source, target = _file(tmp_path / "a", "x"), tmp_path / "below" / "b"
    for _ in range(2):
        assert link_or_copy(source, target) == target
        assert target.read_text(encoding="utf-8") == "x"
    assert link_or_copy(source, source) == source


def test_equal_content_may_stay_and_other_content_is_never_overwritten(tmp_path: Path) -> None:
    source, same, other = (_file(tmp_path / n, t) for n, t in (("a", "x"), ("same", "x"), ("other", "y")))
    link_or_copy(source, same)
    with pytest.raises(Refused, match="taken by other content"):
        link_or_copy(source, other)
    assert other.read_text(encoding="utf-8") == "y"
    with pytest.raises(Refused):
        link_or_copy(source, tmp_path)


def test_a_link_is_followed_so_that_the_data_set_holds_the_file(tmp_path: Path) -> None:
    _file(tmp_path / "real", "x")
    try:
        (tmp_path / "link").symlink_to("real")
    except OSError:
        pytest.skip("this account may not make links")
    target = link_or_copy(tmp_path / "link", tmp_path / "out")
    assert not target.is_symlink()
    assert target.read_text(encoding="utf-8") == "x"


def test_across_disks_a_copy_is_made(tmp_path: Path) -> None:
    memory = Path("/dev/shm")  # noqa: S108  the only second disk that is common
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one disk only")
    source, target = _file(tmp_path / "a", "x"), memory / f"{tmp_path.name}-{os.getpid()}"
    try:
        link_or_copy(source, target)
        assert target.read_text(encoding="utf-8") == "x"
        assert target.stat().st_nlink == 1
    finally:
        target.unlink(missing_ok=True)


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="gone"):
        link_or_copy(tmp_path / "gone", tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_killed_writers_go_and_nothing_else(tmp_path: Path) -> None:
    kept = [".hidden.tmp", ".0123456789ab.jpg", "0123456789ab.tmp", ".0123456789xy.tmp", "a.json"]
    for name in (*kept, ".0123456789ab.tmp", ".fedcba987654.tmp.json"):
        (tmp_path / name).write_bytes(b"x")
    remove_leftovers(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(kept)
    remove_leftovers(tmp_path / "gone")
