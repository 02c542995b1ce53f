"""A data set opened for writing: nobody else changes it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocella.datasets import Dataset
from ocella.datasets.dataset import FILE
from ocella.store.lock import exclusive

__all__ = ["held"]


@contextmanager
def held(root: Path) -> Iterator[Dataset]:
    """The data set at `root`, read under its lock. Raises NotFound where there is none, Busy where another holds it."""
    if not (root / FILE).is_file():
        Dataset.open(root)  # raises, and leaves no folder behind
    with exclusive(root / ".ocella"):
        yield Dataset.open(root)
