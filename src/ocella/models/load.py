"""Two verbs for every model: load it, list them."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry, zoo
from ocella.models.license_gate import check_license
from ocella.models.tasks import Model
from ocella.registry import did_you_mean

__all__ = ["find_entry", "list_models", "load", "parts_of"]


def find_entry(name: str) -> ModelEntry:
    """The zoo's entry of that name or alias; raises NotFound with the nearest ones."""
    named = {n: entry for entry in zoo for n in (entry.name, *entry.card.aliases)}
    if name not in named:
        raise NotFound(f"There is no model '{name}'.{did_you_mean(name, list(named))} `ocella models` lists all.")
    return named[name]


def list_models(
    *,
    task: str | None = None,
    license: str | None = None,  # noqa: A002  # the field's word
    open_vocabulary: bool | None = None,
) -> list[ModelCard]:
    """Cards of the zoo; `license="commercial"` keeps those whose code and weights allow it."""
    if license not in (None, "commercial"):
        raise InvalidValue(f"license must be 'commercial' or nothing, got {license!r}.")
    return [
        entry.card
        for entry in zoo
        if task in (None, entry.card.task)
        and (license is None or entry.card.commercial_use)
        and open_vocabulary in (None, entry.card.open_vocabulary)
    ]


def load(name: str | Path, **options: Any) -> Model:
    """A model by name (`nanodet-g`), or from what a person brings: the folder of a student, an ONNX file (with `task` and
    `classes`), a checkpoint's folder, a Roboflow package's folder, `hf:organisation/name@revision`, or
    `roboflow:workspace/project/version`. A detector and a second model joined by `+` are one: a segmenter adds masks, a
    classifier names, a top-down pose model points; `weights` is then a folder with one of each part's name. Options are those
    of LoadOptions.
    """
    chosen = LoadOptions(**options)
    path, text = Path(name), str(name)
    if (path / "card.json").is_file():
        return _load_student(path, chosen)
    brought = _load_brought(text, path, chosen)
    if brought is not None:
        return brought
    if "+" in text:
        return _load_joined(text, chosen)
    if "/" in text or "\\" in text or path.is_dir():
        raise NotFound(
            f"'{name}' is no model: expected a name from `ocella models`, hf:organisation/name, an ONNX file, or a folder "
            "with card.json (as `ocella train` writes), config.json (a checkpoint) or model_config.json (Roboflow)."
        )
    entry = find_entry(text)
    check_license(entry.card, chosen.license)
    return entry.build(chosen)


def parts_of(name: str | Path) -> tuple[str, ...]:
    """The names of the two models that `load` would join, or the one."""
    text = str(name)
    brought = text.startswith(("hf:", "roboflow:")) or text.endswith((".onnx", ".pt", ".pth")) or Path(text).is_dir()
    return (text,) if brought or "+" not in text else tuple(text.split("+", 1))


def _load_brought(text: str, path: Path, options: LoadOptions) -> Model | None:
    """What a person brings, by its form; None where it is a name."""
    if text.startswith("hf:"):
        from ocella.models.checkpoints.local_checkpoint import load_from_hub

        return load_from_hub(text.removeprefix("hf:"), options)
    if text.startswith("roboflow:"):
        from ocella.models.hub.roboflow_universe import fetch_universe

        path = fetch_universe(text.removeprefix("roboflow:"), options)
    if (path / "model_config.json").is_file():
        from ocella.models.onnx.roboflow_package import load_package

        return load_package(path, options)
    if (path / "config.json").is_file():
        from ocella.models.checkpoints.local_checkpoint import load_checkpoint

        return load_checkpoint(path, options)
    if text.endswith((".onnx", ".pt", ".pth")):
        from ocella.models.onnx.file import load_onnx, torch_file_refused

        if not text.endswith(".onnx"):
            raise torch_file_refused(path)
        return load_onnx(path, options)
    return None


def _load_joined(text: str, options: LoadOptions) -> Model:
    from ocella.models.compose import join

    first, second = (
        load(part, **{**vars(options), "weights": options.weights and options.weights / part})
        for part in text.split("+", 1)
    )
    return join(first, second)


def _load_student(folder: Path, options: LoadOptions) -> Model:
    try:
        card = ModelCard.from_json(json.loads((folder / "card.json").read_text(encoding="utf-8")))
        architecture = card.data["architecture"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{folder / 'card.json'} is not a model card: {error}. Train again, or restore it.") from error
    weights = folder / "model.onnx"
    if not weights.is_file():
        raise NotFound(
            f"{folder} has a card but no model.onnx. The training did not finish: run the same command again."
        )
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()  # names the work of these weights in records
    check_license(card, options.license)
    return find_entry(architecture).build(replace(options, weights=weights, card=replace(card, sha256=digest)))
