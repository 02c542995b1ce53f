"""A detector that looks at parts of an image too."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.compose.merge import Merge, check_merge, merged
from ocella.models.tasks import Detector
from ocella.models.text.match import Match
from ocella.ops.crop import crop, to_root
from ocella.ops.tile import slices, tiles
from ocella.types import Detections, Image, Ontology

__all__ = ["Tiled"]


class Tiled(Detector):
    """A detector run on the whole image and on overlapping tiles: rows x columns, or of `slice_hw` pixels each where that
    is given. Boxes that touch an inner border of a tile are cut objects and are left to the neighbour or the whole image;
    the rest are merged by class: of boxes of one object the most confident is kept ("nms") or their mean ("wbf").
    """

    def __init__(
        self,
        detector: Detector,
        rows: int = 2,
        columns: int = 2,
        *,
        overlap: float = 0.25,
        slice_hw: tuple[int, int] | None = None,
        merge: Merge = "nms",
    ) -> None:
        check_merge(merge)
        self.detector, self.rows, self.columns = detector, rows, columns
        self.overlap, self.slice_hw, self.merge = overlap, slice_hw, merge

    @property
    def card(self) -> ModelCard:
        """The detector's card, renamed."""
        card, size = self.detector.card, self.slice_hw
        cut = f"{self.rows}x{self.columns}" if size is None else f"{size[0]}x{size[1]}px"
        return replace(card, name=f"tiled-{cut}({card.name})")

    @property
    def classes(self) -> tuple[str, ...]:
        """The detector's classes."""
        return self.detector.classes

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The detector's."""
        return self.detector.matches(ontology)

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Objects of whole image and tiles together."""
        return [self._predict_one(image, ontology, threshold) for image in images]

    def _predict_one(self, image: Image, ontology: Ontology | None, threshold: float | None) -> Detections:
        windows = self._windows(image.size_hw)
        parts = crop(Image(image.pixels), windows)
        whole, *found = self.detector.predict([image, *parts], ontology, threshold=threshold)
        kept = [whole]
        for window, part, objects in zip(windows, parts, found, strict=True):
            kept.append(to_root(objects[~_cut(objects, window, image.size_hw)], part.origin, image.size_hw))
        return merged(Detections.concatenate(kept), self.merge)

    def _windows(self, size_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
        if self.slice_hw is None:
            return tiles(size_hw, self.rows, self.columns, overlap=self.overlap)
        windows = slices(size_hw, self.slice_hw, overlap=self.overlap)
        return windows if len(windows) > 1 else windows[:0]  # the one slice is the whole image


def _cut(
    objects: Detections, window: npt.NDArray[np.float32], size_hw: tuple[int, int], margin: float = 2.0
) -> npt.NDArray[np.bool_]:
    """Rows whose box ends at a side of the tile that is not a side of the image."""
    x1, y1, x2, y2 = (float(v) for v in window)
    height, width = size_hw
    inner = np.array([x1 > 0, y1 > 0, x2 < width, y2 < height])
    far = np.array([0, 0, x2 - x1, y2 - y1])
    return np.asarray(((np.abs(objects.xyxy - far) <= margin) & inner).any(axis=1))
