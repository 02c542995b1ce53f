"""`ocella prove`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json, Tile
from ocella.cli.output import progress_bars, show
from ocella.cli.summaries import proof_lines

__all__ = ["UNITS"]


def prove(
    student: Annotated[Path, typer.Argument(help="Folder of a student.")],
    data: Annotated[Path, typer.Option(help="Data set whose `val` split measures it.")],
    truth: Annotated[Path | None, typer.Option(help="Data set with people's labels of the same images.")] = None,
    teacher: Annotated[str | None, typer.Option(help="Model that made the labels, to stand beside.")] = None,
    tile: Tile = None,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Measure a student beside its teacher and the untrained network that it started from."""
    from ocella.journeys.prove import prove as run

    with progress_bars(as_json=json) as progress:
        proof = run(student, data, truth=truth, teacher=teacher, tile=tile, device=device, progress=progress)
    told = proof.to_json()
    show(told, [*proof_lines(told), f"Page: {student}/proof.html"], as_json=json)


UNITS = (Command("prove", prove, 55),)
