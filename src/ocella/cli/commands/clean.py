"""`ocella clean`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json
from ocella.cli.output import show

__all__ = ["UNITS"]


def clean(
    dataset: Annotated[Path, typer.Argument(help="Folder of a data set.")],
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule; may be given several times.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, change nothing.")] = False,
    json: Json = False,
) -> None:
    """Find bad machine-made labels by rule and take them out; `ocella undo` brings them back."""
    from ocella.journeys.clean import clean as run

    cleaned = run(dataset, rules=rule or (), apply=not dry_run)
    told = cleaned.to_json()
    verb = "taken out or clipped" if told["applied"] else "would be taken out or clipped (dry run)"
    counts = ", ".join(f"{name} {n}" for name, n in told["counts"].items())
    lines = [f"{sum(told['counts'].values())} labels {verb}: {counts}", f"Report: {dataset}/clean-report.html"]
    if told["applied"] and told["findings"]:
        lines.append(f"To take it back: ocella undo {dataset}")
    show(told, lines, as_json=json)


UNITS = (Command("clean", clean, 30),)
