"""The pages of docs/reference, written from the registries, the cards, the commands and the public names.

python tools/reference.py [--check]
"""

import argparse
import ast
import dataclasses
import difflib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

from block_pages import block_pages
from tables import flat, table

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
MARK = "<!-- Written by tools/reference.py from the source. Change it there, then run: make docs -->"

Lines = Iterator[str]


def main() -> int:
    """Write the pages, or with `--check` compare them; 1 where one differs."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the source.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail with a diff where a page differs")
    given = parser.parse_args()
    made = pages()
    if not given.check:
        PAGES.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (PAGES / name).parent.mkdir(exist_ok=True)
            (PAGES / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{len(made)} pages are in {PAGES.relative_to(ROOT).as_posix()}")
        return 0
    differences = [line for name, text in made.items() for line in _difference(name, text)]
    sys.stdout.writelines(differences)
    if differences:
        print("docs/reference is not what the source says. Run: make docs", file=sys.stderr)
    return int(bool(differences))


def pages() -> dict[str, str]:
    """Every page by file name."""
    sys.path.insert(0, str(ROOT / "src"))
    sys.path.insert(0, str(ROOT / "packages" / "starter" / "src"))
    made: dict[str, Callable[[], Lines]] = {
        "models.md": models_page,
        "commands.md": commands_page,
        "formats.md": formats_page,
        "rules.md": rules_page,
        "recipes.md": recipes_page,
        "errors.md": errors_page,
        "python.md": python_page,
    }
    lines = {name: write() for name, write in made.items()} | block_pages(ROOT)
    return {name: "\n".join([MARK, "", *page]).rstrip() + "\n" for name, page in lines.items()}


def _difference(name: str, text: str) -> list[str]:
    file = PAGES / name
    there = file.read_text(encoding="utf-8") if file.is_file() else ""
    return list(
        difflib.unified_diff(
            there.splitlines(keepends=True), text.splitlines(keepends=True), f"docs/reference/{name}", f"source/{name}"
        )
    )


def models_page() -> Lines:
    """One table of all cards, then each card."""
    from ocella.models.load import list_models

    cards = list_models()
    yield "# Models"
    yield ""
    yield (
        "From the cards in `src/ocella/models/zoo`. `run on` says whether this project has run a model on its real weights. "
        "`ocella models` prints the same list."
    )
    yield from (
        "",
        "## Systems",
        "",
        "By their names in the literature; a row each, with the cards that are its checkpoints and tasks.",
        "",
    )
    yield from table(
        ("system", "run by", "cards", "licence of code; weights", "commercial use", "extra", "run on"),
        (_system(name, [c for c in cards if (c.system or c.name) == name]) for name in _systems(cards)),
    )
    yield from ("", "## Models that you bring", "")
    yield from table(
        ("--model, ocella.load", "is"),
        (
            ("`model.onnx`", "any ONNX file with a task and a list of classes: YOLO-like, DETR-like, NanoDet and more"),
            (
                "a folder with `config.json`",
                "a checkpoint of transformers or timm; the entry that opens its architecture does",
            ),
            ("`hf:organisation/name@revision`", "the same from the hub"),
            ("a folder with `model_config.json`", "a Roboflow package"),
            (
                "`roboflow:workspace/project/version`",
                "a model of Roboflow Universe, with your own key in ROBOFLOW_API_KEY",
            ),
            ("a folder with `card.json`", "a student of `ocella train`"),
            ("`detector+second`", "a detector whose boxes go to a segmenter, classifier, pose model or embedder"),
        ),
    )
    yield from ("", "## Cards", "")
    yield from table(
        ("name", "task", "takes", "MB", "extra", "commercial use", "run on"),
        (
            (
                _link(c),
                c.task,
                _vocabulary(c),
                f"{c.megabytes:g}",
                f"`{c.extra}`" if c.extra else "",
                "yes" if c.commercial_use else "no, or not known",
                c.run_here or "nothing yet",
            )
            for c in cards
        ),
    )
    for card in cards:
        yield from _card(card)


def _link(card: Any) -> str:
    """To the card's heading, whose anchor has no dots."""
    return f"[`{card.name}`](#{card.name.replace('.', '')})"


def _systems(cards: Sequence[Any]) -> list[str]:
    return sorted({c.system or c.name for c in cards}, key=str.lower)


