"""Detectors of the DETR family: a fixed number of queries, each a box with a score for every class. No NMS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import MissingExtra
from ocella.models.card import ModelCard
from ocella.models.checkpoints.coco_labels import coco_names
from ocella.models.checkpoints.labels import label_columns
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, adopt_card, open_checkpoint
from ocella.models.closed import ClosedDetector, ClosedVocabulary
from ocella.models.detection.detr_prepare import fitted_hw, prepare_by_pillow
from ocella.models.entry import LoadOptions
from ocella.models.prompt_table import corners
from ocella.ops.boxes import area, clip
from ocella.types import Detections, Image, Masks

__all__ = ["Chosen", "Family", "QueryDetector", "best_class", "best_pairs"]

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Chosen:
    """Rows of a result: which query, as which class (a place among the columns that were asked for), how sure."""

    confidence: Floats
    query: Ids
    class_id: Ids


def best_class(logits: Floats, columns: Ids) -> Chosen:
    """Classes compete, the last column is "nothing": one row for each query (logits (queries, classes + 1))."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = (shares / shares.sum(axis=1, keepdims=True))[:, columns]
    return Chosen(shares.max(axis=1), np.arange(len(logits)), shares.argmax(axis=1).astype(np.int64))


def best_pairs(logits: Floats, columns: Ids) -> Chosen:
    """Each class for itself: of all pairs of query and class the best, as many as there are queries."""
    scores = (0.5 * (1 + np.tanh(0.5 * logits[:, columns]))).astype(np.float32)
    order = np.argsort(-scores, axis=None, kind="stable")[: len(logits)]
    query, class_id = np.divmod(order, len(columns))
    return Chosen(scores.reshape(-1)[order], query, class_id)


@dataclass(frozen=True)
class Family:
    """What tells one family from another: `kind`, the model type in config.json, `network`, the class; what becomes of
    logits (`choose`) and of an image (`prepare`); `settings` where preprocessor_config.json is silent; `outlines`
    where the network draws masks too.
    """

    kind: str
    network: str
    choose: Callable[[Floats, Ids], Chosen]
    prepare: Callable[[npt.NDArray[np.uint8], Mapping[str, Any]], Floats] = prepare_by_pillow
    settings: Mapping[str, Any] = field(default_factory=dict)
    outlines: bool = False


class QueryDetector(ClosedDetector):
    """`batch` images of one input size go together: without padding an image's result does not depend on its company."""

    def __init__(self, family: Family, card: ModelCard, options: LoadOptions) -> None:
        self._family = family
        self._opened = _open(family, card, options)
        names, self._columns = label_columns(coco_names(self._opened.network.config.id2label))
        self._card = adopt_card(card, options, self._opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        self._settings = {**family.settings, **self._opened.image}
        self.batch = self._opened.batch(options)

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        found: dict[int, Detections] = {}
        for rows in self._groups([i.size_hw for i in images]):
            out = self._forward(np.stack([self._family.prepare(images[r].pixels, self._settings) for r in rows]))
            for i, r in enumerate(rows):
                found[r] = self._read({k: v[i] for k, v in out.items()}, images[r].size_hw, floor)
        return [found[r] for r in range(len(images))]

    def _groups(self, sizes_hw: Sequence[tuple[int, int]]) -> list[list[int]]:
        """Numbers of the images of each input size."""
        groups: dict[tuple[int, int], list[int]] = {}
        for row, size_hw in enumerate(sizes_hw):
            groups.setdefault(fitted_hw(size_hw, self._settings), []).append(row)
        return list(groups.values())

    def _forward(self, pixels: Floats) -> dict[str, Floats]:
        """`logits` (n, queries, columns), `boxes` (n, queries, 4) in 0..1, `masks` (n, queries, h, w) of some."""
        import torch

        with torch.inference_mode():
            images = torch.from_numpy(pixels).to(self._opened.device, self._opened.dtype)
            out = self._opened.network(pixel_values=images)
        kept = {"logits": out.logits, "boxes": out.pred_boxes}
        if self._family.outlines:
            kept["masks"] = out.pred_masks
        return {name: tensor.float().cpu().numpy() for name, tensor in kept.items()}

    def _read(self, out: dict[str, Floats], size_hw: tuple[int, int], floor: float) -> Detections:
        """Objects of one image; those without a pixel in it are left out."""
        chosen = self._family.choose(out["logits"], self._columns)
        boxes = clip(corners(out["boxes"][chosen.query], size_hw), size_hw)
        rows = np.flatnonzero((chosen.confidence >= floor) & (area(boxes) > 0))
        masks = _masks(out["masks"][chosen.query[rows]], size_hw) if self._family.outlines else None
        found = Detections(boxes[rows], chosen.confidence[rows], chosen.class_id[rows], self.classes, masks)
        return found if masks is None else found[masks.area > 0]


def _open(family: Family, card: ModelCard, options: LoadOptions) -> Checkpoint:
    try:
        return open_checkpoint(card, options, family.kind, family.network)
    except MissingExtra:
        raise
    except ImportError as error:  # checkpoints of some families have a backbone that is timm's
        raise MissingExtra("The backbone of this checkpoint", "timm") from error


def _masks(logits: Floats, size_hw: tuple[int, int]) -> Masks:
    """Outlines (n, h, w) in the size of the image, one after the other, because n large images at once are many bytes."""
    import torch
    from torch.nn import functional as F

    runs = []
    for drawn in logits:
        grown = F.interpolate(torch.from_numpy(drawn)[None, None], size=size_hw, mode="bilinear", align_corners=False)
        runs.append(Masks.from_dense(grown.numpy()[0] > 0).run(0).tolist())
    return Masks.from_counts(runs, size_hw)
