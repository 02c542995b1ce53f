"""From scores of boxes for prompts to detections of an ontology's classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.ops.boxes import area, clip
from ocella.ops.nms import nms
from ocella.types import Detections, Ontology

__all__ = ["PromptTable", "corners"]

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PromptTable:
    """Every text that a model is asked for, once, as it reads it; and by class which of them say it (`positive`) and
    which must not be taken for it (`negative`). The number of a text is its column in the scores.
    """

    ontology: Ontology
    texts: tuple[str, ...]
    positive: tuple[tuple[int, ...], ...]
    negative: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, ontology: Ontology, read: Callable[[str], str] = str) -> "PromptTable":
        """From prompts as `read` puts them for the model; raises InvalidValue where two classes share a prompt, or
        one is asked for and excluded.
        """
        owners: dict[str, str] = {}
        for prompt, i in ontology.prompts:
            other = owners.setdefault(read(prompt), ontology.names[i])
            if other != ontology.names[i]:
                raise InvalidValue(
                    f"The prompt '{prompt}' belongs to the classes '{other}' and '{ontology.names[i]}', and nothing "
                    "tells them apart. Make them one class, or word one of the prompts otherwise."
                )
        positive = tuple(tuple(dict.fromkeys(map(read, c.prompts))) for c in ontology.classes)
        negative = tuple(tuple(dict.fromkeys(map(read, c.negatives))) for c in ontology.classes)
        for name, yes, no in zip(ontology.names, positive, negative, strict=True):
            if set(yes) & set(no):
                raise InvalidValue(f"'{min(set(yes) & set(no))}' is a prompt of '{name}' and one of its negatives.")
        texts = tuple(dict.fromkeys(t for yes, no in zip(positive, negative, strict=True) for t in (*yes, *no)))
        column = {text: i for i, text in enumerate(texts)}
        return cls(
            ontology,
            texts,
            tuple(tuple(column[t] for t in yes) for yes in positive),
            tuple(tuple(column[t] for t in no) for no in negative),
        )

    def floors(self, threshold: float) -> Floats:
        """Least confidence of each class: its own where it has one."""
        if not 0 <= threshold <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {threshold}.")
        own = (c.threshold for c in self.ontology.classes)
        return np.array([threshold if t is None else t for t in own], np.float32)

    def assign(self, scores: Floats, floors: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Confidence (n,) and class_id (n,) of scores (n, texts): a class's confidence is its best prompt's, and the
        most confident class of those that reach their floor gets the box; -1 where none does. A class is out where
        one of its negatives scores higher. A text that a row was not asked for has the score -1.
        """
        by_class = np.stack([scores[:, list(c)].max(axis=1) for c in self.positive], axis=1)
        for i, columns in enumerate(self.negative):
            if columns:
                by_class[scores[:, list(columns)].max(axis=1) > by_class[:, i], i] = -1
        by_class = np.where(by_class >= floors, by_class, np.float32(-1))
        return by_class.max(axis=1), by_class.argmax(axis=1).astype(np.int64)

    def detections(
        self, scores: Floats, xyxy: Floats, size_hw: tuple[int, int], threshold: float, *, iou: float = 0.6
    ) -> Detections:
        """Objects of one image of `size_hw`: boxes (n, 4) in its pixels are clipped, those outside dropped, and of
        boxes of one class that overlap by more than `iou` the most confident is kept.
        """
        confidence, class_id = self.assign(scores, self.floors(threshold))
        boxes = clip(xyxy, size_hw)
        rows = np.flatnonzero((confidence >= 0) & (area(boxes) > 0))
        rows = rows[nms(boxes[rows], confidence[rows], class_id[rows], iou)]
        return Detections(boxes[rows], np.minimum(confidence[rows], 1), class_id[rows], self.ontology.names)


def corners(centres: Floats, size_hw: Sequence[float]) -> Floats:
    """Centre, width and height in 0..1 (n, 4) to xyxy pixels of a picture of `size_hw`."""
    height, width = size_hw
    half = centres[:, 2:] / 2
    boxes = np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1)
    return np.asarray(boxes * np.array([width, height, width, height], np.float32), np.float32)
