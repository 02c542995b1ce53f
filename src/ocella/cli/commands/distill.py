"""`ocella distill`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Every, Json, Limit, Model, Out, Seed, Sources, Threshold
from ocella.cli.output import progress_bars, show
from ocella.cli.summaries import label_lines, proof_lines

__all__ = ["UNITS"]


def distill(
    sources: Sources,
    classes: Annotated[str, typer.Option(help="What to look for: 'person, dog=a dog or puppy', or a JSON file.")],
    out: Out,
    model: Model = "nanodet-g",
    tile: Annotated[str, typer.Option(help="The teacher also looks at rows x columns of tiles; 1x1 for none.")] = "2x2",
    threshold: Threshold = None,
    every: Every = 0.5,
    limit: Limit = None,
    minutes: Annotated[float, typer.Option(help="Minutes of training alone.")] = 3.0,
    truth: Annotated[Path | None, typer.Option(help="Data set with people's labels of the same images.")] = None,
    recipe: Annotated[str, typer.Option(help="How to train; chosen by the task if not given.")] = "",
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """The main road: label, clean, split, train and prove, in one go."""
    from ocella.journeys.distill import distill as run

    with progress_bars(as_json=json) as progress:
        done = run(
            sources,
            out,
            classes=classes,
            model=model,
            tile=tile,
            threshold=threshold,
            every=every,
            limit=limit,
            minutes=minutes,
            truth=truth,
            recipe=recipe,
            seed=seed,
            device=device,
            progress=progress,
        )
    told = done.to_json()
    show(told, [*label_lines(told["labeled"]), *proof_lines(told["proof"]), f"Page: {done.report}"], as_json=json)


UNITS = (Command("distill", distill, 11),)
