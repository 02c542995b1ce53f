"""Services whose models are small checkpoints, made once for all tests of a process."""

import atexit
import tempfile
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import ocella
from ocella.models.load import find_entry
from ocella.models.pool import Pool
from ocella.workflows.services import Services

__all__ = ["by_hand", "folder_of", "made", "services"]


@cache
def made(name: str, family: str, like: str = "") -> dict[str, Any]:
    """Options that load the zoo's model `name` on the small checkpoint of `tests/checkpoints/<family>`, or on that of the
    model `like`. Language models are brief.
    """
    folder = _root() / f"{name}{like}"
    folder.mkdir()
    options = {"device": "cpu", "threads": 1, **import_module(f"tests.checkpoints.{family}").make(folder, like or name)}
    card = find_entry(name).card
    if "max_tokens" in card.data:
        options["card"] = replace(card, data={**card.data, "max_tokens": min(24, card.data["max_tokens"])})
    return options


def folder_of(name: str, family: str, like: str = "") -> Path:
    """Where that checkpoint is."""
    return Path(made(name, family, like)["weights"])


@cache
def by_hand(name: str, family: str, like: str = "") -> Any:
    """The same model, loaded without a workflow."""
    return ocella.load(name, **made(name, family, like))


@cache
def services(name: str = "", family: str = "", like: str = "") -> Services:
    """Services that lease the model `name` from such a checkpoint, and any other as it is."""

    def options_of(asked: str | Path, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "device": "cpu", **(made(name, family, like) if str(asked) == name else {})}

    return Services(
        models=Pool(
            10**9,
            loader=lambda asked, **options: ocella.load(asked, **options_of(asked, options)),
            weigh=lambda *_, **__: 1,
        )
    )


@cache
def _root() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="ocella-checkpoints-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
