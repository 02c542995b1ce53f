"""A small random Grounding DINO beside a small random SAM."""

from pathlib import Path
from typing import Any

from tests.checkpoints import grounding_dino, sam, sam2

from ocella.models.load import find_entry

_MAKERS = {"grounding-dino-tiny": grounding_dino.make, "sam-vit-base": sam.make, "sam2.1-hiera-tiny": sam2.make}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the parts of the card `name` into folders of their names; the options that load them."""
    for part in find_entry(name).card.data["parts"]:
        (folder / part).mkdir()
        _MAKERS[part](folder / part, part)
    return {"weights": folder}
