"""`ocella models`."""

from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json
from ocella.cli.output import show

__all__ = ["UNITS"]


def models(
    task: Annotated[str | None, typer.Option(help="detect, classify, keypoints, ocr, vlm, ...")] = None,
    license: Annotated[str | None, typer.Option(help="commercial: only those whose licences allow it.")] = None,
    open_vocabulary: Annotated[
        bool | None, typer.Option("--open-vocabulary/--fixed-classes", help="Takes any prompt, or knows a fixed list.")
    ] = None,
    json: Json = False,
) -> None:
    """List the models: what for, how heavy, under which licence, run on what."""
    from ocella.models.load import list_models
    from ocella.models.verified import seen_card

    found = list_models(task=task, license=license, open_vocabulary=open_vocabulary)
    cards = [seen_card(card) for card in found]
    lines = []
    for card in cards:
        takes = "any prompt" if card.open_vocabulary else card.vocabulary or ", ".join(card.classes[:3])
        extra = f", extra '{card.extra}'" if card.extra else ""
        lines.append(f"{card.name}  [{', '.join(filter(None, (card.task, takes)))}, {card.megabytes:g} MB{extra}]")
        lines.append(f"    {card.system + ': ' if card.system else ''}{card.summary}")
        allowed = "" if card.commercial_use else f", no commercial use{': ' + card.clause if card.clause else ''}"
        lines.append(f"    weights: {card.weights_license}{allowed}; run on: {card.run_here or 'nothing yet'}")
    show({"models": [c.to_json() for c in cards]}, lines or ["No model fits these conditions."], as_json=json)


UNITS = (Command("models", models, 80),)
