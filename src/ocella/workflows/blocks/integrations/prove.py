"""How good a model is, by labels, while images come."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.errors import DatasetError, Mismatch, NotFound
from ocella.metrics.average_precision import accumulate
from ocella.metrics.matching import THRESHOLDS, Matches, joined, match
from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class Proof(NamedTuple):
    """Over all images so far: precision and recall at the chosen confidence and IoU, average precision over IoU 0.50 to 0.95 and
    at 0.50 (None where there is nothing to count), the same by class; how many images and labelled objects; who made the labels.
    """

    precision: float | None
    recall: float | None
    ap: float | None
    ap50: float | None
    per_class: dict[str, Any]
    images: int
    objects: int
    truth: str


class Prove(Block):
    """Compare predictions with the labels that a data set of Ocella (the folder `dataset`, maybe one `split` of it) has for the
    image, and say how good they have been so far. An image is found by its path or name, or by `image_name`; one that comes again
    counts once, as it was last.
    """

    type = "prove@v1"
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "labels"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "prove",
                "name": "proof",
                "image": "$inputs.image",
                "predictions": "$steps.find.predictions",
                "dataset": "$inputs.labels",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "ap", "selector": "$steps.proof.ap"}],
    }

    dataset: str
    split: Literal["", "train", "val", "test"] = ""
    on: Literal["boxes", "masks", "keypoints"] = "boxes"
    iou: float = 0.5
    confidence: Unit = 0.0
    image_name: str = ""

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """IoU is one of ten steps."""
        iou = step.get("iou", 0.5)
        known = not isinstance(iou, int | float) or min(abs(THRESHOLDS - iou)) < 1e-9
        return [] if known else [("iou", "one of 0.50, 0.55 ... 0.95", "Take the nearest of them.")]

    def setup(self) -> None:
        """Nothing has come yet."""
        self.services.require("read-files", f"Step '{self.step}'")
        self._opened: dict[tuple[str, str], tuple[Dataset, dict[str, Sample]]] = {}
        self._matches: dict[str, Matches] = {}

    def run(self, image: Image, predictions: Detections) -> Proof:
        """The proof with this image."""
        dataset, by_name = self._open()
        name = self.image_name or image.origin.source
        sample = by_name.get(name) or by_name.get(Path(name).name) or by_name.get(Path(name).stem)
        if sample is None or not sample.seen:
            what = "no image" if sample is None else "no label for"
            raise NotFound(f"{dataset.root} has {what} '{name}'. Name it with image_name, or label it first.")
        if image.size_hw != sample.size_hw:
            raise Mismatch(
                f"'{name}' must have the size {sample.size_hw} of the data set's image, got {image.size_hw}."
            )
        truth = sample.detections(dataset.classes)
        self._matches[sample.file] = match([predictions], [truth], dataset.classes, on=self.on)
        return self._proof(dataset, joined(list(self._matches.values())))

    def _open(self) -> tuple[Dataset, dict[str, Sample]]:
        key = (self.dataset, self.split)
        if key not in self._opened:
            dataset = Dataset.open(self.dataset)
            dataset = dataset.split(self.split) if self.split else dataset
            if not dataset.classes:
                raise DatasetError(f"{dataset.root} has no classes to compare. Label it first.")
            self._opened = {key: (dataset, _names(dataset))}
            self._matches = {}
        return self._opened[key]

    def _proof(self, dataset: Dataset, matches: Matches) -> Proof:
        precise = accumulate(matches, sizes=False)
        at = int(np.argmin(np.abs(THRESHOLDS - self.iou)))
        rows = {}
        for name, found in zip(matches.classes, matches.per_class, strict=True):
            counted = (found.confidence >= self.confidence) & ~found.ignored[0, at]
            rows[name] = (
                int((found.hit[0, at] & counted).sum()),
                int(counted.sum()),
                int(found.truths[0].sum()),
            )
        hits, said, true = (sum(row[i] for row in rows.values()) for i in range(3))
        per_class = {
            name: {
                "precision": _share(h, s),
                "recall": _share(h, t),
                "ap": _known(precise.per_class[name]["ap"]),
                "objects": t,
            }
            for name, (h, s, t) in rows.items()
            if s or t
        }
        return Proof(
            _share(hits, said),
            _share(hits, true),
            _known(precise.ap),
            _known(precise.ap50),
            per_class,
            matches.n_images,
            true,
            _by_whom([s for s in dataset if s.file in self._matches]),
        )


def _names(dataset: Dataset) -> dict[str, Sample]:
    """Samples by path, file, file name and stem, where that is only one's."""
    names: dict[str, list[Sample]] = {}
    for sample in dataset:
        path = dataset.path(sample)
        came = str(sample.source.get("path", ""))
        for name in {str(path), sample.file, path.name, path.stem, came} - {""}:
            names.setdefault(name, []).append(sample)
    return {name: found[0] for name, found in names.items() if len(found) == 1}


def _by_whom(samples: list[Sample]) -> str:
    sources = [a.source for s in samples for a in s.annotations]
    if {s.kind for s in sources} == {"person"}:
        return "people's labels"
    return f"labels by {', '.join(sorted({s.name for s in sources}))}, not by people"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


UNITS = (Prove,)
