"""`ocella workflow`."""

import json as jsonlib
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json, License
from ocella.cli.output import progress_bars, say, show
from ocella.errors import InvalidValue

__all__ = ["UNITS"]


class Action(StrEnum):
    """What to do."""

    run = "run"
    check = "check"
    blocks = "blocks"


def workflow(
    action: Annotated[Action, typer.Argument(help="run it, check it without running, or list the blocks there are.")],
    definition: Annotated[
        str, typer.Argument(help="The definition, a JSON file; for `blocks` part of a name to look for.")
    ] = "",
    image: Annotated[
        list[str] | None, typer.Option(help="An image or a folder; NAME=PATH where several inputs take one.")
    ] = None,
    video: Annotated[
        list[str] | None, typer.Option(help="A video file, camera number, rtsp:// or http:// address.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of a parameter; the value as JSON or plain text.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for pictures and results.jsonl.")] = None,
    sink: Annotated[
        list[str] | None, typer.Option(help="For videos: a .mp4 or .jsonl file, ws:// or mqtt:// address.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            help="What steps may do: read-files, read-urls, write-files, send, private-addresses, environment, custom-code."
        ),
    ] = None,
    write_to: Annotated[Path | None, typer.Option(help="Folder under which steps may write files.")] = None,
    batch: Annotated[int, typer.Option(min=1, help="Images at once.")] = 8,
    workers: Annotated[
        int, typer.Option(min=0, help="Steps that wait for models or networks at once; 0: one by one.")
    ] = 0,
    fail: Annotated[
        bool, typer.Option("--fail", help="End at the first element that fails, in place of leaving it out.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0, help="For videos: stop after so many seconds; 0: at the end.")] = 0,
    trace: Annotated[Path | None, typer.Option(help="File for the times of the steps, for chrome://tracing.")] = None,
    device: Device = "auto",
    license: License = "",
    json: Json = False,
) -> int:
    """Run, check or write workflows: models and small steps composed in JSON."""
    from ocella.workflows.services import Services

    if action is Action.blocks:
        return _blocks(definition, json=json)
    if not definition:
        raise InvalidValue(f"Name the definition: ocella workflow {action} FILE.json")
    if action is Action.check:
        return _check(definition, json=json)
    services = Services(frozenset(allow or ()), write_to or out, license=license or None, device=device)
    common: dict[str, Any] = {
        "parameters": _parameters(param or ()),
        "services": services,
        "on_error": "fail" if fail else "isolate",
        "workers": workers,
    }
    if video:
        return _videos(definition, video, sink or (), common, seconds=seconds, json=json)
    return _images(definition, image or (), common, out=out, batch=batch, trace=trace, json=json)


def _images(
    definition: str,
    images: Sequence[str],
    common: dict[str, Any],
    *,
    out: Path | None,
    batch: int,
    trace: Path | None,
    json: bool,
) -> int:
    from ocella.journeys.workflow import open_workflow, run_on_images
    from ocella.media.write import write_json

    with progress_bars(as_json=json) as progress:
        done = run_on_images(
            open_workflow(definition),
            images,
            out=out,
            batch=batch,
            explain=trace is not None,
            progress=progress,
            **common,
        )
    if trace is not None:
        write_json(trace, dict(done.trace))
    lines = [f"Set aside: {name}: {reason}" for name, reason in done.set_aside]
    lines += [f"{name}{': ' if name else ''}{jsonlib.dumps(row, ensure_ascii=False)}" for name, row in done.rows]
    lines += [
        f"Failed, {f['image']}: {f['message']}" if f["image"] else f"Failed: {f['message']}" for f in done.failures
    ]
    lines += [f"{done.count} images. Results: {out / 'results.jsonl'}"] if out is not None else []
    show(done.to_json() if json else {}, lines, as_json=json)
    return 12 if done.failures and all(not any(row.values()) for _, row in done.rows) and done.rows else 0


def _videos(
    definition: str, videos: Sequence[str], sinks: Sequence[str], common: dict[str, Any], *, seconds: float, json: bool
) -> int:
    from ocella.journeys.workflow import open_workflow
    from ocella.journeys.workflow_video import run_on_videos

    report = run_on_videos(
        open_workflow(definition), videos, sinks=sinks, seconds=seconds, tell=None if json else say, **common
    )
    show(report.to_json() if json else {}, report.lines(), as_json=json)
    return 0 if any(source.counts.processed for source in report.status.sources) else 5


def _check(definition: str, *, json: bool) -> int:
    from ocella.workflows.compile import check_workflow
    from ocella.workflows.definition import read_definition_file

    found, problems = check_workflow(read_definition_file(Path(definition)))
    lines = [found.describe()] if found is not None else []
    lines += [f"{p.severity}: {p}" for p in problems]
    lines += [
        f"{sum(p.severity == 'error' for p in problems)} errors, {sum(p.severity == 'warning' for p in problems)} warnings."
    ]
    told = {
        "ok": found is not None,
        "problems": [p.to_json() for p in problems],
        "graph": found.to_json() if found else None,
    }
    show(told, lines, as_json=json)
    return 0 if found is not None else 2


def _blocks(part: str, *, json: bool) -> int:
    from ocella.workflows.catalog import all_blocks, group_of

    found = [(group_of(b), b) for b in all_blocks().values() if part.lower() in b.type]
    rows = [
        {
            "type": b.type,
            "group": group,
            "summary": (b.__doc__ or "").strip().splitlines()[0],
            "inputs": {n: {"required": s.required, "kinds": sorted(s.kinds)} for n, s in b.spec().slots.items()},
        }
        for group, b in found
    ]
    lines = [f"{row['group']:16} {row['type']:44} {row['summary']}" for row in rows]
    show({"blocks": rows}, [*lines, f"{len(rows)} blocks."], as_json=json)
    return 0


def _parameters(given: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in given:
        name, equals, text = item.partition("=")
        if not equals:
            raise InvalidValue(f"--param takes NAME=VALUE, got '{item}'.")
        try:
            found[name] = jsonlib.loads(text)
        except ValueError:
            found[name] = text
    return found


UNITS = (Command("workflow", workflow, 64),)
