"""What the two blocks share that classify images with a model of one's choice."""

from typing import Any, ClassVar, Literal

from ocella.types import Classification, Image
from ocella.workflows.blocks.models._detector import with_confidence_mode
from ocella.workflows.blocks.models._model import PLATFORM_ONLY, ModelBlock, ModelId
from ocella.workflows.kinds import Unit

__all__ = ["ClassifierBlock"]


class ClassifierBlock(ModelBlock):
    """Fields of a step that classifies. Confidence "best" and "default" are the model's own."""

    ignored = PLATFORM_ONLY
    _tasks: ClassVar[tuple[str, ...]] = ("classify",)

    model_id: ModelId
    confidence_mode: Literal["best", "default", "custom"] = "best"
    custom_confidence: Unit = 0.4

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Older versions have one `confidence`."""
        return with_confidence_mode(step, custom=version < 3)

    def scored(self, images: list[Image]) -> list[tuple[Classification, float]]:
        """Scores of each image over all classes, and the least confidence that counts."""
        with self.leased(self.model_id) as model:
            own = model.card.threshold
            found = model.predict(images)
        least = self.custom_confidence if self.confidence_mode == "custom" else own
        return [(f.on(i), least) for f, i in zip(found, images, strict=True)]
