"""`ocella train`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json, Out, Seed
from ocella.cli.output import progress_bars, show
from ocella.cli.summaries import train_line

__all__ = ["UNITS"]


def train(
    dataset: Annotated[Path, typer.Argument(help="Folder of a data set with a split.")],
    out: Out,
    recipe: Annotated[str, typer.Option(help="How to train; chosen by the task if not given.")] = "",
    minutes: Annotated[float, typer.Option(help="Minutes of training alone; set-up and validation come on top.")] = 1.0,
    epochs: Annotated[int | None, typer.Option(help="So many passes instead of minutes.")] = None,
    start: Annotated[str, typer.Option(help="starter (the shipped weights) or random.")] = "starter",
    batch: Annotated[int, typer.Option(help="Images a step.")] = 8,
    input_size: Annotated[
        str | None,
        typer.Option(help="Height x width the network sees, multiples of 32, like 320x416; fitting if not given."),
    ] = None,
    vertical_flip: Annotated[
        bool,
        typer.Option("--vertical-flip", help="Mirror top to bottom too: for images without an up (microscope, air)."),
    ] = False,
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Train a small model; killed, it goes on with the same command."""
    from ocella.journeys.inputs import as_size
    from ocella.journeys.train import train as run

    with progress_bars(as_json=json) as progress:
        trained = run(
            dataset,
            out,
            recipe=recipe,
            progress=progress,
            minutes=minutes,
            epochs=epochs,
            start=start,
            batch=batch,
            input_hw=as_size(input_size),
            vertical_flip=vertical_flip,
            seed=seed,
            device=device,
        )
    told = {"student": str(out), "card": trained.card.to_json(), "numbers": dict(trained.numbers)}
    lines = [train_line(trained.numbers), f"Student: {out}   report: {out}/report.html"]
    lines.append(f"Next: ocella prove {out} --data {dataset}")
    show(told, lines, as_json=json)


UNITS = (Command("train", train, 50),)