def _system(name: str, cards: Sequence[Any]) -> tuple[str, ...]:
    def said(*facts: str) -> str:
        return "; ".join(dict.fromkeys(f for f in facts if f))

    return (
        f"**{name}**",
        said(*(c.library for c in cards)),
        ", ".join(map(_link, cards)),
        said(*(f"{c.code_license}; {c.weights_license}" for c in cards)),
        said(*("yes" if c.commercial_use else "no, or not known" for c in cards)),
        said(*(f"`{c.extra}`" for c in cards if c.extra)),
        said(*(c.run_here or "nothing yet" for c in cards)),
    )


def _vocabulary(card: Any) -> str:
    if card.open_vocabulary:
        return "any prompt"
    return "classes it knows" if card.task in ("detect", "classify") else ""


def _card(card: Any) -> Lines:
    parameters = f"{card.parameters / 1e6:.2f} million" if card.parameters else ""
    input_hw = f"{card.input_hw[0]} x {card.input_hw[1]}" if any(card.input_hw) else ""
    accuracy = "; ".join(f"{a.metric} {a.value:g} on {a.data} ({a.source})" for a in card.accuracy)
    yield from ("", f"## {card.name}", "", f"{card.summary[0].upper()}{card.summary[1:]}.", "")
    rows = {
        "checkpoint": card.checkpoint,
        "licence of the code": card.code_license,
        "licence of the weights": card.weights_license,
        "parameters": parameters,
        "input, height x width": input_hw,
        "confidence from": f"{card.threshold:g}" if card.task == "detect" else "",
        "accuracy": accuracy,
        "good at": card.good_at,
        "bad at": card.bad_at,
        "languages": ", ".join(card.languages),
        "prompts": ", ".join(card.prompts),
        "known classes": card.vocabulary,
        "confidence means": card.score_kind if card.score_kind != "probability" else "",
        "memory to run": f"{card.memory_gb:g} GB" if card.memory_gb else "",
        "on two processor cores": card.speed,
        "try it": card.advice,
        "accept the licence at": card.gated,
        "no commercial use because": card.clause,
        "instead, out of the box": card.stand_in,
        "superseded by": card.superseded_by,
        "also called": ", ".join(card.aliases),
    }
    yield from table(("", ""), ((name, value) for name, value in rows.items() if value))


def commands_page() -> Lines:
    """Every command with its arguments and options."""
    import typer

    from ocella.cli.main import app

    group = typer.main.get_command(app())
    commands: dict[str, Any] = group.commands  # type: ignore[attr-defined]
    yield "# Commands"
    yield ""
    yield "Every command takes `--help` and `--json`. Exit codes are those of [the errors](errors.md)."
    for name, command in commands.items():
        yield from ("", f"## ocella {name}", "", flat(command.help), "")
        yield from table(("", "default", "meaning"), (_parameter(p) for p in command.params))


