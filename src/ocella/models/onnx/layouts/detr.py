"""DETR and its kin: a fixed number of queries, each a box and scores of classes; no NMS."""

from dataclasses import dataclass

import numpy as np

from ocella.models.onnx.layout import Arrays, Floats, Found, Given, Layout, corners
from ocella.models.onnx.letterbox import IMAGENET
from ocella.models.onnx.runtime import Slot

__all__ = ["UNITS"]

_COCO_PLACES = (
    *range(1, 12), *range(13, 26), 27, 28, *range(31, 45), *range(46, 66), 67, 70, *range(72, 83), *range(84, 91)
)  # fmt: skip
"""Numbers of COCO's 80 classes among its 91 places."""


@dataclass(frozen=True)
class Detr(Layout):
    """Boxes as centre and size in parts of the input, and logits (n, queries, columns). With `softmax` classes share 1
    with the last column, no object; else each score stands alone. `spare` columns at the end are no classes.
    """

    name: str
    looks: str
    softmax: bool = False
    spare: int = 0
    outputs: tuple[str, str] = ("pred_boxes", "logits")
    threshold: float = 0.4
    input = {"fit": "stretch", "mean": IMAGENET[0], "std": IMAGENET[1], "smooth": True}  # noqa: RUF012  # read only

    def room(self, given: Given) -> int | None:
        """Columns that are classes; 80 for COCO's names where there are columns for its 91 places."""
        sides = self._sides(given)
        if sides is None:
            return None
        columns = sides[1].shape[2]
        return 80 if self._is_coco(given, columns) else columns - self._spare(given, columns)

    def _sides(self, given: Given) -> tuple[Slot, Slot] | None:
        """The outputs of boxes and logits."""
        found = {o.name: o for o in given.of_rank(3)}
        if set(self.outputs) <= found.keys():
            boxes, logits = (found[name] for name in self.outputs)
        elif len(found) == 2 and not found.keys() & _NAMED:
            boxes, logits = sorted(found.values(), key=lambda o: o.shape[2] != 4)
        else:
            return None
        same = boxes.shape[2] == 4 and boxes.shape[1] == logits.shape[1]
        return (boxes, logits) if same and boxes.shape[1] not in given.cells else None

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """As many best pairs of query and class as there are queries, or with softmax the best class of each query."""
        sides = self._sides(given)
        assert sides is not None
        places = self._places(given, sides[1].shape[2])
        masks = given.of_rank(4)
        found = []
        for i in range(n):
            scores = self._scores(outputs[sides[1].name][i].astype(np.float32))[:, places]
            scores[:, given.blank] = -1  # so that they take no place of a class
            query, class_id = self._best(scores, floor)
            xyxy = corners(outputs[sides[0].name][i][query] * np.tile(given.input_hw[::-1], 2))
            logits = outputs[masks[0].name][i][query].astype(np.float32) if masks else None
            found.append(Found(xyxy, scores[query, class_id].clip(0, 1), class_id, logits))
        return found

    def _places(self, given: Given, columns: int) -> np.ndarray:
        return (
            np.array(_COCO_PLACES)
            if self._is_coco(given, columns)
            else np.arange(columns - self._spare(given, columns))
        )

    def _spare(self, given: Given, columns: int) -> int:
        """None where the last column, too, has a place in the list of classes, with an empty name."""
        return 0 if "" in given.classes and columns == len(given.classes) else self.spare

    def _is_coco(self, given: Given, columns: int) -> bool:
        return columns == 91 + self.softmax and len(given.classes) == len(_COCO_PLACES)

    def _scores(self, logits: Floats) -> Floats:
        if not self.softmax:
            return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), np.float32)
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)

    def _best(self, scores: Floats, floor: float) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns, most confident first."""
        if self.softmax:
            query, class_id = np.arange(len(scores)), scores.argmax(axis=1)
            reach = scores[query, class_id] >= floor
            query, class_id = query[reach], class_id[reach]
        else:
            query, class_id = np.nonzero(scores >= floor)
        order = np.argsort(-scores[query, class_id], kind="stable")[: len(scores)]
        return query[order], class_id[order]


@dataclass(frozen=True)
class RtDetr(Detr):
    """Trained on pixels of 0..1 that are not normalised."""

    input = {"fit": "stretch"}  # noqa: RUF012  # read only


@dataclass(frozen=True)
class Deployed(Layout):
    """Boxes in pixels of the size that a second input says, with labels and scores of their own."""

    name: str = "labels-boxes-scores"
    looks: str = "labels (n, queries), boxes (n, queries, 4), scores (n, queries), as RT-DETR and D-FINE write them"
    threshold: float = 0.4
    input = {"fit": "stretch"}  # noqa: RUF012  # read only

    def room(self, given: Given) -> int | None:
        """Any number of classes."""
        names = {o.name: o.shape for o in given.outputs}
        fits = names.keys() == {"labels", "boxes", "scores"} and names["boxes"][2:] == (4,)
        return 0 if fits else None

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:  # noqa: ARG002  # as the interface
        """The rows that reach the floor."""
        found = []
        for i in range(n):
            scores = outputs["scores"][i].astype(np.float32)
            rows = np.flatnonzero(scores >= floor)
            rows = rows[np.argsort(-scores[rows], kind="stable")]
            boxes, labels = (outputs[name][i][rows] for name in ("boxes", "labels"))
            found.append(Found(boxes.astype(np.float32), scores[rows].clip(0, 1), labels.astype(np.int64)))
        return found


_HUGGING, _ROBOFLOW = ("pred_boxes", "logits"), ("dets", "labels")
_NAMED = {*_HUGGING, *_ROBOFLOW}

UNITS: tuple[Layout, ...] = (
    Detr(
        "detr", "pred_boxes (n, queries, 4) and logits with a last column for no object, as DETR", softmax=True, spare=1
    ),
    RtDetr("rt-detr", "pred_boxes (n, queries, 4) and logits of the classes alone, as RT-DETR and D-FINE"),
    Detr(
        "rf-detr",
        "dets (n, queries, 4) and labels with a last column for no object, as RF-DETR",
        spare=1,
        outputs=_ROBOFLOW,
    ),
    Deployed(),
)
