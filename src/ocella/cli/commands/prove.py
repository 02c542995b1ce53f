"""`ocella prove`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json, Tile
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS", "table_lines"]


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
    show(told, [*table_lines(told), f"Page: {student}/proof.html"], as_json=json)


def table_lines(told: dict[str, Any]) -> list[str]:
    """The comparison as lines."""
    lines = [f"{told['metric']} on {told['images']} images, judged by {told['truth']}:"]
    for row in told["rows"]:
        if row["score"] is None:
            lines.append(f"  {row['role']:16} {row['name']}: {row['note']}")
            continue
        score = row["score"]
        lines.append(
            f"  {row['role']:16} {score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})  "
            f"{row['ms']:7.1f} ms  {row['megabytes']:6.1f} MB  {row['name']}"
        )
    if told["difference"] is not None:
        d = told["difference"]
        verdict = "a gain" if told["verdict"] == "gain" else "NO GAIN"
        lines.append(f"Student minus its start: {d['value']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f}): {verdict}.")
    return lines + [f"Take care: {w}" for w in told["warnings"]]


UNITS = (Command("prove", prove, 55),)
