"""What a recipe teaches: a network, batches for it, a loss and a score."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from ocella.models.onnx.runtime import Session
from ocella.training.precision import Precision

__all__ = ["Indices", "Learner"]

Indices = npt.NDArray[np.int64]


class Learner(ABC):
    """A `network`, `size` training samples, and what the loop needs to know about them. `metric` is the score that
    chooses the best weights; `outputs` and `cells` are as in `export`.
    """

    network: nn.Module
    size: int
    learning_rate: ClassVar[float]
    metric: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]]
    cells: ClassVar[bool]

    @abstractmethod
    def batch(self, rows: Indices, rng: np.random.Generator) -> dict[str, Tensor]:
        """The training samples `rows`, changed at random; `images` is uint8 (n, 3, h, w). Runs in a thread."""

    @abstractmethod
    def normalise(self, images: Tensor) -> Tensor:
        """uint8 RGB images to the network's float input."""

    @abstractmethod
    def losses(
        self, network: nn.Module, images: Tensor, batch: Mapping[str, Tensor], way: Precision
    ) -> dict[str, Tensor]:
        """The parts of the loss, already weighted; their sum is what is minimised."""

    @abstractmethod
    def score_network(self, network: nn.Module, way: Precision) -> dict[str, float]:
        """Scores of the network on the validation split."""

    @abstractmethod
    def score_file(self, session: Session) -> dict[str, float]:
        """The same scores of an exported file."""

    @abstractmethod
    def portable(self, network: nn.Module) -> nn.Module:
        """What is exported: the network with the output form that its users expect."""
