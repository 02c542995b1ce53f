"""The rules of style that can be measured."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = (ROOT / "src" / "ocella", ROOT / "packages" / "starter" / "src" / "ocella_starter")
SOURCES = sorted(f for package in PACKAGES for f in package.rglob("*.py"))
BLOCKS = ROOT / "src" / "ocella" / "workflows" / "blocks"
UNIT_FOLDERS = (
    *("models/zoo", "datasets/formats", "labeling/rules", "training/recipes", "cli/commands"),
    *(f"workflows/blocks/{f.name}" for f in sorted(BLOCKS.iterdir()) if (f / "__init__.py").is_file()),
)
HEAVY = {
    "PIL",
    "cv2",
    "doctr",
    "httpx",
    "onnx",
    "onnxruntime",
    "open_clip",
    "openvino",
    "rapidocr",
    "rfdetr",
    "rich",
    "sqlalchemy",
    "supervision",
    "timm",
    "torch",
    "torchvision",
    "transformers",
}
TORCH_INSIDE = ("src/ocella/training/", "src/ocella/models/networks/")
"""Modules of these rooms may import torch at the top: they are imported when training starts, or a model is built."""
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "packages" / "starter").glob("*.md")])
MACHINE_PATH = re.compile(r"(?<![\w.<>/-])/(work|tmp|opt|home|root|Users)/\w")
PRIVATE_WORDS = re.compile(r"\bissue #?\d+\b|\b(this|the last|the next|an earlier|my|our) session\b", re.IGNORECASE)

every_source = pytest.mark.parametrize("file", SOURCES, ids=lambda f: f.relative_to(ROOT).as_posix())


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def is_unit(file: Path) -> bool:
    """A module of a unit folder, but not what its units share, which begins with an underscore."""
    if file.name.startswith("_"):
        return False
    return file.parent.relative_to(PACKAGES[0]).as_posix() in UNIT_FOLDERS if PACKAGES[0] in file.parents else False


def module_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run at import, those in `if`, `try` and `with` too, but not under TYPE_CHECKING."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from module_level(getattr(statement, block, []))


def imported(statement: ast.stmt) -> set[str]:
    """Packages that an import statement names."""
    if isinstance(statement, ast.Import):
        return {alias.name.split(".")[0] for alias in statement.names}
    return {(statement.module or "").split(".")[0]} if isinstance(statement, ast.ImportFrom) else set()


def public_names(module: ast.Module) -> list[str] | None:
    for statement in module.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(statement.value)
            return names
    return None


def test_there_is_something_to_measure() -> None:
    assert len(SOURCES) > 100
    assert all(any(file.parent == PACKAGES[0] / folder for file in SOURCES) for folder in UNIT_FOLDERS)


@every_source
def test_a_file_is_at_most_500_lines_and_its_name_is_a_noun(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 500
    assert file.stem not in {"utils", "util", "helpers", "helper", "common", "misc", "core"}


@every_source
def test_a_function_is_at_most_60_lines(file: Path) -> None:
    functions = [n for n in ast.walk(tree(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 60] == []


@every_source
def test_a_module_says_what_it_is_and_what_is_public(file: Path) -> None:
    module = tree(file)
    assert len(ast.get_docstring(module) or "") > 8
    if file.name == "__init__.py" and len(module.body) == 1:
        return
    names = public_names(module)
    assert names is not None
    assert len(set(names)) == len(names)
    defined = {n.id for n in ast.walk(module) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    defined |= {n.name for n in module.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    defined |= {a.asname or a.name for s in ast.walk(module) if isinstance(s, ast.ImportFrom) for a in s.names}
    assert [n for n in names if n not in defined] == []


@pytest.mark.parametrize("folder", UNIT_FOLDERS)
def test_every_file_of_a_unit_folder_has_units(folder: str) -> None:
    files = [f for f in (PACKAGES[0] / folder).glob("*.py") if not f.name.startswith("_")]
    assert files
    assert [f.name for f in files if "UNITS" not in (public_names(tree(f)) or [])] == []


def is_of_unit_folder(name: str) -> bool:
    return name.startswith(tuple(f"ocella.{folder.replace('/', '.')}." for folder in UNIT_FOLDERS))


@every_source
def test_no_file_names_a_unit_of_a_unit_folder(file: Path) -> None:
    """Units are reached through their registry alone, so that any of them can go."""
    named = [
        s.module
        for s in ast.walk(tree(file))
        if isinstance(s, ast.ImportFrom) and s.module and is_of_unit_folder(s.module + ".")
        if is_unit(PACKAGES[0] / folder_of(s.module).with_suffix(".py"))
        or any(is_unit(PACKAGES[0] / folder_of(s.module) / f"{a.name}.py") for a in s.names)
    ]
    assert named == []


def folder_of(module: str) -> Path:
    return Path(*module.split(".")[1:])


@every_source
def test_heavy_libraries_are_not_imported_with_the_module(file: Path) -> None:
    found = {name for s in module_level(tree(file).body) for name in imported(s)} & HEAVY
    if file.relative_to(ROOT).as_posix().startswith(TORCH_INSIDE):
        found -= {"torch"}
    assert found == set()


@pytest.mark.parametrize("file", [f for f in SOURCES if f.name != "environment.py"], ids=lambda f: f.name)
def test_the_environment_is_read_in_one_file(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"\bos\.(environ|getenv|putenv)\b|from os import .*(environ|getenv)", text)


@every_source
def test_a_source_names_no_place_or_event_of_its_making(file: Path) -> None:
    with file.open("rb") as stream:
        said = [t.string for t in tokenize.tokenize(stream.readline) if t.type in (tokenize.COMMENT, tokenize.STRING)]
    assert [s for s in said if MACHINE_PATH.search(s) or PRIVATE_WORDS.search(s)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda f: f.relative_to(ROOT).as_posix())
def test_a_page_names_no_place_or_event_of_its_making(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if MACHINE_PATH.search(line) or PRIVATE_WORDS.search(line)] == []
