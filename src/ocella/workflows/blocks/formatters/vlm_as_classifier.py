"""A classification in the text of a language model."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import uuid4

import numpy as np

from ocella.types import Answer, Classification, Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.formatters._json_text import json_of
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]


class Read(NamedTuple):
    """The classification; None with `error_status` where the text holds none."""

    error_status: bool
    predictions: Classification | None
    inference_id: Annotated[str, Is("inference_id")]


class VlmAsClassifier(Block):
    """The classification that a language model wrote as JSON: {"class_name": ..., "confidence": ...} for one class, or
    {"predicted_classes": [{"class": ..., "confidence": ...}]} for several. Classes not among `classes` follow after them.
    """

    type = "vlm_as_classifier@v2"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "answer"}],
        "steps": [
            {
                "type": "vlm_as_classifier",
                "name": "read",
                "image": "$inputs.image",
                "vlm_output": "$inputs.answer",
                "classes": ["cat", "dog"],
            }
        ],
        "outputs": [{"type": "JsonField", "name": "classes", "selector": "$steps.read.predictions"}],
    }

    classes: list[str]

    def run(self, image: Image, vlm_output: str | Answer) -> Read:
        """What could be read."""
        found = json_of(vlm_output)
        scores, several = _scores(found) if isinstance(found, dict) else (None, False)
        read = None if scores is None else _classification(scores, self.classes, several=several).on(image)
        return Read(read is None, read, str(uuid4()))


def _scores(found: Mapping[str, Any]) -> tuple[dict[str, float] | None, bool]:
    """The score of each class that is named, and whether there may be several; None where it cannot be read."""
    if "class_name" in found and "confidence" in found:
        score = _unit(found["confidence"])
        return (None if score is None else {str(found["class_name"]): score}), False
    items = found.get("predicted_classes")
    if not isinstance(items, list):
        return None, True
    scores: dict[str, float] = {}
    for item in items:
        score = _unit(item.get("confidence")) if isinstance(item, dict) and "class" in item else None
        if score is None:
            return None, True
        name = str(item["class"])
        scores[name] = max(score, scores.get(name, 0.0))
    return scores, True


def _unit(value: Any) -> float | None:
    """A confidence, cut to 0..1."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else min(max(number, 0.0), 1.0)


def _classification(scores: Mapping[str, float], classes: Sequence[str], *, several: bool) -> Classification:
    names = list(dict.fromkeys([*classes, *scores]))
    least = (
        min(scores.values(), default=Classification.least) if several else Classification.least
    )  # what is named was found
    confidence = np.array([scores.get(n, 0.0) for n in names], np.float32)
    return Classification(confidence, tuple(names), several, least=least)


UNITS = (VlmAsClassifier,)
