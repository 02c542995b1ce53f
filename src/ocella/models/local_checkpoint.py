"""A checkpoint of transformers that a person brings: the zoo's entry that can open it does."""

import json
from dataclasses import replace
from pathlib import Path

from ocella.errors import Mismatch
from ocella.models.entry import LoadOptions, ModelEntry, zoo
from ocella.models.load import check_license
from ocella.models.tasks import Model
from ocella.models.transformers_checkpoint import readable
from ocella.models.weights import fetch_repository

__all__ = ["load_checkpoint", "load_from_hub"]


def load_checkpoint(folder: Path, options: LoadOptions, *, name: str = "") -> Model:
    """The checkpoint in `folder` by the entry that opens its architecture, for `options.task` where several do. Its
    card says that nothing is known of its licence. Raises Mismatch where no entry opens it.
    """
    with readable(folder):
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    entry = _entry(folder, config.get("architectures") or [], options.task)
    card = replace(
        entry.card,
        name=name or folder.name,
        summary=f"brought by you, opened as {entry.card.system or entry.name}",
        checkpoint=f"folder {folder.name}",
        weights_license="unknown: look where it came from",
        commercial_use=False,
        clause="the licence of weights that you bring is not known here",
        classes=(),
        accuracy=(),
        aliases=(),
        run_here="nothing yet",
        data={k: v for k, v in entry.card.data.items() if k not in ("hub", "revision")},
    )
    check_license(card, options.license)
    return entry.build(replace(options, weights=folder, card=card))


def load_from_hub(reference: str, options: LoadOptions) -> Model:
    """`organisation/name` or `organisation/name@revision` from the hub, fetched into the cache where it is not there."""
    repository, _, revision = reference.partition("@")
    folder = fetch_repository(repository, revision)
    return load_checkpoint(folder, options, name=f"hf:{reference}")


def _entry(folder: Path, architectures: list[str], task: str) -> ModelEntry:
    able = [e for e in zoo if set(e.opens) & set(architectures)]
    fitting = [e for e in able if task in ("", e.card.task)]
    if fitting:
        return fitting[0]
    if able:
        tasks = sorted({e.card.task for e in able})
        raise Mismatch(f"{folder} holds a {architectures[0]}, which is for {', '.join(tasks)}, not for {task}.")
    known = sorted({a for e in zoo for a in e.opens})
    raise Mismatch(
        f"{folder} holds a {' or '.join(architectures) or 'network without a name'}, which nothing here opens. "
        f"These are opened: {', '.join(known)}. Export it to ONNX and load that with task and classes instead."
    )
