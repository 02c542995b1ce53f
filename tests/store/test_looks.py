import subprocess
import sys
from pathlib import Path

import pytest

from ocella.errors import OcellaError
from ocella.store.looks import Looks
from ocella.store.results import Results


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "looks.sqlite"


def test_what_is_added_is_found_at_once_and_kept_by_a_flush(file: Path) -> None:
    with Looks(file) as looks:
        looks.add("q", [("a", {"x": 0.1}), ("b", None)])
        assert looks.find("q", ["b", "c", "a"]) == {"b": None, "a": {"x": 0.1}}
        assert looks.find("other", ["a"]) == {}
        with Looks(file) as second:
            assert second.find("q", ["a"]) == {}
        looks.flush()
        with Looks(file) as second:
            assert second.find("q", ["a", "b"]) == {"a": {"x": 0.1}, "b": None}
        looks.add("q", [("c", 3)])
    with Looks(file) as later:
        assert later.find("q", ["a", "c"]) == {"a": {"x": 0.1}}
        assert later.notes == []


def test_the_last_word_counts(file: Path) -> None:
    with Looks(file) as looks:
        looks.add("q", [("a", 1)])
        looks.flush()
        assert looks.find("q", ["a"]) == {"a": 1}
        looks.add("q", [("a", 2)])
        assert looks.find("q", ["a"]) == {"a": 2}
        looks.flush()
        assert looks.find("q", ["a"]) == {"a": 2}


def damage_head(file: Path) -> None:
    file.write_bytes(b"no database at all" * 100)


def damage_pages(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[4096:] = b"\xff" * (len(body) - 4096)
    file.write_bytes(bytes(body))


def damage_bodies(file: Path) -> None:
    import sqlite3

    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE results SET body = '{'")
    connection.close()


def other_table(file: Path) -> None:
    import sqlite3

    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE results (something TEXT)")
    connection.close()


@pytest.mark.parametrize("damage", [damage_head, damage_pages, damage_bodies, other_table])
def test_a_damaged_file_is_moved_aside_and_the_work_goes_on(file: Path, damage: object) -> None:
    assert callable(damage)
    for n in (1, 2):
        with Looks(file) as looks:
            looks.add("q", [(f"{i}", "x" * 1000) for i in range(50)])
            looks.flush()
        damage(file)
        with Looks(file) as looks:
            assert looks.find("q", ["1"]) == {}
            looks.add("q", [("1", "new")])
            looks.flush()
            assert looks.notes == [
                f"looks.sqlite was damaged and is now looks-damaged-{n}.sqlite; what it held is looked at again."
            ]
        assert file.with_name(f"looks-damaged-{n}.sqlite").is_file()
        with Looks(file) as looks:
            assert (looks.find("q", ["1"]), looks.notes) == ({"1": "new"}, [])
        file.unlink()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OcellaError, match=r"taken cannot be made.*Choose another folder"):
        Looks(tmp_path / "taken" / "looks.sqlite")
    (tmp_path / "looks.sqlite").mkdir()
    with pytest.raises(OcellaError, match=r"looks\.sqlite cannot be written: .*choose another folder"):
        Looks(tmp_path / "looks.sqlite")


FULL = """
import pathlib, resource, signal, sys
from ocella.errors import OcellaError
from ocella.store.looks import Looks
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Looks(pathlib.Path(sys.argv[1])) as looks:
    looks.add("q", [("first", 1)])
    looks.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    looks.add("q", [(str(n), "x" * 1000) for n in range(1000)])
    try:
        looks.flush()
    except OcellaError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are set the POSIX way")
def test_a_full_disk_is_told_and_what_was_kept_stays(file: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(file)], capture_output=True, text=True, check=True)
    assert "looks.sqlite cannot be written" in done.stdout
    assert "Free some space" in done.stdout
    with Looks(file) as looks:
        assert (looks.find("q", ["first", "1"]), looks.notes) == ({"first": 1}, [])


START = """
import pathlib, sys
from ocella.store.looks import Looks
for n in range(8):
    with Looks(pathlib.Path(sys.argv[1]) / f"{n}.sqlite") as looks:
        looks.add("q", [(sys.argv[2], n)])
        looks.flush()
        print(looks.notes)
"""


def test_several_may_start_at_once(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", START, str(tmp_path), name], stdout=subprocess.PIPE, text=True)
        for name in "abcd"
    ]
    assert [run.communicate()[0] for run in runs] == ["[]\n" * 8] * 4
    assert [run.returncode for run in runs] == [0] * 4
    for n in range(8):
        with Looks(tmp_path / f"{n}.sqlite") as looks:
            assert looks.find("q", list("abcd")) == dict.fromkeys("abcd", n)
    assert list(tmp_path.glob("*damaged*")) == []


def test_a_file_of_results_finds_what_is_asked_for(tmp_path: Path) -> None:
    results = Results(tmp_path / "r.sqlite")
    results.add("s", [("a", 1), ("b", [2])])
    results.add("t", [("c", 3)])
    assert results.find("s", ["b", "c"]) == {"b": [2]}
    assert results.find("s", []) == {}
    results.close()
