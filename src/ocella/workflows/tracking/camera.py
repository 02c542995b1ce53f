"""How the picture moved since the last frame, where the camera moves."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocella.types import Image

__all__ = ["CameraMotion", "Method"]

Method = Literal["orb", "sift", "sparseOptFlow", "ecc"]
Affine = npt.NDArray[np.float64]

_ENOUGH = 5
_BORDER = 0.02
_FARTHEST = 0.25


class CameraMotion:
    """The affine map (2, 3) from the last frame to this one; the identity where none can be told."""

    def __init__(self, method: Method, downscale: int = 2) -> None:
        self.method, self.downscale = method, max(1, downscale)
        self._last: Any = None
        self._points: Any = None

    def estimate(self, image: Image, xyxy: npt.NDArray[np.floating]) -> Affine:
        """What happened from the frame before; `xyxy` are objects that may move by themselves."""
        import cv2

        grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
        if self.method == "ecc" and self.downscale > 1:
            grey = cv2.GaussianBlur(grey, (3, 3), 1.5)
        if self.downscale > 1:
            grey = cv2.resize(grey, (max(1, image.width // self.downscale), max(1, image.height // self.downscale)))
        if self.method == "ecc":
            found = self._aligned(grey)
        elif self.method == "sparseOptFlow":
            found = self._flow(grey)
        else:
            found = self._features(grey, np.asarray(xyxy, np.float64) / self.downscale)
        affine = np.eye(2, 3) if found is None else np.asarray(found, np.float64)
        affine[:, 2] *= self.downscale
        return affine

    def _flow(self, grey: Any) -> Any:
        """By corners that optical flow finds again."""
        import cv2

        last, points = self._last, self._points
        self._last, self._points = grey, cv2.goodFeaturesToTrack(grey, 1000, 0.01, 1, blockSize=3)
        if last is None or points is None or last.shape != grey.shape:
            return None
        moved, good, _ = cv2.calcOpticalFlowPyrLK(last, grey, points, None)
        good = good.reshape(-1) != 0
        return _fit(points.reshape(-1, 2)[good], moved.reshape(-1, 2)[good])

    def _features(self, grey: Any, xyxy: npt.NDArray[np.float64]) -> Any:
        """By points of the background that look the same."""
        import cv2

        mask = np.zeros_like(grey)
        height, width = grey.shape
        rim = round(_BORDER * height), round(_BORDER * width)
        mask[rim[0] : height - rim[0], rim[1] : width - rim[1]] = 255
        for x1, y1, x2, y2 in np.maximum(xyxy, 0).astype(int).tolist():
            mask[y1:y2, x1:x2] = 0
        points, marks = self._described(grey, mask)
        last, self._last, self._points, before = self._last, marks, points, self._points
        if last is None or marks is None or len(marks) < 2:
            return None
        matcher = cv2.BFMatcher(cv2.NORM_HAMMING if self.method == "orb" else cv2.NORM_L2)
        pairs = [p for p in matcher.knnMatch(last, marks, k=2) if len(p) == 2 and p[0].distance < 0.9 * p[1].distance]
        a = np.array([before[p[0].queryIdx] for p in pairs], np.float32).reshape(-1, 2)
        b = np.array([points[p[0].trainIdx] for p in pairs], np.float32).reshape(-1, 2)
        near = (np.abs(a - b) < np.array([width, height]) * _FARTHEST).all(axis=1)
        a, b = a[near], b[near]
        if len(a) < _ENOUGH:
            return None
        off = np.abs((a - b) - (a - b).mean(axis=0))
        usual = (off < 2.5 * ((a - b).std(axis=0) + 1e-6)).all(axis=1)
        return _fit(a[usual], b[usual])

    def _described(self, grey: Any, mask: Any) -> tuple[Any, Any]:
        """Points and what they look like."""
        import cv2

        if self.method == "orb":
            points = cv2.FastFeatureDetector.create(20).detect(grey, mask)
            points, marks = cv2.ORB.create().compute(grey, points)
        else:
            sift = cv2.SIFT.create(nOctaveLayers=3, contrastThreshold=0.02, edgeThreshold=20)
            points, marks = sift.detectAndCompute(grey, mask)
        return [p.pt for p in points], marks

    def _aligned(self, grey: Any) -> Any:
        """By all pixels at once."""
        import cv2

        last, self._last = self._last, grey
        if last is None or last.shape != grey.shape:
            return None
        ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-4)
        try:
            return cv2.findTransformECC(
                last, grey, np.eye(2, 3, dtype=np.float32), cv2.MOTION_EUCLIDEAN, ends, None, 1
            )[1]
        except cv2.error:  # it did not converge, as on a flat picture
            return None


def _fit(before: Any, after: Any) -> Any:
    """Shift, turn and scale that most points share."""
    import cv2

    if len(before) < _ENOUGH:
        return None
    return cv2.estimateAffinePartial2D(before, after, method=cv2.RANSAC, ransacReprojThreshold=3)[0]
