"""What was seen of a model on this computer, kept beside its card."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ocella import environment
from ocella.media.write import write_json
from ocella.models.card import ModelCard

__all__ = ["read_verified", "seen_card", "write_verified"]


def write_verified(name: str, record: dict[str, Any]) -> Path:
    """The record of a model's look at the sample photographs as a file; an older one gives way."""
    file = _file(name)
    write_json(file, record)
    return file


def read_verified(name: str) -> dict[str, Any] | None:
    """The record, or None where the model has not been verified here or the file is damaged."""
    try:
        record = json.loads(_file(name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def seen_card(card: ModelCard) -> ModelCard:
    """The card with what was seen here in `run_here`, where anything was."""
    record = read_verified(card.name)
    if record is None:
        return card
    said = f"its real weights, on this computer {record['date']}: right {record['right']} of {record['looks']} times"
    return replace(card, run_here=said)


def _file(name: str) -> Path:
    return (
        environment.read().hub_cache.parent
        / "ocella"
        / "verified"
        / f"{name.replace('/', '--').replace(':', '-')}.json"
    )
