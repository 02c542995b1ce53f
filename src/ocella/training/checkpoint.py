"""The state of a run on disk, whole or not at all, so that a killed run goes on."""

import hashlib
import json
import pickle
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from ocella.datasets.dataset import Dataset, to_coco
from ocella.errors import Mismatch, Unreadable
from ocella.media.write import write_bytes

__all__ = ["Checkpoint", "fingerprint"]


def fingerprint(dataset: Dataset, recipe: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """What must be equal for a run to go on: hash of images, labels and splits, and the settings as JSON."""
    coco = to_coco(dataset)
    facts = [coco["categories"], coco["annotations"]]
    facts.append([[i["file_name"], i["sha256"], i["split"], i["width"], i["height"]] for i in coco["images"]])
    data = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return {"data": data, "recipe": recipe, "settings": json.dumps(dict(settings), sort_keys=True)}


class Checkpoint:
    """One file, replaced as a whole; only tensors and plain values, so that reading it runs no code."""

    def __init__(self, path: Path, identity: Mapping[str, str]) -> None:
        self.path, self.identity = path, dict(identity)

    def save(self, state: dict[str, Any]) -> None:
        """Write the state beside the old one, then replace it; raises OcellaError where the disk says no."""
        import torch

        buffer = BytesIO()
        torch.save({"identity": self.identity, **state}, buffer)
        write_bytes(self.path, buffer.getvalue())

    def load(self) -> dict[str, Any] | None:
        """The state, None where there is none; raises Mismatch where it is of other data, settings or recipe."""
        import torch

        if not self.path.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            found = state["identity"]
        except (pickle.UnpicklingError, RuntimeError, KeyError, EOFError, OSError, ValueError) as error:
            raise Unreadable(f"{self.path} is not a checkpoint: {error}. Delete it to train from the start.") from error
        self.check(found)
        return state

    def check(self, found: Mapping[str, str]) -> None:
        """Raises Mismatch where `found` is not this run's identity, naming what differs."""
        changed = [k for k in self.identity if found.get(k) != self.identity[k]]
        if changed:
            detail = ""
            if "settings" in changed:
                old, new = json.loads(found.get("settings", "{}")), json.loads(self.identity["settings"])
                parts = [f"{k} was {old.get(k)}, is {new[k]}" for k in new if old.get(k) != new[k]]
                detail = f" ({'; '.join(parts)})"
            raise Mismatch(
                f"{self.path.parent.parent} holds a run with other {' and '.join(changed)}{detail}. "
                f"Train into another folder, or delete this one to start anew."
            )
