"""`ocella demo`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json, Seed
from ocella.cli.output import progress_bars, show
from ocella.cli.summaries import proof_lines

__all__ = ["UNITS"]


def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything; run again, it reuses what is done.")] = Path(
        "demo-out"
    ),
    minutes: Annotated[float, typer.Option(help="Minutes of training alone.")] = 1.5,
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """The main road on the photographs that come with Ocella; a few minutes, nothing to download."""
    from ocella.journeys.demo import demo as run

    with progress_bars(as_json=json) as progress:
        done = run(out, minutes=minutes, seed=seed, device=device, progress=progress)
    told = done.to_json()
    lines = [f"{task}: {sum(r['counts'].values())} labels by {r['model']}" for task, r in told["labeled"].items()]
    lines += proof_lines(told["road"]["proof"])
    lines += ["A demo of this size shows that the road works, not how good a student is on other scenes."]
    lines += [f"{done.seconds:.0f} s. The page to read: {done.report.resolve()}"]
    show(told, lines, as_json=json)


UNITS = (Command("demo", demo, 10),)
