"""What the documents say is so: links lead somewhere, commands parse, the reference is the source's."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from ocella.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [ROOT / "README.md", ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> Iterator[str]:
    """Links of a page that lead nowhere."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in [*LINK.findall(prose), *PICTURE.findall(prose)]:
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def commands(page: Path) -> Iterator[str]:
    """Every `ocella ...` line of a page's blocks of shell, and of its indented lines that are commands."""
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language in ("", "sh", "bash", "console", "shell"):
            for line in block.replace("\\\n", " ").splitlines():
                yield from command_in(line)
    for line in FENCE.sub("", page.read_text(encoding="utf-8")).splitlines():
        if line.startswith("    "):
            yield from command_in(line)


def command_in(line: str) -> Iterator[str]:
    found = re.match(r"\s*(?:\$ )?(?:\S*[/\\])?(ocella .*)", line)
    if found:
        yield found[1]


def problem(line: str) -> str:
    """Why the real application would not take this command line; empty where it would."""
    _, *words = shlex.split(line, comments=True)
    group = typer.main.get_command(app())
    known = group.commands  # type: ignore[attr-defined]  # a group has them
    if words in (["--help"], ["--version"]):
        return ""
    if words[0] not in known:
        return f"there is no command '{words[0]}'"
    if "--help" in words:
        return ""
    try:
        known[words[0]].make_context(words[0], words[1:])
    except typer.TyperException as error:
        return str(error)
    return ""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


@pytest.mark.parametrize("page", SHOWN, ids=named)
def test_every_command_parses(page: Path) -> None:
    assert {line: why for line in commands(page) if (why := problem(line))} == {}


def test_the_tutorial_shows_the_whole_road() -> None:
    shown = {line.split()[1] for line in commands(ROOT / "docs" / "tutorial.md")}
    assert {"demo", "label", "clean", "split", "train", "prove", "predict", "distill"} <= shown


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ocella demo --out here  # two minutes", ""),
        ("ocella lable photos --out x", "no command 'lable'"),
        ("ocella label photos --out x --tiles 2x2", "--tiles"),
        ("ocella label photos", "Missing parameter: out"),
        ("ocella train data --out x --minutes long", "valid number"),
    ],
)
def test_a_wrong_command_is_noticed(line: str, why: str) -> None:
    found = problem(line)
    assert why in found
    assert bool(found) == bool(why)


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n[a](page.md#one) [b](page.md#two) [c](gone.md) [d](https://example.org/x)\n", encoding="utf-8"
    )
    assert list(broken(page)) == ["page.md#two", "gone.md"]


def test_the_reference_is_up_to_date() -> None:
    script = ROOT / "tools" / "reference.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


EXCERPT = re.compile(r"^<!-- from (\S+) -->\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("file", "text"), EXCERPT.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
def test_an_excerpt_is_what_the_file_says(file: str, text: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert [line for line in text.splitlines() if line.strip() != "..." and line not in source] == []
