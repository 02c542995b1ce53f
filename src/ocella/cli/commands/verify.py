"""`ocella verify`."""

from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


def verify(
    name: Annotated[str, typer.Argument(help="A name from `ocella models`, or whatever else --model takes.")],
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Fetch a model, run it on the photographs that come with Ocella, compare with what is in them, and keep what was seen
    for `ocella models`.
    """
    from ocella.journeys.verify import verify as run

    with progress_bars(as_json=json) as progress:
        verified = run(name, device=device, progress=progress)
    lines = [f"{'right' if s.right else 'WRONG'}  {s.photo}: {s.expected}: {s.said}" for s in verified.seen]
    lines.append(
        f"{name}: right {verified.right} of {len(verified.seen)} times, {verified.milliseconds:.0f} ms a look; weights: "
        f"{verified.card.checkpoint}"
    )
    show(verified.to_json(), [*lines, f"Kept in {verified.file}"], as_json=json)


UNITS = (Command("verify", verify, 86),)
