"""Edges: where brightness changes more than around it."""

import numpy as np
import numpy.typing as npt

__all__ = ["Bits", "Strength", "edges_of", "gradient", "large_parts"]

Bits = npt.NDArray[np.bool_]
Strength = npt.NDArray[np.float32]


def gradient(grey: npt.NDArray[np.uint8]) -> Strength:
    """How much the brightness changes at each pixel (Sobel)."""
    import cv2

    across, down = (np.asarray(cv2.Sobel(grey, cv2.CV_32F, *step, ksize=3)) for step in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def edges_of(strength: Strength, sigma: float, window: int, closing: int) -> Bits:
    """Pixels `sigma` standard deviations above the mean of their window; gaps closed, and one layer peeled off again."""
    import cv2

    side = window + 1 - window % 2
    mean, square = (np.asarray(cv2.boxFilter(v, cv2.CV_32F, (side, side))) for v in (strength, strength * strength))
    edges = strength > mean + np.float32(sigma) * np.sqrt(np.maximum(square - mean * mean, 0))
    if not closing:
        return np.asarray(edges)
    kernel = np.ones((3, 3), np.uint8)
    closed = cv2.morphologyEx(edges.astype(np.uint8), cv2.MORPH_CLOSE, kernel, iterations=closing)
    return _peeled(np.asarray(closed) > 0)


def large_parts(edges: Bits, area: float) -> Bits:
    """Connected parts whose outer outline holds at least `area` square pixels."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(edges.astype(np.uint8), connectivity=8)
    kept = np.zeros(len(stats), bool)
    for label, (left, top, width, height, _count) in enumerate(stats[1:].tolist(), 1):
        part = labels[top : top + height, left : left + width] == label
        outlines, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        kept[label] = max(map(cv2.contourArea, outlines)) >= area
    return np.asarray(kept[labels])


def _peeled(bits: Bits) -> Bits:
    """One round of thinning (Zhang and Suen 1984): no part is broken."""
    thin = bits.copy()
    for walls in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
        around = _neighbors(thin)
        count = around.sum(axis=0)
        starts = (~around & np.roll(around, -1, axis=0)).sum(axis=0)
        goes = (count >= 2) & (count <= 6) & (starts == 1)
        for wall in walls:
            goes &= ~around[list(wall)].all(axis=0)
        goes[[0, -1]] = goes[:, [0, -1]] = False
        thin &= ~goes
    return thin


def _neighbors(bits: Bits) -> Bits:
    """The 8 neighbours of each pixel, clockwise from the one above, (8, height, width)."""
    padded = np.pad(bits, 1)
    height, width = bits.shape
    steps = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return np.stack([padded[y : y + height, x : x + width] for y, x in steps])
