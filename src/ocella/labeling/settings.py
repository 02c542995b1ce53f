"""What a label run does, as a value; its hash names the work in the record."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocella.errors import InvalidValue
from ocella.models.labels import label_images
from ocella.models.tasks import Detector, Model
from ocella.types import Image, Label, Ontology

__all__ = ["LabelSettings", "annotate", "classes_of", "setting_key"]

_REVISION = 1
"""Raised when the same settings would give other labels, so that old results are not taken for new ones."""


@dataclass(frozen=True)
class LabelSettings:
    """`threshold` None takes each class's, then the model's; `tile` is rows x columns of overlapping tiles beside the
    whole image; `every` takes one video frame every so many seconds; `limit` stops after so many images. `origin` says
    where the settings come from, for the record: no label depends on it.
    """

    ontology: Ontology | None = None
    threshold: float | None = None
    tile: tuple[int, int] | None = None
    prompt: str = ""
    every: float = 0.5
    limit: int | None = None
    batch: int = 4
    origin: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {self.threshold}.")
        if self.every <= 0 or self.batch < 1 or (self.limit is not None and self.limit < 1):
            raise InvalidValue("every, batch and limit must be positive.")
        if self.tile is not None and min(self.tile) < 1:
            raise InvalidValue(f"tile must be rows x columns, both at least 1, like 2x2, got {self.tile}.")

    def to_json(self) -> dict[str, Any]:
        """The part that decides what labels come out."""
        return {
            "classes": None if self.ontology is None else self.ontology.to_json()["classes"],
            "threshold": self.threshold,
            "tile": None if self.tile is None else list(self.tile),
            "prompt": self.prompt,
        }


def setting_key(model: Model, settings: LabelSettings) -> str:
    """Names model, weights and settings by hash."""
    card = model.card
    parts = [card.name, card.sha256, card.checkpoint, settings.to_json(), _REVISION]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def annotate(model: Model, images: list[Image], settings: LabelSettings) -> list[Label]:
    """The model's labels of each image, by its task; raises Mismatch for tasks that make no labels."""
    return label_images(model, images, ontology=settings.ontology, threshold=settings.threshold, prompt=settings.prompt)


def classes_of(model: Model, settings: LabelSettings) -> tuple[str, ...]:
    """Class names that the labels will have."""
    if settings.ontology is not None and model.task in ("detect", "classify", "semantic-segment"):
        return settings.ontology.names
    if isinstance(model, Detector):
        return model.classes
    return model.card.classes or (("text",) if model.task == "ocr" else ())
