"""`ocella pull`."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import AllowPickle, Json
from ocella.cli.output import progress_bars, say, show
from ocella.errors import InvalidValue, NotFound, OcellaError
from ocella.models.card import ModelCard
from ocella.registry import did_you_mean

if TYPE_CHECKING:
    from ocella.models.hub.pull import Pulled

__all__ = ["UNITS"]

Given = Annotated[
    list[str] | None,
    typer.Argument(help="Names from `ocella models`, hf:org/name@revision, roboflow:...; a+b fetches both."),
]
AllOf = Annotated[
    Path | None,
    typer.Option(help="A file that names models: one a line, a JSON or YAML list, or a workflow with model_id inside."),
]
Into = Annotated[
    Path | None,
    typer.Option(
        help="Fetch into this folder, to be carried to a machine without a network and used with OCELLA_CACHE."
    ),
]
From = Annotated[Path | None, typer.Option("--from", help="Copy from such a folder into the cache; asks no network.")]
Again = Annotated[bool, typer.Option("--again", help="Fetch damaged files again.")]
AcceptNew = Annotated[bool, typer.Option("--accept-new", help="Take what the hub has now in place of what was first.")]


def pull(
    names: Given = None,
    all_of: AllOf = None,
    into: Into = None,
    source: From = None,
    again: Again = False,
    accept_new: AcceptNew = False,
    allow_pickle: AllowPickle = False,
    json: Json = False,
) -> None:
    """Fetch the weights of models into the hub's cache folder, after saying their licence and size. Every file is held to
    its hash of the first fetch, and an interrupted fetch goes on where it was. What fails leaves the rest, and is listed.
    OCELLA_HUB or HF_ENDPOINT sets a mirror; OCELLA_OFFLINE=1 forbids the network.
    """
    from ocella.models.hub.model_names import names_in, parts_of

    listed = names_in(all_of) if all_of is not None else []
    wanted = [one for name in (*(names or ()), *listed) for one in parts_of(name)]
    if source is not None:
        steps = _from_folder(source, wanted, accept_new=accept_new, tell=not json)
    elif wanted:
        steps = _from_network(wanted, into, tell=not json, again=again, accept_new=accept_new, pickle=allow_pickle)
    else:
        raise InvalidValue("`ocella pull` takes names of models, --all-of a file, or --from a folder; got none.")
    done, failed = _all(steps, tell=not json)
    if into is not None:
        from ocella.models.hub.carried import pack

        pack(into, done, failed)
        if not json:
            say(f"Carry {into} with you. There: OCELLA_CACHE={into} OCELLA_OFFLINE=1, or ocella pull --from {into}")
    show({"pulled": [one.to_json() for one in done], "failed": failed}, [], as_json=json)
    if failed:
        codes = {int(f["exit_code"]) for f in failed}
        raise typer.Exit(codes.pop() if len(codes) == 1 else OcellaError.exit_code)


def _all(
    steps: Sequence[tuple[str, Callable[[], "Pulled"]]], *, tell: bool
) -> tuple[list["Pulled"], list[dict[str, Any]]]:
    """What came of each, and what failed; the error itself where there was only one to do."""
    done, failed = [], []
    for name, step in steps:
        try:
            done.append(step())
        except OcellaError as error:
            if len(steps) == 1:
                raise
            failed.append(
                {"name": name, "type": type(error).__name__, "message": str(error), "exit_code": error.exit_code}
            )
            if tell:
                say(f"{name}: failed")
    if tell and failed:
        lines = [f"  {f['name']}: {f['type']}: {f['message']}" for f in failed]
        typer.echo("\n".join([f"{len(failed)} of {len(steps)} failed:", *lines]), err=True)
    return done, failed


def _from_network(
    names: Sequence[str], into: Path | None, *, tell: bool, **how: bool
) -> list[tuple[str, Callable[[], "Pulled"]]]:
    from ocella.models.hub.weights import cache_folder

    cache = into / "hub" if into is not None else cache_folder()
    return [(name, partial(_fetch, name, cache, tell=tell, **how)) for name in names]


def _fetch(name: str, cache: Path, *, tell: bool, **how: bool) -> "Pulled":
    from ocella.models.hub.pull import card_to_pull, pull

    card = card_to_pull(name)
    if tell:
        _announce(card, cache)
    with progress_bars(as_json=not tell) as progress:
        one = pull(card, cache=cache, progress=progress, **how)
    if tell and one.place is not None:
        size = sum(fact.size for fact in one.lock.files.values()) if one.lock else 0
        if not card.megabytes:
            say(f"    weights: {one.license}")
        say(f"    {f'fetched {size / 1e6:.0f} MB' if one.fetched else 'already here'}: {one.place}")
        if card.extra:
            say(f"    to run it: pip install 'ocella[{card.extra}]'")
    return one


def _announce(card: ModelCard, cache: Path) -> None:
    from ocella.models.hub.disk_room import free_bytes
    from ocella.models.hub.weights import is_fetched

    if not is_fetched(card) and "roboflow" not in card.data:
        say(f"{card.name}: nothing to fetch ({card.checkpoint}).")
        return
    size = f"about {card.megabytes:g} MB" if card.megabytes else "weights"
    say(f"{card.name}: {size} from {card.checkpoint}; {free_bytes(cache) / 1e6:,.0f} MB are free")
    if card.megabytes:
        allows = "allows" if card.commercial_use else "does NOT allow"
        say(f"    weights: {card.weights_license}, which {allows} commercial use; code: {card.code_license}")


def _from_folder(
    folder: Path, names: Sequence[str], *, accept_new: bool, tell: bool
) -> list[tuple[str, Callable[[], "Pulled"]]]:
    from ocella.models.hub.carried import read_manifest

    entries = {str(entry["name"]): entry for entry in read_manifest(folder)}
    return [(n, partial(_bring, n, entries, folder, accept_new=accept_new, tell=tell)) for n in names or entries]


def _bring(name: str, entries: dict[str, dict[str, Any]], folder: Path, *, accept_new: bool, tell: bool) -> "Pulled":
    from ocella.models.hub.carried import bring
    from ocella.models.hub.pull import card_to_pull
    from ocella.models.hub.weights import cache_folder

    named = name if name in entries else card_to_pull(name).name
    if named not in entries:
        raise NotFound(f"{folder} does not hold '{name}'.{did_you_mean(name, list(entries))}")
    one = bring(entries[named], folder, cache_folder(), accept_new=accept_new)
    if tell:
        say(f"{named}: copied, every hash is right: {one.place}", f"    weights: {one.license}")
    return one


UNITS = (Command("pull", pull, 85),)
