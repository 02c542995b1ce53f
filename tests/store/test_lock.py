import subprocess
import sys
from pathlib import Path

import pytest

from ocella.errors import Busy, OcellaError
from ocella.store.lock import exclusive

HOLD = "import sys, pathlib, time\nfrom ocella.store.lock import exclusive\nwith exclusive(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"


def test_one_holder_at_a_time_and_free_after(tmp_path: Path) -> None:
    folder = tmp_path / "set" / ".ocella"
    with exclusive(folder), pytest.raises(Busy, match="Wait for it"), exclusive(folder):
        pass
    with exclusive(folder):
        pass


def test_free_after_an_error(tmp_path: Path) -> None:
    def fail() -> None:
        with exclusive(tmp_path):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with exclusive(tmp_path):
        pass


def test_other_folders_are_free(tmp_path: Path) -> None:
    with exclusive(tmp_path / "a"), exclusive(tmp_path / "b"):
        pass


def test_a_killed_process_frees_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == "held\n"
            with pytest.raises(Busy), exclusive(tmp_path):
                pass
        finally:
            other.kill()
    with exclusive(tmp_path):
        pass


@pytest.mark.parametrize("kind", ["a file in the way", "a broken lock file", "a folder in the way"])
def test_what_is_not_busy_is_not_called_so(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "x"
    if kind == "a file in the way":
        folder.write_text("mine", encoding="utf-8")
    elif kind == "a broken lock file":
        folder.mkdir()
        (folder / "lock.sqlite").write_bytes(b"no database at all" * 100)
    else:
        (folder / "lock.sqlite").mkdir(parents=True)
    with pytest.raises(OcellaError, match="cannot be locked") as caught, exclusive(folder):
        pass
    assert not isinstance(caught.value, Busy)
