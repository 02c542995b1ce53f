"""A unit is one file: with it deleted, its units are gone and all the others keep their promises.

The installed package is left alone: files are deleted from a copy, which other processes then run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import ocella
from ocella.workflows.catalog import all_blocks

ROOT = Path(__file__).parents[2]
SOURCE = Path(ocella.__file__).parent
FOLDERS = ("models/zoo", "datasets/formats", "labeling/rules", "training/recipes", "cli/commands")
UNIT_FILES = [f"{folder}/{f.name}" for folder in FOLDERS for f in sorted((SOURCE / folder).glob("[!_]*.py"))]

LIST = """
import json
import ocella
from ocella.cli.command import commands
from ocella.cli.main import app
from ocella.datasets.format import formats
from ocella.labeling.rule import rules
from ocella.models.entry import zoo
from ocella.training.recipe import recipes
app()
for name in ocella.__all__:
    getattr(ocella, name)
units = {r.package.removeprefix("ocella.").replace(".", "/"): list(r.units()) for r in (zoo, formats, rules, recipes, commands)}
print(json.dumps({"where": ocella.__file__, "units": units}))
"""


BLOCKS = """
import json
from ocella.workflows.catalog import all_blocks
print(json.dumps({b.__module__: b.type for b in all_blocks().values()}))
"""
GROUPS = sorted(f for f in (SOURCE / "workflows" / "blocks").iterdir() if (f / "__init__.py").is_file())
BLOCK_FILES = [next(iter(sorted(group.glob("[!_]*.py")))).relative_to(SOURCE).as_posix() for group in GROUPS]
"""One of each group: their catalogue finds all of them in the same way."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(SOURCE, folder / "ocella", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def without(request: pytest.FixtureRequest, copy: Path) -> Iterator[str]:
    """One file of the copy away for the time of a test."""
    file = copy / "ocella" / request.param
    text = file.read_bytes()
    file.unlink()
    yield request.param
    file.write_bytes(text)


def run(copy: Path, *arguments: str) -> str:
    """The standard output of Python with the copy before all else."""
    path = os.pathsep.join([str(copy), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def names_in(file: str) -> list[str]:
    module = import_module("ocella." + file.removesuffix(".py").replace("/", "."))
    return [unit.name for unit in module.UNITS]


def rest(file: str | None) -> dict[str, list[str]]:
    """Names by folder, without those of one file."""
    return {
        folder: [n for f in UNIT_FILES if Path(f).parent.as_posix() == folder and f != file for n in names_in(f)]
        for folder in FOLDERS
    }


def test_the_copy_is_what_runs_and_has_every_unit(copy: Path) -> None:
    told = json.loads(run(copy, "-c", LIST))
    assert Path(told["where"]).parents[1] == copy
    assert told["units"] == rest(None)


@pytest.mark.parametrize("without", UNIT_FILES, indirect=True)
def test_without_one_file_all_other_units_are_found(copy: Path, without: str) -> None:
    assert json.loads(run(copy, "-c", LIST))["units"] == rest(without)


@pytest.mark.parametrize(
    ("without", "contract", "light"),
    [
        ("models/zoo/nanodet.py", "models", "movenet or efficientnet or dinov2-small"),
        ("datasets/formats/voc.py", "formats", "not holes and not class_names and not loss_is_said"),
        ("labeling/rules/duplicate.py", "rules", ""),
        ("training/recipes/nanodet_g.py", "recipes", ""),
        ("cli/commands/label.py", "commands", ""),
    ],
    indirect=["without"],
)
def test_without_one_file_the_others_keep_their_contract(copy: Path, without: str, contract: str, light: str) -> None:
    told = run(copy, "-m", "pytest", "-rA", f"tests/contracts/test_{contract}.py", "-k", light)
    tested = set(re.findall(r"^PASSED .*\[([a-z0-9-]+)\]$", told, re.MULTILINE))
    assert tested & set(rest(without)[Path(without).parent.as_posix()])
    assert not tested & set(names_in(without))


@pytest.mark.parametrize("without", BLOCK_FILES, indirect=True)
def test_without_one_file_all_other_blocks_are_found(copy: Path, without: str) -> None:
    gone = "ocella." + without.removesuffix(".py").replace("/", ".")
    known = {block.__module__: block.type for block in all_blocks().values()}
    assert known.pop(gone)
    assert json.loads(run(copy, "-c", BLOCKS)) == known