def _parameter(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        name = parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
    else:
        name = " / ".join([*parameter.opts, *parameter.secondary_opts])
    silent = parameter.default is None or parameter.default is False or parameter.default == ""
    default = "" if silent else f"`{_posix(parameter.default)}`"
    return f"`{name}`", "required" if parameter.required else default, parameter.help or ""


def _posix(value: object) -> str:
    return value.as_posix() if isinstance(value, Path) else str(value)


def formats_page() -> Lines:
    """Every file format."""
    from ocella.datasets.format import formats

    yield "# Data set formats"
    yield ""
    yield (
        "`ocella convert SOURCE TARGET` brings a foreign data set in, `--to FORMAT` writes one. Before it writes anything it "
        "says what of this data set the format cannot hold, and stops unless `--accept-losses` is given."
    )
    yield ""
    yield from table(
        ("name", "tasks", "is"),
        ((f"`{f.name}`", ", ".join(sorted(f.tasks)), flat(type(f).__doc__)) for f in formats),
    )


def rules_page() -> Lines:
    """Every hygiene rule."""
    from ocella.labeling.rule import rules

    yield "# Hygiene rules"
    yield ""
    yield (
        "`ocella clean` runs them over machine-made labels that nobody has touched, in this order; `--rule NAME` runs one. "
        "What a rule takes out stays in the data set as rejected, and `ocella undo` brings it back."
    )
    yield ""
    yield from table(
        ("name", "takes out or clips", "exactly"),
        ((f"`{r.name}`", r.summary, flat(type(r).__doc__)) for r in rules),
    )


def recipes_page() -> Lines:
    """Every recipe, and the settings they share."""
    from ocella.training.recipe import recipes
    from ocella.training.settings import TrainSettings

    yield "# Recipes"
    yield ""
    yield "A recipe trains one family of small models: `ocella train DATASET --out STUDENT --recipe NAME`."
    yield ""
    yield from table(
        ("name", "task", "summary", "how"),
        ((f"`{r.name}`", r.task, r.summary, flat(type(r).__doc__)) for r in recipes),
    )
    yield from ("", "## Settings", "", flat(TrainSettings.__doc__), "")
    yield from table(
        ("field", "default"), ((f"`{f.name}`", f"`{f.default!r}`") for f in dataclasses.fields(TrainSettings))
    )


def errors_page() -> Lines:
    """The error tree with its exit codes."""
    from ocella import errors

    yield "# Errors and exit codes"
    yield ""
    yield (
        "Every error raised on purpose is an `OcellaError` from `ocella.errors`; the command ends with its exit code. With `--json` "
        'the error is one object: `{"error": {"type": ..., "message": ..., "exit_code": ...}}`.'
    )
    yield ""
    kinds = [getattr(errors, name) for name in errors.__all__]
    rows = [(f"`{k.__name__}`", str(k.exit_code), _bases(k), flat(k.__doc__)) for k in kinds]
    rows += [
        ("none", "0", "", "Done."),
        ("interrupted", "130", "", "Stopped by the keyboard; the same command goes on."),
    ]
    yield from table(("error", "exit code", "is also a", "meaning"), sorted(rows, key=lambda row: int(row[1])))


def _bases(kind: type) -> str:
    return ", ".join(f"`{b.__name__}`" for b in kind.__bases__ if b.__module__ == "builtins" and b is not Exception)


def python_page() -> Lines:
    """Every public name of `ocella`, with its signature as written in the source."""
    import ocella
    from ocella.journeys import inputs

    yield "# Python"
    yield ""
    yield "`import ocella` is quick: each name loads what it needs on first use."
    yield ""
    yield "What stands for what:"
    yield ""
    aliases = [n for n in ast.parse(inspect.getsource(inputs)).body if isinstance(n, ast.Assign)]
    named = [n for n in aliases if isinstance(n.targets[0], ast.Name) and n.targets[0].id in inputs.__all__]
    yield from ("```python", *(ast.unparse(n) for n in named), "```")
    for name in ocella.__all__:
        value = getattr(ocella, name)
        yield from ("", f"## ocella.{name}", "")
        yield from _class(name, value) if inspect.isclass(value) else _function(name, value)


def _function(name: str, function: Any) -> Lines:
    yield from ("```python", *_signature(name, _parsed(function)), "```", "", flat(function.__doc__))


def _class(name: str, kind: Any) -> Lines:
    tree = _parsed(kind)
    fields = [n for n in tree.body if isinstance(n, ast.AnnAssign)]
    yield from (flat(kind.__doc__), "", "```python", f"class {name}:")
    yield from (f"    {ast.unparse(f)}" for f in fields)
    yield from ("```", "")
    methods = [n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    yield from table(
        ("method", "meaning"),
        ((f"`{' '.join(_signature(m.name, m, width=10_000))}`", flat(ast.get_docstring(m))) for m in methods),
    )


def _parsed(value: Any) -> Any:
    return ast.parse(dedent(inspect.getsource(value))).body[0]


def _signature(name: str, node: Any, *, width: int = 110) -> list[str]:
    """On one line where it fits, else one argument a line."""
    if node.args.args and node.args.args[0].arg in ("self", "cls"):
        del node.args.args[0]
    arguments = list(_arguments(node.args))
    returns = f" -> {_unquoted(node.returns)}" if node.returns else ""
    whole = f"{name}({', '.join(arguments)}){returns}"
    return [whole] if len(whole) <= width else [f"{name}(", *(f"    {a}," for a in arguments), f"){returns}"]


def _unquoted(annotation: ast.expr) -> str:
    return str(annotation.value) if isinstance(annotation, ast.Constant) else ast.unparse(annotation)


def _arguments(args: ast.arguments) -> Iterator[str]:
    defaults: list[ast.expr | None] = [None] * (len(args.args) - len(args.defaults))
    for argument, default in zip(args.args, [*defaults, *args.defaults], strict=True):
        yield ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")
    if args.vararg:
        yield f"*{ast.unparse(args.vararg)}"
    elif args.kwonlyargs:
        yield "*"
    for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")
    if args.kwarg:
        yield f"**{ast.unparse(args.kwarg)}"


if __name__ == "__main__":
    sys.exit(main())
