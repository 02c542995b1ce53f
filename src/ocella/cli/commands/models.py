"""`ocella models`."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import Json
from ocella.cli.output import show

if TYPE_CHECKING:
    from ocella.models.card import ModelCard

__all__ = ["UNITS"]


def models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or systems to tell all about; none for the list.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="detect, classify, keypoints, ocr, vlm, ...")] = None,
    license: Annotated[str | None, typer.Option(help="commercial: only those whose licences allow it.")] = None,
    open_vocabulary: Annotated[
        bool | None, typer.Option("--open-vocabulary/--fixed-classes", help="Takes any prompt, or knows a fixed list.")
    ] = None,
    json: Json = False,
) -> None:
    """List the models: what for, how heavy, under which licence, run on what; or tell all about some."""
    from ocella.models.load import find_entry, list_models
    from ocella.models.verified import seen_card

    cards = list_models(task=task, license=license, open_vocabulary=open_vocabulary)
    if names:
        wanted = {card.name for name in names for card in cards if card.system.lower() == name.lower()}
        wanted |= {find_entry(name).name for name in names if not any(c.system.lower() == name.lower() for c in cards)}
        cards = [card for card in cards if card.name in wanted]
    seen = [seen_card(card) for card in cards]
    lines = [line for card in seen for line in _whole(card)] if names else list(_list(seen))
    show({"models": [c.to_json() for c in seen]}, lines or ["No model fits these conditions."], as_json=json)


def _list(cards: Sequence["ModelCard"]) -> Iterator[str]:
    """A line a model, by task."""
    wide = max((len(c.name) for c in cards), default=0)
    for task, group in groupby(sorted(cards, key=lambda c: c.task), key=lambda c: c.task):
        yield f"{task}:"
        for card in group:
            extra = f"extra {card.extra}" if card.extra else ""
            use = "commercial" if card.commercial_use else "not commercial"
            size = f"{card.megabytes:g} MB" if card.megabytes else ""
            real = card.run_here if card.run_here.startswith("its real weights") else ""
            facts = (size, use, extra, real or "its real weights never run here")
            yield f"  {card.name:{wide}}  {_takes(card):16}  {', '.join(f for f in facts if f)}"


def _whole(card: "ModelCard") -> Iterator[str]:
    """All that the card says."""
    yield f"{card.name}  [{', '.join(f for f in (card.task, _takes(card)) if f)}]"
    yield f"    {card.system + ': ' if card.system else ''}{card.summary}"
    rows = {
        "good at": card.good_at,
        "bad at": card.bad_at,
        "when": card.advice,
        "weights": f"{card.checkpoint}, {card.megabytes:g} MB, {card.weights_license}",
        "code": f"{card.code_license}, run by {card.library}{f', extra {card.extra!r}' if card.extra else ''}",
        "commercial use": "allowed" if card.commercial_use else f"no: {card.clause or card.weights_license}",
        "licence to accept": card.gated,
        "accuracy": "; ".join(f"{a.metric} {a.value:g} on {a.data} ({a.source})" for a in card.accuracy),
        "memory": f"about {card.memory_gb:g} GB, {card.speed} on two processor cores" if card.memory_gb else "",
        "superseded by": card.superseded_by,
        "instead, out of the box": card.stand_in,
        "run on": card.run_here or "nothing yet",
    }
    yield from (f"    {name}: {value}" for name, value in rows.items() if value)


def _takes(card: "ModelCard") -> str:
    if card.open_vocabulary:
        return "any words"
    return card.vocabulary or ", ".join(card.classes[:2]) or " or ".join(card.prompts)


UNITS = (Command("models", models, 80),)
