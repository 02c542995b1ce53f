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
    which must not be taken for it (`negative`). The number of a text is its column in the scores. Classes found by
    example images (`pictures`) have one column each, after those of the texts; they compete for a box among
    themselves, because a likeness to an image is no likeness to a word. `wording` is each column as the person put it.
    """

    ontology: Ontology
    texts: tuple[str, ...]
    positive: tuple[tuple[int, ...], ...]
    negative: tuple[tuple[int, ...], ...]
    wording: tuple[str, ...]
    pictures: tuple[int, ...] = ()

    @classmethod
    def of(cls, ontology: Ontology, read: Callable[[str], str] = str, *, pictures: bool = False) -> "PromptTable":
        """From prompts as `read` puts them for the model; with `pictures` a class that has exemplars is found by these
        alone. Raises InvalidValue where two classes share a prompt, or one is asked for and excluded.
        """
        shown = tuple(i for i, c in enumerate(ontology.classes) if pictures and c.exemplars)
        worded = [() if i in shown else c.prompts for i, c in enumerate(ontology.classes)]
        _refuse_shared(ontology, worded, read)
        positive = [tuple(dict.fromkeys(map(read, prompts))) for prompts in worded]
        negative = [tuple(dict.fromkeys(map(read, c.negatives))) for c in ontology.classes]
        for c, yes, no in zip(ontology.classes, positive, negative, strict=True):
            if no and not yes:
                raise InvalidValue(
                    f"'{c.name}' is found by its exemplars, which words cannot rival: leave negatives out."
                )
            if set(yes) & set(no):
                raise InvalidValue(f"'{min(set(yes) & set(no))}' is a prompt of '{c.name}' and one of its negatives.")
        texts = tuple(dict.fromkeys(t for yes, no in zip(positive, negative, strict=True) for t in (*yes, *no)))
        column = {text: i for i, text in enumerate(texts)}
        by_picture = {i: len(texts) + k for k, i in enumerate(shown)}
        written = [p for own, c in zip(worded, ontology.classes, strict=True) for p in (*own, *c.negatives)]
        spelled = {read(p): p for p in reversed(written)}
        return cls(
            ontology,
            texts,
            tuple(
                (by_picture[i],) if i in by_picture else tuple(column[t] for t in yes) for i, yes in enumerate(positive)
            ),
            tuple(tuple(column[t] for t in no) for no in negative),
            (*(spelled[t] for t in texts), *(", ".join(ontology.classes[i].exemplars) for i in shown)),
            shown,
        )

    def floors(self, threshold: float) -> Floats:
        """Least confidence of each class: its own where it has one."""
        if not 0 <= threshold <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {threshold}.")
        own = (c.threshold for c in self.ontology.classes)
        return np.array([threshold if t is None else t for t in own], np.float32)

    def assign(
        self, scores: Floats, floors: Floats, classes: Sequence[int] | None = None
    ) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Confidence (n,) and class_id (n,) of scores (n, columns): a class's confidence is its best prompt's, and the
        most confident of the `classes` (all where None) that reach their floor gets the box; -1 where none does. A
        class is out where one of its negatives scores higher. A text that a row was not asked for has the score -1.
        """
        by_class = np.stack([scores[:, list(c)].max(axis=1) for c in self.positive], axis=1)
        for i, columns in enumerate(self.negative):
            if columns:
                by_class[scores[:, list(columns)].max(axis=1) > by_class[:, i], i] = -1
        by_class = np.where(by_class >= floors, by_class, np.float32(-1))
        if classes is not None:
            by_class[:, [i for i in range(len(self.positive)) if i not in classes]] = -1
        return by_class.max(axis=1), by_class.argmax(axis=1).astype(np.int64)

    def detections(
        self, scores: Floats, xyxy: Floats, size_hw: tuple[int, int], threshold: float, *, iou: float = 0.6
    ) -> Detections:
        """Objects of one image of `size_hw`: boxes (n, 4) in its pixels are clipped, those outside dropped, and of
        boxes of one class that overlap by more than `iou` the most confident is kept. `data["prompt"]` is the prompt
        of the class that scored highest.
        """
        boxes, floors = clip(xyxy, size_hw), self.floors(threshold)
        worded = [i for i in range(len(self.positive)) if i not in self.pictures]
        found = []
        for classes in (worded, self.pictures):
            confidence, class_id = self.assign(scores, floors, classes)
            rows = np.flatnonzero((confidence >= 0) & (area(boxes) > 0))
            rows = rows[nms(boxes[rows], confidence[rows], class_id[rows], iou)]
            ids, data = class_id[rows], {"prompt": self._best(scores[rows], class_id[rows])}
            found.append(Detections(boxes[rows], np.minimum(confidence[rows], 1), ids, self.ontology.names, data=data))
        return Detections.concatenate(found)

    def _best(self, scores: Floats, class_id: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
        """The wording of each row's best prompt of its class."""
        own = np.zeros((len(self.positive), len(self.wording)), bool)
        for i, columns in enumerate(self.positive):
            own[i, list(columns)] = True
        best = np.where(own[class_id], scores, -np.inf).argmax(axis=1)
        return np.array([self.wording[i] for i in best], f"<U{max(map(len, self.wording))}")


def _refuse_shared(ontology: Ontology, prompts: Sequence[Sequence[str]], read: Callable[[str], str]) -> None:
    owners: dict[str, str] = {}
    for name, own in zip(ontology.names, prompts, strict=True):
        for prompt in own:
            other = owners.setdefault(read(prompt), name)
            if other != name:
                raise InvalidValue(
                    f"The prompt '{prompt}' belongs to the classes '{other}' and '{name}', and nothing tells them apart. "
                    "Make them one class, or word one of the prompts otherwise."
                )


def corners(centres: Floats, size_hw: Sequence[float]) -> Floats:
    """Centre, width and height in 0..1 (n, 4) to xyxy pixels of a picture of `size_hw`."""
    height, width = size_hw
    half = centres[:, 2:] / 2
    boxes = np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1)
    return np.asarray(boxes * np.array([width, height, width, height], np.float32), np.float32)
