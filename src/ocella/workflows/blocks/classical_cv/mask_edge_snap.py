"""Masks that follow the edges of the image."""

from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.grey import to_grey
from ocella.types import Detections, Image, Masks
from ocella.workflows.block import Block
from ocella.workflows.blocks.classical_cv._edges import Bits, Strength, edges_of, gradient, large_parts
from ocella.workflows.kinds import Instances

__all__ = ["UNITS"]

Points = npt.NDArray[np.float32]

_TANGENT = 5
"""Points before and after one that give the direction of an outline there."""


class Snapped(NamedTuple):
    """The objects with new masks, their boxes as they were; all edges that were used, as one object."""

    refined_segmentation: Instances
    edges: Instances


class MaskEdgeSnap(Block):
    """Move each point of a mask's outline, straight outwards or inwards by at most `pixel_tolerance`, to the strongest near
    edge. An edge is where the gradient exceeds the mean by `sigma` standard deviations, both within a window of
    `adaptive_window_size`; within `boundary_band_width` of an outline; gaps closed `dilation_iterations` times; around at
    least `min_contour_area` square pixels. Blur a noisy image before.
    """

    type = "mask_edge_snap@v1"
    example = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "masks", "kind": ["instance_segmentation_prediction"]},
        ],
        "steps": [
            {"type": "mask_edge_snap", "name": "snap", "image": "$inputs.image", "segmentation": "$inputs.masks"}
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.snap.refined_segmentation"}],
    }

    pixel_tolerance: Annotated[int, Field(ge=1, le=100)] = 15
    sigma: Annotated[float, Field(ge=0.01, le=10)] = 1.0
    min_contour_area: Annotated[float, Field(ge=0, le=10_000)] = 50.0
    dilation_iterations: Annotated[int, Field(ge=0, le=20)] = 2
    boundary_band_width: Annotated[int, Field(ge=1, le=100)] = 15
    adaptive_window_size: Annotated[int, Field(ge=3, le=201)] = 41

    def run(self, image: Image, segmentation: Instances) -> Snapped:
        """The refined objects and the edges; objects without masks stay as they are."""
        strength = gradient(to_grey(image))
        edges = edges_of(strength, self.sigma, self.adaptive_window_size, self.dilation_iterations)
        masks = None if segmentation.masks is None else _fitted(segmentation.masks.dense(), image.size_hw)
        if masks is not None and len(masks):
            edges &= self._band(masks)
        edges = large_parts(edges, self.min_contour_area)
        found = _as_object(edges).on(image)
        if masks is None or not len(masks):
            return Snapped(segmentation, found)
        snapped = np.stack([self._snap(mask, edges, strength) for mask in masks])
        return Snapped(segmentation.replace(masks=Masks.from_dense(snapped)), found)

    def _band(self, masks: Bits) -> Bits:
        """Pixels near an outline."""
        import cv2

        side = self.boundary_band_width * 2 + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        band = np.zeros(masks.shape[1:], bool)
        for mask in masks.view(np.uint8):
            band |= (np.asarray(cv2.dilate(mask, kernel)) > 0) & (np.asarray(cv2.erode(mask, kernel)) == 0)
        return band

    def _snap(self, mask: Bits, edges: Bits, strength: Strength) -> Bits:
        import cv2

        bits = mask.view(np.uint8)
        depth = np.asarray(cv2.distanceTransform(bits, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
        outside = np.asarray(cv2.dilate(bits, np.ones((3, 3), np.uint8))) == 0
        scores = np.where(edges & ((depth <= self.pixel_tolerance) | outside), strength, 0)
        outlines, _ = cv2.findContours(bits, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        made = np.zeros(mask.shape, np.uint8)
        for outline in outlines:
            points = self._moved(np.asarray(outline).reshape(-1, 2).astype(np.float32), scores)
            cv2.fillPoly(made, [points.astype(np.int32)], 1)
        return made > 0

    def _moved(self, points: Points, scores: Strength) -> Points:
        """Each point where the score, less the further away, is best along its normal; or where it was."""
        tangent = np.roll(points, -_TANGENT, axis=0) - np.roll(points, _TANGENT, axis=0)
        length = np.linalg.norm(tangent, axis=1, keepdims=True)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) / np.maximum(length, 1e-6)
        steps = np.arange(1, self.pixel_tolerance + 1, dtype=np.float32)
        steps = np.concatenate([steps, -steps])
        places = np.rint(points[:, None] + normal[:, None] * steps[:, None]).astype(np.int64)
        size = np.array(scores.shape[::-1])
        inside = ((places >= 0) & (places < size)).all(axis=2) & (length > 1e-6)
        near = np.clip(places, 0, size - 1)
        worth = scores[near[..., 1], near[..., 0]] * (1 - np.abs(steps) / (self.pixel_tolerance + 1)) * inside
        best = worth.argmax(axis=1)
        rows = np.arange(len(points))
        return np.where(worth[rows, best, None] > 0, places[rows, best], points).astype(np.float32)


def _fitted(masks: Bits, size_hw: tuple[int, int]) -> Bits:
    """Masks in the size of the image."""
    import cv2

    if masks.shape[1:] == size_hw or not len(masks):
        return masks.reshape(-1, *size_hw)
    resized = [cv2.resize(m.view(np.uint8), size_hw[::-1], interpolation=cv2.INTER_NEAREST) for m in masks]
    return np.stack(resized).astype(bool)


def _as_object(edges: Bits) -> Detections:
    rows, columns = np.nonzero(edges)
    if not len(rows):
        return Detections.empty(("edges",)).replace(masks=Masks.empty((edges.shape[0], edges.shape[1])))
    box = [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]]
    one = np.ones(1, np.float32)
    return Detections(np.array(box, np.float32), one, np.zeros(1, np.int64), ("edges",), Masks.from_dense(edges[None]))


UNITS = (MaskEdgeSnap,)
