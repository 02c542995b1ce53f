"""`ocella split`."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json, Seed
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


def split(
    dataset: Annotated[Path, typer.Argument(help="Folder of a data set.")],
    val: Annotated[float, typer.Option(help="Share of the images for validation.")] = 0.2,
    test: Annotated[float, typer.Option(help="Share of the images for testing.")] = 0.0,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Divide a data set so that near-duplicates and frames of one video stay together."""
    from ocella.journeys.split import split as run

    with progress_bars(as_json=json) as progress:
        divided = run(dataset, val=val, test=test, seed=seed, progress=progress)
    counts = Counter(s.split or "left out" for s in divided)
    lines = [", ".join(f"{name} {n}" for name, n in counts.items()), str(divided.info["split"])]
    if "optimistic" in divided.info:
        lines.append(f"Take care: {divided.info['optimistic']}")
    told = {"dataset": str(dataset), "counts": dict(counts), "info": dict(divided.info)}
    show(told, lines, as_json=json)


UNITS = (Command("split", split, 40),)
