"""Wrap to tweak: a composition has models and is one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocella.errors import Mismatch
from ocella.models.card import ModelCard
from ocella.models.tasks import Detector, Model, Segmenter
from ocella.models.text.match import Match, match_prompts
from ocella.ops.crop import crop, to_root
from ocella.ops.nms import nms
from ocella.ops.tile import tiles
from ocella.types import Detections, Image, Ontology

__all__ = ["Grounded", "Tiled", "join", "tiled"]


def tiled(model: Model, tile: tuple[int, int] | None) -> Model:
    """A detector looking at `tile` rows x columns too; without `tile`, and for other tasks, the model as it is."""
    return Tiled(model, *tile) if tile is not None and isinstance(model, Detector) else model


def join(first: Model, second: Model) -> Model:
    """A detector with what its boxes are handed to; raises Mismatch for two models that cannot be joined."""
    if isinstance(first, Detector) and isinstance(second, Segmenter):
        return Grounded(first, second)
    raise Mismatch(
        f"'{first.card.name}+{second.card.name}' must join a detector and a promptable segmenter, got "
        f"{first.task}+{second.task}."
    )


class Tiled(Detector):
    """A detector run on the whole image and on rows x columns overlapping tiles, merged by NMS per class. Boxes that
    touch an inner border of a tile are cut objects and are left to the neighbour or the whole image.
    """

    def __init__(self, detector: Detector, rows: int = 2, columns: int = 2, *, overlap: float = 0.25) -> None:
        self.detector, self.rows, self.columns, self.overlap = detector, rows, columns, overlap

    @property
    def card(self) -> ModelCard:
        """The detector's card, renamed."""
        card = self.detector.card
        return replace(card, name=f"tiled-{self.rows}x{self.columns}({card.name})")

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
        windows = tiles(image.size_hw, self.rows, self.columns, overlap=self.overlap)
        parts = crop(Image(image.pixels), windows)
        whole, *found = self.detector.predict([image, *parts], ontology, threshold=threshold)
        kept = [whole]
        for window, part, objects in zip(windows, parts, found, strict=True):
            kept.append(to_root(objects[~_cut(objects, window, image.size_hw)], part.origin, image.size_hw))
        joined = Detections.concatenate(kept)
        return joined[nms(joined.xyxy, joined.confidence, joined.class_id)]


def _cut(objects: Detections, window: np.ndarray, size_hw: tuple[int, int], margin: float = 2.0) -> np.ndarray:
    """Rows whose box ends at a side of the tile that is not a side of the image."""
    x1, y1, x2, y2 = (float(v) for v in window)
    height, width = size_hw
    inner = np.array([x1 > 0, y1 > 0, x2 < width, y2 < height])
    far = np.array([0, 0, x2 - x1, y2 - y1])
    return np.asarray(((np.abs(objects.xyxy - far) <= margin) & inner).any(axis=1))


class Grounded(Detector):
    """A detector whose boxes a promptable segmenter turns into masks. A segmenter whose card names classes is asked for
    objects of those alone.
    """

    def __init__(self, detector: Detector, segmenter: Segmenter) -> None:
        self.detector, self.segmenter = detector, segmenter

    @property
    def card(self) -> ModelCard:
        """The detector's card; commercial use only if both allow it."""
        one, two = self.detector.card, self.segmenter.card
        return replace(
            one,
            name=f"{one.name}+{two.name}",
            weights_license=f"{one.weights_license}; {two.weights_license}",
            commercial_use=one.commercial_use and two.commercial_use,
            parameters=one.parameters + two.parameters,
            megabytes=one.megabytes + two.megabytes,
            sha256=one.sha256 + two.sha256,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The detector's classes that the segmenter can mask."""
        able = self.segmenter.card.classes
        return tuple(c for c in self.detector.classes if not able or c in able)

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The detector's; raises Mismatch where a prompt means a class that the segmenter cannot mask. Where the detector
        takes any prompt, its words are matched to the segmenter's classes.
        """
        found = self.detector.matches(ontology)
        able = self.segmenter.card.classes
        meant = found or (match_prompts(ontology, able) if able else ())
        beyond = sorted({m.class_name for m in meant if able and m.known not in able})
        if beyond:
            raise Mismatch(
                f"'{self.segmenter.card.name}' makes masks of {', '.join(able)} only, not of {', '.join(beyond)}. "
                f"Leave these out, or use '{self.detector.card.name}' alone for boxes."
            )
        return found

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Detections that carry masks."""
        if ontology is None and self.classes != self.detector.classes:
            ontology = Ontology.of(*self.classes)
        if ontology is not None:
            self.matches(ontology)
        found = self.detector.predict(images, ontology, threshold=threshold)
        masks = self.segmenter.predict(images, [f.xyxy for f in found])
        return [f.replace(masks=m) for f, m in zip(found, masks, strict=True)]
