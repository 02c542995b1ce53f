"""Names of models in a file: a list, or anything that names them inside, like a workflow or a choice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ocella.errors import NotFound, Unreadable
from ocella.models.entry import zoo

__all__ = ["names_in", "parts_of"]

_KEYS = {"model", "models", "model_id", "model_ids", "model_name", "model_variant"}
_BROUGHT = ("hf:", "roboflow:")


def names_in(file: Path) -> list[str]:
    """Each name once, in order: of a text file one a line (`#` begins a remark), of JSON or YAML every item of a list,
    else what stands under `model`, `model_id` or the like, and every text that is a model's name. Raises NotFound,
    Unreadable.
    """
    try:
        text = file.read_text(encoding="utf-8")
        found = list(dict.fromkeys(_names(file, text)))
    except FileNotFoundError as error:
        raise NotFound(f"{file} is not there. Expected a file with names of models.") from error
    except (OSError, ValueError) as error:
        raise Unreadable(f"{file} cannot be read as text, JSON or YAML: {str(error)[:200]}.") from error
    if not found:
        raise NotFound(
            f"{file} names no model. Expected one name a line, a list of names, or a workflow with model_id."
        )
    return found


def parts_of(name: str) -> list[str]:
    """The models whose weights `name` needs: those joined by `+`, and the parts of one that is made of others."""
    parts = {n: list(e.card.data["parts"]) for e in zoo if "parts" in e.card.data for n in (e.name, *e.card.aliases)}
    return [part for one in name.split("+") for part in parts.get(one, [one])]


def _names(file: Path, text: str) -> Iterator[str]:
    if file.suffix.lower() == ".json":
        yield from _within(json.loads(text), top=True)
    elif file.suffix.lower() in (".yaml", ".yml"):
        yield from _within(_yaml(text), top=True)
    else:
        yield from (name for line in text.splitlines() if (name := line.partition("#")[0].strip()))


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _within(value: Any, *, named: bool = False, top: bool = False) -> Iterator[str]:
    """Names in nested data; `named` under a key that tells that a model follows."""
    if isinstance(value, str):
        if value.startswith("$"):  # a workflow's reference to an input
            return
        if named or value.startswith(_BROUGHT) or value in _known():
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _within(item, named=named or (top and isinstance(item, str)))
    elif isinstance(value, dict):
        for key, item in value.items():
            under = key in _KEYS and isinstance(item, (str, list))
            yield from _within(item, named=under or (named and key == "name"))


def _known() -> set[str]:
    return {entry.name for entry in zoo}.union(*(entry.card.aliases for entry in zoo))
