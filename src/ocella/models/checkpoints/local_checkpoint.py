"""A checkpoint of transformers that a person brings: the zoo's entry that can open it does."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ocella.errors import InvalidValue, Mismatch, Refused
from ocella.models.checkpoints.transformers_checkpoint import readable
from ocella.models.entry import LoadOptions, ModelEntry, zoo
from ocella.models.hub.weights import ensure_weights, hub_card, is_complete, lock_of
from ocella.models.license_gate import check_license
from ocella.models.tasks import Model

__all__ = ["load_checkpoint", "load_from_hub"]

_PERMISSIVE = {"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "cc0-1.0", "cc-by-4.0", "unlicense"}
"""Licences, as pages of the hub name them, that allow commercial use of what they are put on."""


def load_checkpoint(folder: Path, options: LoadOptions, *, name: str = "", license: str = "") -> Model:  # noqa: A002
    """The checkpoint in `folder` by the entry that opens its architecture, for `options.task` where several do. `license`
    is what its page says; commercial use is allowed where that is a permissive one and every model of the zoo with this
    architecture allows it too, for a page cannot lift the terms of weights that it was tuned from. Raises Mismatch where
    no entry opens it, Refused for a pickle without leave.
    """
    able = _able(folder)
    entry = _entry(folder, able, options.task)
    _check_pickle(folder, name or str(folder), options)
    card = replace(
        entry.card,
        name=name or folder.name,
        summary=f"brought by you, opened as {entry.card.system or entry.name}",
        checkpoint=f"folder {folder.name}",
        weights_license=f"{license}, as its page says" if license else "unknown: look where it came from",
        commercial_use=license in _PERMISSIVE and all(e.card.commercial_use for e in able),
        clause=entry.card.clause or "the licence of weights that you bring is not known here",
        classes=(),
        accuracy=(),
        aliases=(),
        run_here="nothing yet",
        data={k: v for k, v in entry.card.data.items() if k not in ("hub", "revision", "files", "patterns", "sha256")},
    )
    check_license(card, options.license)
    return entry.build(replace(options, weights=folder, card=card))


def load_from_hub(reference: str, options: LoadOptions) -> Model:
    """`organisation/name` or `organisation/name@revision` from the hub, fetched into the cache where it is not there."""
    repository, _, revision = reference.partition("@")
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise InvalidValue(
            f"hf: must be followed by organisation/name or organisation/name@revision, got '{reference}'."
        )
    card = hub_card(repository, revision)
    folder = ensure_weights(card, pickle=options.pickle)
    lock = lock_of(card)
    return load_checkpoint(folder, options, name=card.name, license=lock.license if lock else "")


def _able(folder: Path) -> list[ModelEntry]:
    """Entries that open the architecture in the folder: transformers names several, timm one."""
    with readable(folder):
        config = dict(json.loads((folder / "config.json").read_text(encoding="utf-8")))
        named = {*(config.get("architectures") or ()), config.get("architecture", "")} - {""}
    able = [e for e in zoo if named & set(e.opens)]
    if not able:
        known = sorted({a for e in zoo for a in e.opens})
        raise Mismatch(
            f"{folder} holds a {' or '.join(sorted(named)) or 'network without a name'}, which nothing here opens. "
            f"These are opened: {', '.join(known)}. Export it to ONNX and load that with task and classes instead."
        )
    return able


def _entry(folder: Path, able: Sequence[ModelEntry], task: str) -> ModelEntry:
    fitting = [e for e in able if task in ("", e.card.task)]
    if not fitting:
        tasks = sorted({e.card.task for e in able})
        raise Mismatch(
            f"{folder} holds a {able[0].card.system or able[0].name}, which is for {', '.join(tasks)}, not for {task}."
        )
    return fitting[0]


def _check_pickle(folder: Path, name: str, options: LoadOptions) -> None:
    pickles = sorted(f.name for f in folder.glob("pytorch_model*.bin"))
    if pickles and not options.pickle and not is_complete(folder):
        raise Refused(
            f"{folder} has its weights only as {pickles[0]}, a pickle, which can run code of whoever made it. Where you "
            f"trust it, allow it: --allow-pickle, or ocella.load('{name}', pickle=True). Only tensors are then taken from it."
        )
