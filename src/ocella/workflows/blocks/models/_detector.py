"""What the three blocks share that find objects with a model of one's choice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.nms import nms
from ocella.registry import did_you_mean
from ocella.types import Detections, Image, Ontology
from ocella.workflows.blocks.models._model import PLATFORM_ONLY, ModelBlock, ModelId, new_id
from ocella.workflows.kinds import Unit

__all__ = ["DetectorBlock", "named", "with_confidence_mode"]

_SEVERAL_BOXES = ("nanodet", "yolo", "boxes-scores")
"""How the layouts and systems begin that give several boxes an object; others give one by themselves."""


class DetectorBlock(ModelBlock):
    """Fields of a step that finds objects. Confidence "best" and "default" are the model's own. `class_filter` keeps classes by
    name; a model that takes any words looks for those. Of boxes that overlap by more than `iou_threshold` one stays, of a
    class, or with `class_agnostic_nms` of all: of networks that give several boxes an object, not of transformers.
    """

    ignored = PLATFORM_ONLY | {
        "max_candidates",
        "mask_decode_mode",
        "tradeoff_factor",
        "enforce_dense_masks_in_inference_models",
    }
    _modes_since: ClassVar[int] = 3

    model_id: ModelId
    confidence_mode: Literal["best", "default", "custom"] = "best"
    custom_confidence: Unit = 0.4
    class_filter: list[str] | None = None
    iou_threshold: Unit = 0.3
    max_detections: Annotated[int, Field(ge=1)] = 300
    class_agnostic_nms: bool = False

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Older versions have one `confidence`."""
        return with_confidence_mode(step, custom=version < cls._modes_since)

    @property
    def threshold(self) -> float | None:
        """The least confidence; None for the model's own."""
        return self.custom_confidence if self.confidence_mode == "custom" else None

    @contextmanager
    def asked(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """The model, and how it is to be asked."""
        with self.leased(self.model_id) as model:
            ontology = {}
            if model.task == "detect" and model.card.open_vocabulary and not model.classes:
                if not self.class_filter:
                    raise InvalidValue(
                        f"'{model.card.name}' finds what it is told to: name it in class_filter, like ['person']."
                    )
                ontology = {"ontology": Ontology.of(*self.class_filter)}
            yield model, {"threshold": self.threshold, **ontology}

    def finished(self, found: Detections, image: Image, model: Any) -> Detections:
        """Objects of one image as they leave the block."""
        found = self._of_classes(found, model.card.name)
        card = model.card
        if str(card.data.get("layout") or card.system).lower().startswith(_SEVERAL_BOXES):
            group = None if self.class_agnostic_nms else found.class_id
            found = found[nms(found.xyxy, found.confidence, group, self.iou_threshold)]
        if len(found) > self.max_detections:
            found = found[np.argsort(-found.confidence, kind="stable")[: self.max_detections]]
        return named(found).on(image)

    def _of_classes(self, found: Detections, model: str) -> Detections:
        if self.class_filter is None:
            return found
        wanted = [found.classes.index(name) for name in self.class_filter if name in found.classes]
        if self.class_filter and not wanted:
            name = self.class_filter[0]
            raise InvalidValue(f"'{model}' knows no class '{name}'.{did_you_mean(name, list(found.classes))}")
        return found[np.isin(found.class_id, wanted)]


def named(found: Detections) -> Detections:
    """Each object with a name of its own, by which later steps know it."""
    names = np.array([new_id() for _ in range(len(found))], "<U32")
    return found.replace(data={**found.data, "detection_id": names})


def with_confidence_mode(step: dict[str, Any], *, custom: bool) -> dict[str, Any]:
    """A step with the one field `confidence` (0.4 where `custom` and not given) as one that says where its confidence is from."""
    if "confidence_mode" in step or not (custom or "confidence" in step):
        return step
    kept = {name: value for name, value in step.items() if name != "confidence"}
    given = step.get("confidence")
    return {**kept, "confidence_mode": "custom", "custom_confidence": 0.4 if given is None else given}
