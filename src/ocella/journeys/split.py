"""Divide a data set without leaks: near-duplicates and frames of one video stay together."""

from pathlib import Path

from ocella.datasets import Dataset
from ocella.datasets.split import split as run
from ocella.embeddings.duplicates import duplicate_groups
from ocella.journeys.held import held
from ocella.progress import Progress, silent

__all__ = ["split"]


def split(
    dataset: Path | str, *, val: float = 0.2, test: float = 0.0, seed: int = 0, progress: Progress = silent
) -> Dataset:
    """Give every image a split, saved in the data set. Shares are of images; a group is never divided."""
    root = Path(dataset)
    with held(root) as opened:
        divided = run(opened, val=val, test=test, groups=duplicate_groups(opened, progress=progress), seed=seed)
        divided.save()
    return divided
