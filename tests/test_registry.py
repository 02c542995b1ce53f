import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocella.errors import InvalidValue, NotFound
from ocella.registry import Registry, did_you_mean


@dataclass(frozen=True)
class Fruit:
    """As every package of the tests has it."""

    name: str


UNIT = "from {module} import Fruit\nUNITS = ({units})\n"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """An importable package of its own, gone again afterwards."""
    folder = tmp_path / "orchard_of_tests"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "fruit.py").write_text(
        "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Fruit:\n    name: str\n\nUNITS = ()\n",
        encoding="utf-8",
    )
    sys.path.insert(0, str(tmp_path))
    yield folder
    sys.path.remove(str(tmp_path))
    for name in [n for n in sys.modules if n.split(".")[0] == folder.name]:
        del sys.modules[name]


def put(package: Path, file: str, *units: str) -> None:
    made = "".join(f"{unit}, " for unit in units)
    text = UNIT.format(module=f"{package.name}.fruit", units=made)
    (package / file).write_text(text, encoding="utf-8")


def registry(package: Path) -> Registry[Fruit]:
    __import__(f"{package.name}.fruit")
    base: type[Fruit] = sys.modules[f"{package.name}.fruit"].Fruit
    return Registry("fruit", package.name, "ocella.tests.no_such_group", base)


def test_units_are_found_by_walking_in_order_of_files(package: Path) -> None:
    put(package, "b_stone.py", "Fruit('plum')", "Fruit('cherry')")
    put(package, "a_pome.py", "Fruit('apple')")
    put(package, "_hidden.py", "Fruit('poison')")
    fruits = registry(package)
    assert list(fruits.units()) == ["apple", "plum", "cherry"]
    assert [f.name for f in fruits] == ["apple", "plum", "cherry"]
    assert fruits.get("plum").name == "plum"


def test_a_file_deleted_takes_only_its_units(package: Path) -> None:
    put(package, "b_stone.py", "Fruit('plum')")
    put(package, "a_pome.py", "Fruit('apple')")
    (package / "a_pome.py").unlink()
    assert list(registry(package).units()) == ["plum"]


def test_a_second_unit_of_one_name_is_refused(package: Path) -> None:
    put(package, "a_pome.py", "Fruit('apple')")
    put(package, "b_copy.py", "Fruit('apple')")
    with pytest.raises(InvalidValue, match=r"orchard_of_tests\.b_copy brings a second fruit named 'apple'\. Rename"):
        registry(package).units()


def test_a_unit_of_another_kind_is_refused(package: Path) -> None:
    put(package, "a_pome.py", "'apple'")
    with pytest.raises(InvalidValue, match=r"UNITS of orchard_of_tests\.a_pome must hold Fruit, got str"):
        registry(package).units()


def test_a_file_without_units_says_which(package: Path) -> None:
    (package / "a_pome.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"orchard_of_tests\.a_pome must have UNITS"):
        registry(package).units()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("aple", "There is no fruit 'aple'. Did you mean 'apple'?"),
        ("xyz", "There is no fruit 'xyz'. Known: apple, quince."),
    ],
)
def test_an_unknown_name_is_told_the_nearest(package: Path, name: str, message: str) -> None:
    put(package, "a_pome.py", "Fruit('apple')", "Fruit('quince')")
    with pytest.raises(NotFound) as caught:
        registry(package).get(name)
    assert str(caught.value) == message


def test_no_units_at_all(package: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no fruit 'apple'\. None is installed"):
        registry(package).get("apple")


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("nanodet", ["nanodet-g", "nanodet-m", "yolo"], " Did you mean 'nanodet-m' or 'nanodet-g'?"),
        ("a", [], " None is installed."),
    ],
)
def test_did_you_mean(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, known) == said
