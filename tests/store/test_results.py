import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocella.errors import Unreadable
from ocella.store.results import Results

WRITE = """
import pathlib, sys
from ocella.store.results import Results
results = Results(pathlib.Path(sys.argv[1]))
for n in range(10_000):
    results.add("s", [(f"{n}-{k}", {"n": n}) for k in range(3)])
    print(n, flush=True)
"""


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Results]:
    store = Results(tmp_path / "deep" / "r.sqlite")
    yield store
    store.close()


def test_kept_by_setting_and_image(results: Results) -> None:
    results.add("s", [("b", {"x": 1.5}), ("a", None)])
    results.add("t", [("a", ["ä"])])
    assert results.images("s") == {"a", "b"}
    assert list(results.items("s")) == [("a", None), ("b", {"x": 1.5})]
    assert list(results.items("t")) == [("a", ["ä"])]
    assert results.images("other") == set()


def test_the_last_word_counts(results: Results) -> None:
    results.add("s", [("a", 1)])
    results.add("s", [("a", 2)])
    assert list(results.items("s")) == [("a", 2)]


def test_nothing_to_add_is_fine(results: Results) -> None:
    results.add("s", [])
    assert results.images("s") == set()


def test_all_or_none(results: Results) -> None:
    def items() -> Iterator[tuple[str, Any]]:
        yield "a", 1
        yield "b", object()

    with pytest.raises(TypeError):
        results.add("s", items())
    assert results.images("s") == set()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=json_values)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_come_back_as_they_were(results: Results, value: Any) -> None:
    results.add("s", [("a", value)])
    assert list(results.items("s")) == [("a", value)]


@pytest.mark.parametrize("name", ["r.sqlite", "with space.sqlite", "50%?#&ü.sqlite"])
def test_opened_again_in_any_folder(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    if sys.platform == "win32" and "?" in name:
        file = tmp_path / name.replace("?", "")
    for _ in range(2):
        store = Results(file)
        store.add("s", [("a", 1)])
        assert store.images("s") == {"a"}
        store.close()
    assert file.is_file()


def test_what_add_returned_from_survives_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "r.sqlite"
    with subprocess.Popen([sys.executable, "-c", WRITE, str(file)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        last = -1
        for line in other.stdout:
            last = int(line)
            if last >= 25:
                break
        other.kill()
    store = Results(file)
    kept = store.images("s")
    store.close()
    assert {f"{n}-{k}" for n in range(last + 1) for k in range(3)} <= kept
    assert len(kept) % 3 == 0, "a batch is kept as a whole or not at all"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "r.sqlite"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(Unreadable, match=r"r\.sqlite.*Move it away"):
        Results(file)
