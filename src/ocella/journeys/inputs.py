"""What a person may hand in, as the values the rooms take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocella.choosing.choice_file import SavedChoice, read_choice
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue
from ocella.models.load import load
from ocella.models.onnx.metadata import read_exported
from ocella.models.tasks import Model
from ocella.types import Ontology

__all__ = [
    "DEFAULT_MODEL",
    "Classes",
    "ModelLike",
    "SettingLike",
    "Sources",
    "as_choice",
    "as_list",
    "as_model",
    "as_ontology",
    "as_size",
    "as_sources",
    "as_tile",
]

DEFAULT_MODEL = "nanodet-g"

Classes = str | Sequence[str] | Ontology | None
ModelLike = str | Path | Model
SettingLike = str | Path | Setting | None
Sources = str | Path | Sequence[str | Path]


def as_sources(sources: Sources) -> list[str | Path]:
    """One path or several."""
    return [sources] if isinstance(sources, (str, Path)) else list(sources)


def as_ontology(classes: Classes) -> Ontology | None:
    """`"person, dog=a dog or puppy"`, names, an ontology, or nothing for the model's own classes."""
    if classes is None or isinstance(classes, Ontology):
        return classes
    return Ontology.parse(classes) if isinstance(classes, str) else Ontology.of(*classes)


def as_choice(setting: SettingLike, **given: object) -> SavedChoice | None:
    """A setting, or what a file of `ocella choose` holds. Raises InvalidValue where `given` says again what it says."""
    if setting is None:
        return None
    twice = [name for name, value in given.items() if value not in (None, "")]
    if twice:
        raise InvalidValue(
            f"A setting says the model, classes, thresholds, tile and prompt, so {' and '.join(twice)} cannot be given "
            f"beside it. Take {'it' if len(twice) == 1 else 'them'} away, or change the setting."
        )
    return SavedChoice(setting) if isinstance(setting, Setting) else read_choice(setting)


def as_model(model: ModelLike, device: str = "auto", **options: Any) -> Model:
    """A loaded model, from its name, a folder or an ONNX file; `options` are further ones of `ocella.load`."""
    if isinstance(model, Model):
        return model
    return load(model, device=device, api_key=_api_key(), **options)


def as_list(model: ModelLike, classes: Classes) -> tuple[str, ...]:
    """The model's own list of classes, where `model` is an ONNX file that names none: those of `classes`, in order; else
    nothing, and `classes` are what to look for. Raises InvalidValue where there are none, or they have prompts.
    """
    if isinstance(model, Model) or not str(model).endswith(".onnx") or read_exported(Path(model)).classes:
        return ()
    ontology = as_ontology(classes)
    if ontology is None:
        return ()
    if any(c.prompts != (c.name,) for c in ontology.classes):
        raise InvalidValue(
            f"{model} does not name its classes, so the classes given must be its own list, in order and without prompts."
        )
    return ontology.names


def _api_key() -> str:
    from ocella.environment import read

    return read().api_key


def as_tile(tile: str | tuple[int, int] | None) -> tuple[int, int] | None:
    """`"2x3"` is two rows and three columns; raises InvalidValue."""
    return _pair("tile must be rows x columns like 2x2", tile)


def as_size(size: str | tuple[int, int] | None) -> tuple[int, int] | None:
    """`"320x416"` is 320 high and 416 wide; raises InvalidValue."""
    return _pair("a size must be height x width like 320x416", size)


def _pair(expected: str, given: str | tuple[int, int] | None) -> tuple[int, int] | None:
    if given is None or isinstance(given, tuple):
        return given
    first, cross, second = given.lower().partition("x")
    if not (cross and first.strip().isdigit() and second.strip().isdigit()):
        raise InvalidValue(f"{expected}, got '{given}'.")
    return int(first), int(second)
