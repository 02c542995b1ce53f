"""What the image shows, written on it."""

from typing import Literal

import numpy as np

from ocella.ops.anchors import Anchor
from ocella.ops.lettering import Lettering, Strokes
from ocella.types import Classification, Image
from ocella.workflows.blocks.visualizations._base import ColorText, Length, Painted, rgb
from ocella.workflows.blocks.visualizations._label_text import Capital

__all__ = ["UNITS"]

Position = Literal[
    "CENTER",
    "CENTER_LEFT",
    "CENTER_RIGHT",
    "TOP_CENTER",
    "TOP_LEFT",
    "TOP_RIGHT",
    "BOTTOM_LEFT",
    "BOTTOM_CENTER",
    "BOTTOM_RIGHT",
]
_LIKELY = 0.5
"""Confidence from which one of several labels counts."""


class ClassificationLabelVisualization(Painted):
    """Write the best class on the image; of a model with several labels all from confidence 0.5 on, best first, one below the
    other at a side or corner of the image.
    """

    type = "classification_label_visualization@v1"
    output = "image"
    ignored = frozenset({"copy_image"})
    example = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "scores", "kind": ["classification_prediction"]},
        ],
        "steps": [
            {
                "type": "classification_label_visualization",
                "name": "label",
                "image": "$inputs.image",
                "predictions": "$inputs.scores",
                "text": "Class and Confidence",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.label.image"}],
    }

    text: Literal["Class", "Confidence", "Class and Confidence"] = "Class"
    text_position: Position = "TOP_LEFT"
    text_color: ColorText = "WHITE"
    text_scale: Capital = 1.0
    text_thickness: Length = 1
    text_padding: Length = 10
    border_radius: Length = 0

    def run(self, image: Image, predictions: Classification) -> Image:
        """The image with the classes on it."""
        scores = predictions.confidence
        order = np.argsort(-scores, kind="stable")
        shown = (order[scores[order] >= _LIKELY] if predictions.multi_label else order[:1]).tolist()
        pixels, known = image.pixels.copy(), self.palette()
        pen = Strokes(self.text_scale, self.text_thickness)
        letters = Lettering(pen, rgb(self.text_color), self.text_padding, self.border_radius)
        for place, i in enumerate(shown):
            at, anchor = self._spot(place, len(shown), image.size_hw)
            turn = {"CLASS": i, "INDEX": place, "TRACK": 0}[self.color_axis]
            text = self._text(predictions.classes[i], float(scores[i]))
            letters.label(pixels, text, at, anchor, known[turn % len(known)])
        return image.derive(pixels)

    def _text(self, name: str, score: float) -> str:
        parts = {"Class": name, "Confidence": f"{score:.2f}"}
        return " ".join(parts[part] for part in self.text.split(" and "))

    def _spot(self, place: int, count: int, size_hw: tuple[int, int]) -> tuple[tuple[int, int], Anchor]:
        """Where the label at that place in the list goes, and which of its sides is there."""
        (height, width), where = size_hw, self.text_position
        apart = 20 * self.text_scale + 2 * self.text_padding + 2 * self.text_thickness + 5
        x = 0 if "LEFT" in where else width if "RIGHT" in where else width // 2
        if "TOP" in where:
            return (x, int((place + 1) * apart)), where
        if "BOTTOM" in where:
            return (x, int(height - (count - place) * apart)), where
        y = int(max(0.0, (height - count * apart) / 2) + (place + 0.5) * apart)
        inward: dict[str, Anchor] = {"CENTER_LEFT": "CENTER_RIGHT", "CENTER_RIGHT": "CENTER_LEFT"}
        return (x, y), inward.get(where, "CENTER")


UNITS = (ClassificationLabelVisualization,)
