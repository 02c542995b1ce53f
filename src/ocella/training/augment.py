"""Changes of training images that keep their labels true. All on uint8 RGB, drawn from the generator handed in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Augment"]

Pixels = npt.NDArray[np.uint8]
Boxes = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Augment:
    """How far images are changed: mirrored, scaled and moved about, brightness, contrast, saturation, hue. `strength`
    scales all but the mirroring; 0 leaves geometry and colours alone.
    """

    flip: bool = True
    vertical_flip: bool = False
    strength: float = 1.0
    scale: float = 0.25
    shift: float = 0.15
    light: float = 0.15
    colour: float = 0.15
    hue_degrees: float = 6.0
    keep_visible: float = 0.25

    def boxes(
        self, pixels: Pixels, xyxy: Boxes, class_id: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[Pixels, Boxes, npt.NDArray[np.int64]]:
        """One image with boxes (n, 4), changed together; boxes of which less than `keep_visible` stays are dropped."""
        matrix = self.matrix(pixels.shape[:2], rng)
        height, width = pixels.shape[:2]
        moved = warp_boxes(xyxy, matrix)
        cut = np.clip(moved, 0, np.array([width, height] * 2, np.float32))
        keep = _area(cut) > np.maximum(self.keep_visible * _area(moved), 1.0)
        return self.colours(warp(pixels, matrix), rng), cut[keep], class_id[keep]

    def image(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """One image alone."""
        return self.colours(warp(pixels, self.matrix(pixels.shape[:2], rng)), rng)

    def matrix(self, size_hw: tuple[int, ...], rng: np.random.Generator) -> Boxes:
        """A random 2x3 matrix from old to new continuous pixel coordinates (0 is the left edge)."""
        height, width = size_hw
        sx = -1.0 if self.flip and rng.random() < 0.5 else 1.0
        sy = -1.0 if self.vertical_flip and rng.random() < 0.5 else 1.0
        tx = ty = 0.0
        if self.strength > 0 and rng.random() < 0.6:
            zoom = float(np.exp(rng.uniform(-1, 1) * np.log1p(self.scale * self.strength)))
            sx, sy = sx * zoom, sy * zoom
            tx, ty = rng.uniform(-1, 1, 2) * self.shift * self.strength * (width, height)
        cx, cy = width / 2, height / 2
        return np.array([[sx, 0, cx - sx * cx + tx], [0, sy, cy - sy * cy + ty]], np.float32)

    def colours(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """Contrast and brightness by one table; now and then saturation and hue."""
        if self.strength <= 0:
            return pixels
        import cv2

        gain = 1 + rng.uniform(-1, 1) * self.light * self.strength
        lift = 255 * rng.uniform(-1, 1) * self.light * 0.4 * self.strength
        table = np.clip(np.arange(256) * gain + lift, 0, 255).astype(np.uint8)
        if self.colour <= 0 or rng.random() < 0.5:
            return np.asarray(cv2.LUT(pixels, table), np.uint8)
        hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
        turn = rng.uniform(-1, 1) * self.hue_degrees / 2 * self.strength
        richer = 1 + rng.uniform(-1, 1) * self.colour * self.strength
        steps = np.arange(256)
        tables = [(steps + turn) % 180, np.clip(steps * richer, 0, 255), table]
        changed = cv2.LUT(hsv, np.stack(tables, -1).astype(np.uint8)[None])
        return np.asarray(cv2.cvtColor(changed, cv2.COLOR_HSV2RGB), np.uint8)


def warp(pixels: Pixels, matrix: Boxes) -> Pixels:
    """Pixels under a 2x3 matrix of continuous coordinates, same size, grey where nothing was."""
    if (np.abs(np.diag(matrix)) == 1).all() and (matrix[:, 2] >= 0).all() and _is_mirror(pixels, matrix):
        return np.ascontiguousarray(pixels[:: int(matrix[1, 1]), :: int(matrix[0, 0])])
    import cv2

    centred = matrix.astype(np.float64)
    centred[:, 2] += 0.5 * (np.diag(centred) - 1)  # OpenCV counts from pixel centres
    size = (pixels.shape[1], pixels.shape[0])
    return np.asarray(
        cv2.warpAffine(pixels, centred, size, flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114)), np.uint8
    )


def _is_mirror(pixels: Pixels, matrix: Boxes) -> bool:
    height, width = pixels.shape[:2]
    home = [(1 - matrix[0, 0]) * width / 2, (1 - matrix[1, 1]) * height / 2]
    return bool(np.allclose(matrix[:, 2], home, atol=1e-4))


def warp_boxes(xyxy: Boxes, matrix: Boxes) -> Boxes:
    """Boxes (n, 4) under an axis-aligned 2x3 matrix, corners put in order again."""
    corners = xyxy.reshape(-1, 2, 2) * np.diag(matrix) + matrix[:, 2]
    return np.concatenate([corners.min(1), corners.max(1)], 1).astype(np.float32)


def _area(xyxy: Boxes) -> npt.NDArray[np.float32]:
    return np.asarray((xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1]), np.float32)
