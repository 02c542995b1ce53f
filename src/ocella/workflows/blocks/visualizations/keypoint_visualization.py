"""Keypoints of objects."""

from typing import Any, Literal

from ocella.errors import InvalidValue
from ocella.ops.lettering import Lettering, Strokes
from ocella.ops.paint import paint_bones, paint_dots, points_of
from ocella.types import COCO_PERSON, Detections, Image, Keypoints
from ocella.workflows.blocks.visualizations._base import (
    ColorText,
    Drawing,
    Length,
    Pixels,
    drawing_example,
    rgb,
)
from ocella.workflows.blocks.visualizations._label_text import Capital
from ocella.workflows.kinds import KeypointObjects

__all__ = ["UNITS"]

Edges = list[tuple[int, int]]


class KeypointVisualization(Drawing):
    """Draw the keypoints of each object as lines between them (`edge`), as dots (`vertex`), or as their names
    (`vertex_label`). `edges` are pairs of numbers of points, counted from 1, or from 0 where a 0 is among them; without them
    the model's own are drawn.
    """

    type = "keypoint_visualization@v1"
    aliases = ("KeypointVisualization",)
    example = drawing_example("keypoint_visualization", "keypoint_detection", annotator_type="vertex")

    annotator_type: Literal["edge", "vertex", "vertex_label"] = "edge"
    color: ColorText = "#A351FB"
    text_color: ColorText = "black"
    text_scale: Capital = 0.5
    text_thickness: Length = 1
    text_padding: Length = 10
    thickness: Length = 2
    radius: Length = 10
    edges: list[Any] | None = None

    def run(self, image: Image, predictions: KeypointObjects) -> Image:
        """The image with the points on it."""
        return super().run(image, predictions)

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The points."""
        points, color = found.keypoints, rgb(self.color)
        if points is None:
            return
        if self.annotator_type == "edge":
            paint_bones(pixels, points, self._edges(points), [color] * len(points), self.thickness)
        elif self.annotator_type == "vertex":
            paint_dots(pixels, points, [color] * len(points), self.radius)
        else:
            pen = Strokes(self.text_scale, self.text_thickness)
            letters = Lettering(pen, rgb(self.text_color), self.text_padding, self.radius)
            for row in points_of(points):
                for name, place in zip(points.skeleton.names, row, strict=True):
                    if place is not None:
                        letters.label(pixels, name, place, "CENTER", color)

    def _edges(self, points: Keypoints) -> Edges:
        count = len(points.skeleton.names)
        if not self.edges:
            usual = COCO_PERSON.edges if count == len(COCO_PERSON.names) else ()
            return list(points.skeleton.edges or usual)
        try:
            pairs = [(int(a), int(b)) for a, b in self.edges]
        except (TypeError, ValueError) as error:
            raise InvalidValue(f"edges must be pairs of numbers like [[1, 2], [2, 3]], got {self.edges!r}.") from error
        first = 0 if any(0 in pair for pair in pairs) else 1
        if any(not first <= i < count + first for pair in pairs for i in pair):
            raise InvalidValue(f"edges must be of points {first}..{count + first - 1}, got {self.edges!r}.")
        return [(a - first, b - first) for a, b in pairs]


UNITS = (KeypointVisualization,)
