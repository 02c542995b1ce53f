"""`ocella advise`."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import Classes, Json
from ocella.cli.output import show
from ocella.labeling.words import names_in_short

__all__ = ["UNITS"]


def advise(
    task: Annotated[
        str,
        typer.Option(help="where, exactly-where, regions, what, points, ask, read, depth, compare, segment, follow."),
    ] = "",
    classes: Classes = None,
    class_count: Annotated[int, typer.Option(help="How many classes, where they are too many to write.")] = 0,
    language: Annotated[str, typer.Option(help="Language of the prompts, like zh; told from their letters.")] = "",
    hardware: Annotated[str, typer.Option(help="Like 'cpu 4GB', 'cuda 24GB', 'mps'.")] = "cpu",
    realtime: Annotated[bool, typer.Option("--realtime", help="It must see several images a second.")] = False,
    license: Annotated[str, typer.Option(help="commercial: only models whose licences allow it.")] = "",
    goal: Annotated[str, typer.Option(help="label (to teach a small model) or deploy.")] = "",
    labeled: Annotated[int, typer.Option(help="How many labelled images you have.")] = 0,
    examples: Annotated[int, typer.Option(help="How many pictures of the things themselves you have.")] = 0,
    tried: Annotated[list[str] | None, typer.Option(help="A model that you tried and that did not find them.")] = None,
    json: Json = False,
) -> None:
    """Say which model to use, and why, from the facts on the cards; asks a few questions where no task is given."""
    from ocella.journeys.advise import advise as run

    given: dict[str, Any] = {"classes": classes, "license": license, "hardware": hardware, "realtime": realtime}
    if not task:
        task, given = _ask(given, json=json)
    advice = run(
        task,
        **given,
        class_count=class_count,
        language=language,
        goal=goal,  # type: ignore[arg-type]  # the value checks itself
        labeled=labeled,
        examples=examples,
        tried=tried or (),
    )
    told = advice.to_json()
    show(told, list(_lines(told)), as_json=json)


def _ask(given: dict[str, Any], *, json: bool) -> tuple[str, dict[str, Any]]:
    """A few questions at a terminal; InvalidValue where there is none."""
    from ocella.choosing.needs import TASKS, read_wish
    from ocella.errors import InvalidValue

    if json or not sys.stdin.isatty():
        raise InvalidValue(f"Give the task: --task {', '.join(TASKS)}. At a terminal `ocella advise` asks for it.")
    typer.echo("What do you want to know about your images?")
    for wish, (_, words) in TASKS.items():
        typer.echo(f"  {wish:14} {words}")
    task = typer.prompt("Task", value_proc=read_wish)
    if given["classes"] is None and task in ("where", "exactly-where", "regions", "what", "points"):
        given["classes"] = typer.prompt("What to look for, like 'person, dog'", default="", show_default=False) or None
    given["hardware"] = typer.prompt("On what does it run", default=given["hardware"])
    given["realtime"] = typer.confirm("Must it see several images a second?", default=False)
    given["license"] = "commercial" if typer.confirm("Is it for commercial use?", default=False) else ""
    return task, given


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield told["verdict"]
    for place, choice in enumerate(told["choices"], 1):
        yield f"{place}. {choice['name']}"
        yield from (f"     + {reason}" for reason in choice["reasons"])
        yield from (f"     - {caution}" for caution in choice["cautions"])
    if told["steps"]:
        yield "Next:"
        yield from (f"    {step}" for step in told["steps"])
    yield told["measure"]
    reasons: dict[str, list[str]] = {}
    for refused in told["ruled_out"]:
        reasons.setdefault(refused["reason"], []).append(refused["name"])
    for reason, names in list(reasons.items())[:10]:
        yield f"Not {names_in_short(names, 4)}: {reason}"


UNITS = (Command("advise", advise, 75),)
