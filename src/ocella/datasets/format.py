"""What a file format can do: read a foreign data set, write one, and say beforehand what it cannot hold."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from ocella.datasets.dataset import Dataset
from ocella.registry import Registry

__all__ = ["Format", "detect_format", "formats"]


class Format(ABC):
    """One file format."""

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]]

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether the path looks like this format, by names alone or a look into a file's head."""

    @abstractmethod
    def read(self, path: Path, root: Path, *, listed: Path | None = None, images: Path | None = None) -> Dataset:
        """The foreign data set at `path` as ours, its images linked into `root`. `listed` names a text file with
        the stems or names to take, `images` the folder of images where it is not the usual one.
        """

    @abstractmethod
    def losses(self, dataset: Dataset) -> list[str]:
        """What of this data set the format cannot hold, one sentence each; empty where nothing is lost."""

    @abstractmethod
    def write(self, dataset: Dataset, target: Path) -> None:
        """Write labels and images into the empty or new folder `target`."""


formats: Registry[Format] = Registry("format", "ocella.datasets.formats", "ocella.formats", Format)  # type: ignore[type-abstract]  # a registry of an interface
"""Every format, by walking `formats/` and the entry points `ocella.formats`."""


def detect_format(path: Path) -> Format | None:
    """The first format that recognises the path."""
    return next((f for f in formats if f.recognises(path)), None)
