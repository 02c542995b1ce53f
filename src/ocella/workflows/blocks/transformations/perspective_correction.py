"""A slanted plane seen from straight above."""

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.anchors import Anchor, anchors
from ocella.ops.perspective import cornered, enlarged, moved, to_rectangle
from ocella.ops.rings import ring_area
from ocella.types import Detections, Image, Keypoints, Masks, Origin
from ocella.workflows.block import Block

__all__ = ["UNITS"]

Matrix = npt.NDArray[np.float64]
Size = tuple[int, int]

_ALL: dict[str, tuple[Anchor, Anchor]] = {
    "left": ("BOTTOM_LEFT", "TOP_LEFT"),
    "right": ("BOTTOM_RIGHT", "TOP_RIGHT"),
    "bottom": ("BOTTOM_RIGHT", "BOTTOM_LEFT"),
    "top": ("TOP_RIGHT", "TOP_LEFT"),
}


class Corrected(NamedTuple):
    """Objects in the pixels of the rectangle (None where none were given); the image, warped or as it was; the rectangle's
    size with what was added.
    """

    corrected_coordinates: Detections | None
    warped_image: Image
    extended_transformed_rect_width: int
    extended_transformed_rect_height: int


class PerspectiveCorrection(Block):
    """Take the plane within four points, the largest of `perspective_polygons`, to an upright rectangle: boxes, masks and
    keypoints, and with `warp_image` the picture. The polygon can first be extended until it holds one point of each object,
    or ALL of its box; the rectangle grows with it.
    """

    type = "perspective_correction@v1"
    aliases = ("PerspectiveCorrection",)
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "perspective_correction",
                "name": "above",
                "images": "$inputs.image",
                "perspective_polygons": [[[120, 80], [520, 80], [620, 460], [20, 460]]],
                "transformed_rect_width": 400,
                "transformed_rect_height": 600,
                "warp_image": True,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.above.warped_image"}],
    }

    perspective_polygons: list[Any]
    transformed_rect_width: Annotated[int, Field(ge=2)] = 1000
    transformed_rect_height: Annotated[int, Field(ge=2)] = 1000
    extend_perspective_polygon_by_detections_anchor: Literal["", "ALL"] | Anchor = ""
    warp_image: bool = False

    def run(self, images: Image, predictions: Detections | None = None) -> Corrected:
        """The objects and the image, corrected."""
        corners = cornered(_largest(self.perspective_polygons))
        grown = (0.0, 0.0)
        anchor = self.extend_perspective_polygon_by_detections_anchor
        if anchor and predictions is not None:
            corners, grown = enlarged(corners, _held(predictions, anchor))
        width = self.transformed_rect_width + round(grown[0] * self.transformed_rect_width)
        height = self.transformed_rect_height + round(grown[1] * self.transformed_rect_height)
        matrix = to_rectangle(corners, (height, width))
        image = _warped(images, matrix, (height, width)) if self.warp_image else images
        found = None if predictions is None else _corrected(predictions, matrix, (height, width))
        if found is not None:
            found = found.replace(origin=Origin(images.origin.source), size_hw=(height, width))
        return Corrected(found, image, width, height)


def _held(found: Detections, name: Literal["ALL"] | Anchor) -> list[dict[str, Any]]:
    """For each object and side the points that the polygon must hold."""
    points = {}
    for side, corners in _ALL.items():
        chosen = corners if name == "ALL" else (name,)
        points[side] = np.stack([anchors(found, anchor) for anchor in chosen], axis=1)
    return [{side: xy[row] for side, xy in points.items()} for row in range(len(found))]


def _largest(polygons: Any) -> Any:
    """The largest of all polygons of 4 points, however deep they lie."""
    found = list(_polygons(polygons))
    if not found:
        raise InvalidValue(f"perspective_polygons must hold a polygon of 4 points [x, y], got {str(polygons)[:120]}.")
    return max(found, key=ring_area)


def _polygons(value: Any) -> list[npt.NDArray[np.float64]]:
    try:
        points = np.asarray(value, np.float64)
    except (TypeError, ValueError):  # parts of different lengths, or no numbers
        points = np.zeros(0)
    if points.shape == (4, 2):
        return [points]
    return [p for part in value for p in _polygons(part)] if isinstance(value, list | tuple) else []


def _warped(image: Image, matrix: Matrix, size_hw: Size) -> Image:
    import cv2

    warped = cv2.warpPerspective(image.pixels, matrix, size_hw[::-1])
    return image.derive(np.asarray(warped, np.uint8), Origin(image.origin.source))


def _corrected(found: Detections, matrix: Matrix, size_hw: Size) -> Detections:
    boxes = np.rint(found.xyxy.astype(np.float64))
    outlines = [[[x1, y1], [x2, y1], [x2, y2], [x1, y2]] for x1, y1, x2, y2 in boxes.tolist()]
    masks = None if found.masks is None else found.masks.dense()
    if masks is not None:
        outlines = [_outline(mask) or box for mask, box in zip(masks, outlines, strict=True)]
    places = [moved(outline, matrix) for outline in outlines]
    xyxy = np.array([[*p.min(axis=0), *p.max(axis=0)] for p in places], np.float64).reshape(-1, 4)
    return found.replace(
        xyxy=np.rint(xyxy).astype(np.float32),
        masks=None if masks is None else _warped_masks(masks, matrix, size_hw),
        keypoints=_warped_points(found.keypoints, matrix),
    )


def _outline(mask: npt.NDArray[np.bool_]) -> list[Any]:
    import cv2

    rings, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [point for ring in rings for point in np.asarray(ring).reshape(-1, 2).tolist()]


def _warped_masks(masks: npt.NDArray[np.bool_], matrix: Matrix, size_hw: Size) -> Masks:
    import cv2

    if not len(masks):
        return Masks.empty(size_hw)
    bits = masks.astype(np.uint8)
    made = [cv2.warpPerspective(m, matrix, size_hw[::-1], flags=cv2.INTER_NEAREST) for m in bits]
    return Masks.from_dense(np.stack(made) > 0)


def _warped_points(points: Keypoints | None, matrix: Matrix) -> Keypoints | None:
    if points is None:
        return None
    xy = np.rint(moved(points.xy, matrix)).reshape(points.xy.shape).astype(np.float32)
    return Keypoints(xy, points.confidence, points.visible, points.skeleton)


UNITS = (PerspectiveCorrection,)
