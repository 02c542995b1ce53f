"""Florence-2: captions, boxes, outlines and text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ocella.types import Detections, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._cloud import LanguageOutput
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._florence import (
    OF_CLASSES,
    OF_PROMPT,
    OF_REGION,
    FlorenceTask,
    Pick,
    asked,
    parsed,
    region,
)
from ocella.workflows.blocks.models._model import ModelBlock, ModelId

__all__ = ["UNITS"]


class Told(NamedTuple):
    """The answer: as text (JSON where it has places), its places in pixels, and the classes."""

    raw_output: LanguageOutput | None
    parsed_output: dict[str, Any] | None
    classes: list[str] | None


class Florence2(ModelBlock):
    """Ask Florence-2 for a caption, boxes, outlines or the text of an image. `grounding_detection`, an object or a box, is the
    region that the detection-grounded tasks are about. `vlm_as_detector` reads boxes with "model_type": "florence-2".
    """

    type = "florence_2@v2"
    example = example_on_images("florence_2", "raw_output", task_type="caption")
    _tasks = ("vlm",)

    model_id: ModelId = "florence-2-base"
    task_type: FlorenceTask = "open-vocabulary-object-detection"
    prompt: str | None = None
    classes: list[str] | None = None
    grounding_selection_mode: Pick = "first"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 calls the model model_version."""
        del version
        if "model_version" not in step:
            return step
        kept = {k: v for k, v in step.items() if k != "model_version"}
        return {"model_id": step["model_version"], **kept}

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What the task needs."""
        task = step.get("task_type", OF_CLASSES[0])
        needs = (("prompt", OF_PROMPT), ("classes", OF_CLASSES), ("grounding_detection", OF_REGION))
        return [
            (name, f"a value, which task '{task}' needs", f"Give '{name}', or take another task_type.")
            for name, tasks in needs
            if task in tasks and not step.get(name)
        ]

    def run(
        self,
        images: Batch[Image],
        grounding_detection: Batch[Detections | list[float] | list[int] | None] = None,  # type: ignore[assignment]  # for each
    ) -> Batch[Told]:
        """The answer about each image."""
        regions = [
            None
            if given is None or self.task_type not in OF_REGION
            else region(given, self.grounding_selection_mode, i)
            for given, i in zip(grounding_detection, images, strict=True)
        ]
        with self.leased(self.model_id) as model:
            return self._answers(model, images, regions)

    def _answers(self, model: Any, images: Sequence[Image], regions: Sequence[str | None]) -> list[Told]:
        """Images of one question go together; one without the object that is asked about has no answer."""
        told: list[Told] = [Told(None, None, None)] * len(images)
        questions: dict[str, list[int]] = {}
        for row, place in enumerate(regions):
            if place is not None or self.task_type not in OF_REGION:
                questions.setdefault(asked(self.task_type, self._said(place)), []).append(row)
        for words, rows in questions.items():
            for row, answer in zip(rows, model.predict([images[r] for r in rows], words), strict=True):
                told[row] = self._told(answer.text, images[row])
        return told

    def _said(self, place: str | None) -> str:
        if self.task_type in OF_CLASSES:
            return "<and>".join(self.classes or ())
        return place or self.prompt or ""

    def _told(self, text: str, image: Image) -> Told:
        places = parsed(self.task_type, text, image)
        if places is None:
            return Told(text, None, self.classes or [])
        labels = places.get("labels", self.classes)
        return Told(json.dumps(places), places, list(labels or ()))


UNITS = (Florence2,)
