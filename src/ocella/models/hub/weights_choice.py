"""Which files a checkpoint is made of: what is fetched of a repository, and whether a folder has it all."""

import json
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from ocella.errors import NotFound, Refused
from ocella.models.card import ModelCard
from ocella.models.hub.client import HubFile, HubFiles

__all__ = ["PATTERNS", "is_complete", "wanted"]

PATTERNS = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What is fetched: no pickles, which run code when they are read, and no twins for other frameworks."""

_SAFE, _PICKLE = "model.safetensors", "pytorch_model.bin"
_INDEX = ".index.json"


def is_complete(folder: Path, files: Sequence[str] = (), *, pickle: bool = False) -> bool:
    """Whether a checkpoint's folder has a configuration and every file of its weights, or every one of `files`; weights
    that are a pickle count where `pickle`.
    """
    if files:
        return all((folder / name).is_file() for name in files)
    forms = (_SAFE, _PICKLE) if pickle else (_SAFE,)
    return (folder / "config.json").is_file() and any(_has_weights(folder, form) for form in forms)


def wanted(card: ModelCard, held: HubFiles, *, pickle: bool) -> tuple[HubFile, ...]:
    """Files to fetch: those of the top folder that PATTERNS tell, and what the card's data ask for as `files` or
    `patterns`. Raises Refused where the weights are there as a pickle only, NotFound where they are not there at all.
    """
    needed = tuple(card.data.get("files", ()))
    asked = (*needed, *card.data.get("patterns", ()))
    safe = any(n in (_SAFE, _SAFE + _INDEX) for n in held.names)
    if not needed and not safe:
        asked += _pickles(card, held, allow=pickle)
    chosen = tuple(f for f in held.files if _fits(f.name, asked, weights=not needed, safe=safe))
    lacking = sorted(set(needed or ("config.json",)) - {f.name for f in chosen})
    if lacking:
        raise NotFound(_lacks(card, held, lacking))
    return chosen


def _fits(name: str, asked: Sequence[str], *, weights: bool, safe: bool) -> bool:
    if any(fnmatch(name, pattern) for pattern in asked):
        return True
    if "/" in name or not any(fnmatch(name, pattern) for pattern in PATTERNS):
        return False
    if not name.endswith((".safetensors", ".safetensors" + _INDEX)):
        return True
    return weights and (name.startswith("model") or not safe)  # not a second form of the same weights


def _pickles(card: ModelCard, held: HubFiles, *, allow: bool) -> tuple[str, ...]:
    """The weights of a repository that has no others."""
    found = tuple(n for n in held.names if fnmatch(n, "pytorch_model*.bin"))
    if not found:
        raise NotFound(_lacks(card, held, [_SAFE]))
    if not allow:
        raise Refused(
            f"{held.repository} has its weights only as {found[0]}, a pickle, which can run code of whoever made it. Where "
            f"you trust it, allow it: `ocella pull {card.name} --allow-pickle`, and again where it is used, or "
            f"ocella.load('{card.name}', pickle=True). Only tensors are then taken from it."
        )
    return found


def _has_weights(folder: Path, whole: str) -> bool:
    """Whether the file, or every part that its index names, is in the folder."""
    index = folder / (whole + _INDEX)
    if not index.is_file():
        return (folder / whole).is_file()
    try:
        parts = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError, TypeError):
        return False
    return bool(parts) and all((folder / part).is_file() for part in parts)


def _lacks(card: ModelCard, held: HubFiles, names: Sequence[str]) -> str:
    return (
        f"{held.repository} has no {' and no '.join(names)}, which '{card.name}' is made of. Is the name right, and is a "
        "mirror in OCELLA_HUB or HF_ENDPOINT complete?"
    )
