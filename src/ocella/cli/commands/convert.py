"""`ocella convert`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json
from ocella.cli.output import show

__all__ = ["UNITS"]


def convert(
    source: Annotated[Path, typer.Argument(help="An Ocella data set to export, or a foreign one to bring in.")],
    target: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    to: Annotated[str | None, typer.Option(help="Format to export to; without it the source is brought in.")] = None,
    accept_losses: Annotated[bool, typer.Option("--accept-losses", help="Export what the format can hold.")] = False,
    json: Json = False,
) -> None:
    """Convert between data set formats, saying before it writes what a format cannot hold."""
    from ocella.datasets.convert import export_dataset, import_dataset
    from ocella.datasets.dataset import Dataset

    if to is None:
        made = import_dataset(source, target)
        problems = [str(p) for p in made.info.get("problems", [])]
        lines = [*problems, f"{len(made)} images with {len(made.classes)} classes are in {target}"]
        show({"dataset": str(target), "images": len(made), "problems": problems}, lines, as_json=json)
        return
    losses = export_dataset(Dataset.open(source), target, to, accept_losses=accept_losses)
    lines = [*(f"Not kept: {loss}" for loss in losses), f"Written as {to}: {target}"]
    show({"target": str(target), "format": to, "losses": losses}, lines, as_json=json)


UNITS = (Command("convert", convert, 70),)
