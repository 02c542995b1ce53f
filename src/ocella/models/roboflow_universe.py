"""Models of Roboflow Universe, for a person who gives their own key."""

from pathlib import Path

from ocella.errors import OcellaError
from ocella.models.entry import LoadOptions

__all__ = ["fetch_universe"]


def fetch_universe(reference: str, options: LoadOptions) -> Path:
    """To be written."""
    raise OcellaError(f"{reference} {options}")
