"""Two verbs for every model: load it, list them."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, Mismatch, NotFound, Unreadable
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry, zoo
from ocella.models.tasks import Detector, Model, Segmenter

__all__ = ["find_entry", "list_models", "load"]


def find_entry(name: str) -> ModelEntry:
    """The zoo's entry of that name or alias; raises NotFound."""
    for entry in zoo:
        if name in entry.card.aliases:
            return entry
    return zoo.get(name)


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
    """A model by name (`nanodet-g`), by the directory of a student, or a detector and a segmenter joined by `+`
    (`nanodet-g+person-segmentation` gives masks). Options are those of LoadOptions.
    """
    chosen = LoadOptions(**options)
    if (Path(name) / "card.json").is_file():
        return _load_student(Path(name), chosen)
    text = str(name)
    if "+" in text:
        return _load_grounded(text, chosen)
    if "/" in text or "\\" in text or Path(name).is_dir():
        raise NotFound(
            f"'{name}' is no model: expected a directory with card.json, as `ocella train` writes, or a name."
        )
    return find_entry(text).build(chosen)


def _load_grounded(text: str, options: LoadOptions) -> Model:
    from ocella.models.compose import Grounded

    first, _, second = text.partition("+")
    detector, segmenter = load(first, **vars(options)), load(second, **vars(options))
    if not isinstance(detector, Detector) or not isinstance(segmenter, Segmenter):
        raise Mismatch(
            f"'{text}' must join a detector and a promptable segmenter, got {detector.task}+{segmenter.task}."
        )
    return Grounded(detector, segmenter)


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
    return find_entry(architecture).build(replace(options, weights=weights, card=replace(card, sha256=digest)))
