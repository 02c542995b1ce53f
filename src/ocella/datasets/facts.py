"""What a data set holds that a file format may not be able to hold."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import KEPT, Sample
from ocella.types import Classification, Detections

__all__ = ["Facts", "sentences"]


@dataclass(frozen=True)
class Facts:
    """Counts, by name; `split` and the like are read off directly."""

    count: Counter[str]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> "Facts":
        """Count once over the whole data set; only labels that are not rejected count as objects."""
        count: Counter[str] = Counter()
        columns: set[str] = set()
        for sample in dataset:
            count.update(_of_sample(sample))
            for found in sample.labels(Detections):
                columns |= set(found.data)
                count.update(_of_objects(found, sample.size_hw))
        return cls(count, tuple(sorted(columns)))


def _of_sample(sample: Sample) -> Iterator[str]:
    if not sample.seen:
        yield "unseen"
    if not sample.split:
        yield "unsplit"
    for annotation in sample.annotations:
        if annotation.source.kind != "person":
            yield "machine"
        yield from ("rejected" for s in annotation.state if s not in KEPT)
        yield from ("proposed" for s in annotation.state if s == "proposed")
        if not isinstance(annotation.value, (Detections, Classification)):
            yield "other"
        if isinstance(annotation.value, Classification):
            yield "classification"
            scores = annotation.value.confidence
            yield from (["scored"] if not np.isin(scores, (0, 1)).all() or scores.sum() != 1 else [])


def _of_objects(found: Detections, size_hw: tuple[int, int]) -> Counter[str]:
    height, width = size_hw
    edge = np.array([width, height, width, height], np.float32)
    clipped = np.clip(found.xyxy, 0, edge)
    count = Counter({"object": len(found)})
    count["confidence"] = int((found.confidence != 1).sum())
    count["outside"] = int((np.abs(clipped - found.xyxy) > 0.01).any(axis=1).sum())
    count["fraction"] = int((np.abs(found.xyxy - np.round(found.xyxy)) > 1e-3).any(axis=1).sum())
    count["empty"] = int(((clipped[:, 2:] - clipped[:, :2]) <= 0).any(axis=1).sum())
    count["track"] = 0 if found.track_id is None else len(found)
    if found.masks is not None:
        count["mask"] = len(found)
        parts = found.masks.polygons()
        count["blank_mask"] = sum(not p for p in parts)
        count["pieces"] = sum(len(p) > 1 or any(part.holes for part in p) for p in parts)
    if found.keypoints is not None:
        count["keypoints"] = len(found)
        count["hidden_point"] = int((~found.keypoints.visible).sum())
    return count


def sentences(facts: Facts, lost: Mapping[str, str]) -> list[str]:
    """One sentence a kind of loss that this data set really has: `{n}` in it becomes the count."""
    said = [text.format(n=facts.count[kind]) for kind, text in lost.items() if facts.count[kind]]
    if "columns" in lost and facts.columns:
        said.append(lost["columns"].format(n=", ".join(facts.columns)))
    return said
