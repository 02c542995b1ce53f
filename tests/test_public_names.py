"""What `import ocella` offers, and what it does not load."""

import importlib
import json
import subprocess
import sys

import pytest

import ocella

LISTED = """
import json, sys
import ocella
heavy = {"PIL", "cv2", "httpx", "onnxruntime", "rich", "sqlalchemy", "supervision", "torch", "transformers", "typer"}
print(json.dumps([sorted(heavy & set(sys.modules)), sorted(m for m in sys.modules if m.startswith("ocella"))]))
"""


@pytest.mark.parametrize("name", ocella.__all__)
def test_every_public_name_is_there_and_explained(name: str) -> None:
    value = getattr(ocella, name)
    assert callable(value)
    assert (value.__doc__ or "").strip()
    assert getattr(ocella, name) is value


def test_public_names_are_few_sorted_and_unique() -> None:
    assert list(ocella.__all__) == sorted(set(ocella.__all__))
    assert len(ocella.__all__) <= 24
    assert set(ocella.__all__) <= set(dir(ocella))
    assert dir(ocella) == sorted(dir(ocella))


def test_a_star_import_gives_just_these() -> None:
    given: dict[str, object] = {}
    exec("from ocella import *", given)  # noqa: S102  # the statement is what is tested
    assert {n for n in given if not n.startswith("__")} == set(ocella.__all__)


@pytest.mark.parametrize("name", ["lable", "_homes", "torch", ""])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'ocella' has no attribute '{name}'"):
        getattr(ocella, name)
    assert not hasattr(ocella, name)


def test_a_module_is_still_reached_by_its_own_name() -> None:
    assert importlib.import_module("ocella.errors").NotFound.exit_code == 3


def test_importing_ocella_loads_nothing_else() -> None:
    told = subprocess.run([sys.executable, "-c", LISTED], check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(told.stdout) == [[], ["ocella"]]


def test_the_command_line_s_help_loads_no_heavy_library() -> None:
    script = LISTED.replace("import ocella\n", "from ocella.cli.main import main\nmain(['--help'])\n")
    script = script.replace('"rich", ', "").replace(', "typer"', "")
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(told.stdout.splitlines()[-1])[0] == []


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert ocella.__version__ == version("ocella")
