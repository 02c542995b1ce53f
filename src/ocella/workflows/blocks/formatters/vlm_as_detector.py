"""Boxes in the text of a language model."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from uuid import uuid4

import numpy as np

from ocella.types import Answer, Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.formatters._boxes_text import MODELS, Found, florence_boxes
from ocella.workflows.blocks.formatters._json_text import json_of
from ocella.workflows.kinds import Is, Objects

__all__ = ["UNITS"]

_FLORENCE = "florence-2"


class Read(NamedTuple):
    """The objects; None with `error_status` where the text holds none."""

    error_status: bool
    predictions: Objects | None
    inference_id: Annotated[str, Is("inference_id")]


class VlmAsDetector(Block):
    """The boxes that a language model wrote as JSON, in pixels of the image. `model_type` says how it counts: in shares of the
    image or in pixels of what it was sent. Classes not among `classes` follow after them. Confidence is 1 where the model
    gives none.
    """

    type = "vlm_as_detector@v2"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "answer"}],
        "steps": [
            {
                "type": "vlm_as_detector",
                "name": "read",
                "image": "$inputs.image",
                "vlm_output": "$inputs.answer",
                "classes": ["cat", "dog"],
                "model_type": "google-gemini",
                "task_type": "object-detection",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.read.predictions"}],
    }

    model_type: Literal[
        "openai", "google-gemini", "anthropic-claude", "spacexai", "qwen", "muse", "zai", "zai-flash", "florence-2"
    ]
    task_type: Literal[
        "object-detection",
        "open-vocabulary-object-detection",
        "object-detection-and-caption",
        "phrase-grounded-object-detection",
        "region-proposal",
        "ocr-with-text-detection",
    ]
    classes: list[str] | None = None

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Only Florence-2 has other tasks, and does without classes."""
        model, found = step.get("model_type"), []
        if model != _FLORENCE and model in cls._models():
            if step.get("task_type") not in (None, "object-detection"):
                found.append(("task_type", f"'object-detection' for {model}", "Only florence-2 has other tasks."))
            if step.get("classes") is None:
                found.append(("classes", f"a list of classes for {model}", "Give those that the model was asked for."))
        return found

    @staticmethod
    def _models() -> Sequence[str]:
        return [*MODELS, _FLORENCE]

    def run(self, image: Image, vlm_output: str | Answer) -> Read:
        """What could be read."""
        found = json_of(vlm_output)
        read = florence_boxes if self.model_type == _FLORENCE else MODELS[self.model_type].read
        boxes = None if found is None else read(found, image.width, image.height)
        objects = None if boxes is None else self._objects(boxes).on(image)
        return Read(objects is None, objects, str(uuid4()))

    def _objects(self, boxes: Sequence[Found]) -> Detections:
        labels = ["roi" if self.task_type == "region-proposal" else label for _, label, _ in boxes]
        classes = list(dict.fromkeys([*(self.classes or ()), *labels]))
        place = {name: i for i, name in enumerate(classes)}
        return Detections(
            np.array([box for box, _, _ in boxes], np.float32).reshape(-1, 4),
            np.array([confidence for _, _, confidence in boxes], np.float32),
            np.array([place[label] for label in labels], np.int64),
            tuple(classes),
        )


UNITS = (VlmAsDetector,)
