"""How a target family is trained: one unit a file in `recipes/`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ocella.datasets.dataset import Dataset
from ocella.errors import MissingExtra
from ocella.models.card import ModelCard
from ocella.progress import Progress, silent
from ocella.registry import Registry
from ocella.training.settings import TrainSettings

__all__ = ["Recipe", "Trained", "need_torch", "recipes"]


@dataclass(frozen=True)
class Trained:
    """A student on disk: its folder and card, the rows of its history, its scores on the validation split before and
    after export, and the seconds spent by purpose.
    """

    folder: Path
    card: ModelCard
    history: list[dict[str, Any]]
    numbers: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


def need_torch() -> None:
    """Raises MissingExtra where what training needs is not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("torch", "safetensors", "onnx")):
        raise MissingExtra("Training", "train")


class Recipe(ABC):
    """One way to a student. `train` needs the extra `train`."""

    name: ClassVar[str]
    task: ClassVar[str]
    summary: ClassVar[str]

    @abstractmethod
    def train(self, dataset: Dataset, out: Path, settings: TrainSettings, progress: Progress = silent) -> Trained:
        """Train on the `train` split, choose on `val`, export and write the student's directory `out`. An interrupted
        run goes on, a finished one is returned as it is. Raises DatasetError, Mismatch, Refused.
        """


recipes: Registry[Recipe] = Registry("recipe", "ocella.training.recipes", "ocella.recipes", Recipe)  # type: ignore[type-abstract]  # a registry of an interface
"""Every recipe, by walking `recipes/` and the entry points `ocella.recipes`."""
