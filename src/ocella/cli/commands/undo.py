"""`ocella undo`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json
from ocella.cli.output import show

__all__ = ["UNITS"]


def undo(dataset: Annotated[Path, typer.Argument(help="Folder of a data set.")], json: Json = False) -> None:
    """Bring back the labels as they were before the last clean."""
    from ocella.journeys.clean import undo as run

    restored = run(dataset)
    told = {"dataset": str(dataset), "images": len(restored)}
    show(told, [f"The labels of {len(restored)} images are as they were before the last clean."], as_json=json)


UNITS = (Command("undo", undo, 31),)
