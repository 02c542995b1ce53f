"""How a model gets into the zoo: its card and the function that builds it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocella.models.card import ModelCard
from ocella.models.tasks import Model
from ocella.registry import Registry

__all__ = ["LoadOptions", "ModelEntry", "zoo"]


@dataclass(frozen=True)
class LoadOptions:
    """How to load: `device` auto, cpu, cuda or mps; `threads` 0 = all cores; `weights` and `card` of a student;
    `api_base`, `api_model` and `api_key` of a server that speaks the OpenAI protocol.
    """

    device: str = "auto"
    threads: int = 0
    weights: Path | None = None
    card: ModelCard | None = None
    api_base: str = ""
    api_model: str = ""
    api_key: str = ""


@dataclass(frozen=True)
class ModelEntry:
    """One model of the zoo. `build` may import heavy libraries; nothing else here does."""

    card: ModelCard
    build: Callable[[LoadOptions], Model]

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name


zoo: Registry[ModelEntry] = Registry("model", "ocella.models.zoo", "ocella.models", ModelEntry)
"""Every model, by walking `zoo/` and the entry points `ocella.models`."""
