"""Objects that words name, by YOLO-World or another model."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ocella.models.load import find_entry
from ocella.types import Image, Ontology
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._detector import named
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelBlock
from ocella.workflows.kinds import Objects, Unit

__all__ = ["UNITS"]

_OWN = "yolo-world-onnx"
_USUAL = 0.005


class YoloWorldModel(ModelBlock):
    """Find what `class_names` name. YOLO-World's weights may not be shipped: give your own export as `model_id`, an ONNX file.
    Without one, the nearest model that needs none looks for them, or the one named there of `ocella models --task detect`
    that takes any words. Without `confidence`, YOLO-World's is 0.005, another model's its own.
    """

    type = "yolo_world_model@v1"
    aliases = ("YoloWorldModel", "YoloWorld")
    ignored = frozenset({"version"})
    output = "predictions"
    example = example_on_images("yolo_world_model", "predictions", class_names=["person", "car"])
    _tasks = ("detect",)

    class_names: Annotated[list[str], Field(min_length=1)]
    confidence: Unit | None = None
    model_id: str = ""

    def run(self, images: Batch[Image]) -> Batch[Objects]:
        """Objects of each image."""
        name, options, least = self._model()
        threshold = least if self.confidence is None else self.confidence
        with self.leased(name, **options) as model:
            found = model.predict(images, Ontology.of(*self.class_names), threshold=threshold)
        ordered = [f[np.argsort(-f.confidence, kind="stable")] for f in found]
        return [named(f).on(i) for f, i in zip(ordered, images, strict=True)]

    def _model(self) -> tuple[str, dict[str, Any], float | None]:
        """Its name, options to load it, and the usual confidence."""
        if self.model_id.endswith(".onnx"):
            return _OWN, {"weights": Path(self.model_id)}, _USUAL
        return self.model_id or find_entry(_OWN).card.stand_in, {}, None


UNITS = (YoloWorldModel,)
