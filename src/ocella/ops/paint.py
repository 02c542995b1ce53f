"""Shapes painted onto the pixels of an image (RGB, written in place): boxes, masks, outlines, lines and dots."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.ops.cutouts import Cutout, cells, cutouts
from ocella.ops.palette import Color
from ocella.types import Keypoints, Masks

__all__ = [
    "blend",
    "lay",
    "paint_bones",
    "paint_boxes",
    "paint_dots",
    "paint_masks",
    "paint_outlines",
    "paint_plate",
    "points_of",
]

Pixels = npt.NDArray[np.uint8]
Point = tuple[int, int]


def paint_boxes(
    pixels: Pixels,
    xyxy: npt.NDArray[np.floating],
    colors: Sequence[Color],
    thickness: int = 2,
    roundness: float = 0.0,
) -> None:
    """Frames of boxes (n, 4), whose corners are rounded by `roundness` of half the shorter side."""
    import cv2

    for (x1, y1, x2, y2), color in zip(cells(xyxy), colors, strict=True):
        if roundness <= 0:
            cv2.rectangle(pixels, (x1, y1), (x2, y2), color, thickness)
        else:
            _round_frame(pixels, (x1, y1, x2, y2), color, thickness, roundness)


def paint_masks(pixels: Pixels, masks: Masks, colors: Sequence[Color], opacity: float) -> None:
    """Each mask filled with its colour; where they overlap, the smallest is on top and hides the others."""
    import cv2

    parts = cutouts(masks, (pixels.shape[0], pixels.shape[1]))
    taken = np.zeros(pixels.shape[:2], np.uint8)
    for i in np.argsort(masks.area, kind="stable").tolist():
        part = parts[i]
        if part.inside.size:
            before = part.of(taken)
            free = np.asarray(cv2.compare(part.inside, before, cv2.CMP_GT))
            cv2.bitwise_or(before, part.inside, dst=before)
            blend(part.of(pixels), free, colors[i], opacity)


def blend(pixels: Pixels, where: Pixels | None, color: Color, opacity: float) -> None:
    """Mix a colour into the pixels where `where` is not 0, or into all."""
    import cv2

    flat = cv2.copyMakeBorder(
        np.array([[color]], np.uint8), 0, pixels.shape[0] - 1, 0, pixels.shape[1] - 1, cv2.BORDER_REPLICATE
    )
    mixed = cv2.addWeighted(flat, opacity, pixels, 1 - opacity, 0)
    if where is None:
        pixels[:] = mixed
    else:
        cv2.copyTo(mixed, where, pixels)


def paint_outlines(pixels: Pixels, masks: Masks, colors: Sequence[Color], thickness: int = 2) -> None:
    """The borders of each mask's parts and holes, through the middles of their outermost pixels."""
    import cv2

    for part, color in zip(cutouts(masks, (pixels.shape[0], pixels.shape[1])), colors, strict=True):
        rings = [ring for ring in _rings(part) if len(ring) > 2]
        if rings:
            cv2.polylines(pixels, rings, True, color, thickness)


def paint_bones(
    pixels: Pixels, points: Keypoints, edges: Sequence[tuple[int, int]], colors: Sequence[Color], thickness: int = 2
) -> None:
    """A line for each pair of points of each object that are both seen."""
    import cv2

    for places, color in zip(points_of(points), colors, strict=True):
        lines = [np.array((places[a], places[b]), np.int32) for a, b in edges if places[a] and places[b]]
        if lines:
            cv2.polylines(pixels, lines, False, color, thickness)


def paint_dots(pixels: Pixels, points: Keypoints, colors: Sequence[Color], radius: int = 4) -> None:
    """A disc on each point of each object that is seen."""
    import cv2

    for places, color in zip(points_of(points), colors, strict=True):
        for place in places:
            if place is not None:
                cv2.circle(pixels, place, radius, color, -1)


def points_of(points: Keypoints) -> list[list[Point | None]]:
    """Each object's points in whole pixels, None for one that is not seen, or is at (0, 0), which means nowhere."""
    good = points.visible & (np.abs(points.xy) > 1e-8).any(axis=2)
    places = np.clip(points.xy, -30_000, 30_000).astype(int).tolist()
    return [
        [(x, y) if seen else None for (x, y), seen in zip(row, flags, strict=True)]
        for row, flags in zip(places, good.tolist(), strict=True)
    ]


def paint_plate(pixels: Pixels, box: Sequence[int], color: Color, radius: int = 0) -> None:
    """A filled rectangle with both corners, whose corners may be round."""
    import cv2

    x1, y1, x2, y2 = box
    radius = min(radius, (x2 - x1) // 2, (y2 - y1) // 2)
    if radius <= 0:
        cv2.rectangle(pixels, (x1, y1), (x2, y2), color, -1)
        return
    cv2.rectangle(pixels, (x1 + radius, y1), (x2 - radius, y2), color, -1)
    cv2.rectangle(pixels, (x1, y1 + radius), (x2, y2 - radius), color, -1)
    for x in (x1 + radius, x2 - radius):
        for y in (y1 + radius, y2 - radius):
            cv2.circle(pixels, (x, y), radius, color, -1)


def lay(pixels: Pixels, piece: Pixels, corner: Point) -> None:
    """A picture laid on at (x, y), as far as it is within."""
    (height, width), (tall, wide), (x, y) = pixels.shape[:2], piece.shape[:2], corner
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + wide, width), min(y + tall, height)
    if left < right and top < bottom:
        pixels[top:bottom, left:right] = piece[top - y : bottom - y, left - x : right - x]


def _rings(part: Cutout) -> Sequence[Any]:
    import cv2

    if not part.inside.size:
        return ()
    rings, _ = cv2.findContours(part.inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(part.x, part.y))
    return rings


def _round_frame(
    pixels: Pixels, box: tuple[int, int, int, int], color: Color, thickness: int, roundness: float
) -> None:
    import cv2

    x1, y1, x2, y2 = box
    r = int(min(x2 - x1, y2 - y1) // 2 * roundness)
    corners = ((x1 + r, y1 + r), (x2 - r, y1 + r), (x2 - r, y2 - r), (x1 + r, y2 - r))
    sides = (
        ((x1 + r, y1), (x2 - r, y1)),
        ((x2, y1 + r), (x2, y2 - r)),
        ((x1 + r, y2), (x2 - r, y2)),
        ((x1, y1 + r), (x1, y2 - r)),
    )
    for center, (start, end), angle in zip(corners, sides, (180, 270, 0, 90), strict=True):
        cv2.ellipse(pixels, center, (r, r), 0, angle, angle + 90, color, thickness)
        cv2.line(pixels, start, end, color, thickness)
