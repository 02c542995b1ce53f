"""`ocella pull`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json
from ocella.cli.output import say, show
from ocella.models.card import ModelCard

__all__ = ["UNITS"]


def pull(
    names: Annotated[list[str], typer.Argument(help="Names from `ocella models`; a+b fetches both.")],
    json: Json = False,
) -> None:
    """Fetch the weights of models into the hub's cache folder, after saying their licence and size. An interrupted
    fetch goes on where it was. HF_ENDPOINT sets a mirror; OCELLA_OFFLINE=1 forbids the network.
    """
    from ocella.models.load import find_entry

    cards = [find_entry(name).card for joined in names for name in joined.split("+")]
    results = [_pull(card, tell=not json) for card in cards]
    show({"pulled": results}, [], as_json=json)


def _pull(card: ModelCard, *, tell: bool) -> dict[str, Any]:
    from ocella.models.weights import fetch_weights, find_weights, on_hub

    facts = {"name": card.name, "weights_license": card.weights_license, "commercial_use": card.commercial_use}
    if not on_hub(card):
        if tell:
            say(f"{card.name}: nothing to fetch ({card.checkpoint}).")
        return {**facts, "fetched": False, "folder": None}
    before = find_weights(card)
    if tell:
        allows = "allows" if card.commercial_use else "does NOT allow"
        say(f"{card.name}: about {card.megabytes:g} MB from {card.checkpoint}")
        say(f"    weights: {card.weights_license}, which {allows} commercial use; code: {card.code_license}")
    folder = fetch_weights(card)
    if tell:
        say(f"    {'already here' if folder == before else f'fetched {_megabytes(folder):.0f} MB'}: {folder}")
        if card.extra:
            say(f"    to run it: pip install 'ocella[{card.extra}]'")
    return {**facts, "fetched": folder != before, "folder": str(folder)}


def _megabytes(folder: Path) -> float:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


UNITS = (Command("pull", pull, 85),)
