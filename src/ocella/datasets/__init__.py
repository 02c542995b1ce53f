"""Images with labels on disk."""

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import Sample
from ocella.datasets.split import split

__all__ = ["Dataset", "Sample", "split"]
