"""How far two label sets of the same images agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocella.errors import InvalidValue
from ocella.metrics.pairing import pair
from ocella.types import Detections

__all__ = ["Agreement", "agreement", "cohen_kappa"]


@dataclass(frozen=True)
class Agreement:
    """Objects of a and b with one box and class (`matched`), with one box but two classes (`swapped`, and
    `swaps[(a, b)]` by name), only in a (`missing` from b) and only in b (`extra`); `mean_iou` of all pairs, 0 if none.
    """

    matched: int
    swapped: int
    missing: int
    extra: int
    swaps: Mapping[tuple[str, str], int]
    mean_iou: float

    @property
    def share(self) -> float:
        """Matched ones of all different objects, 0 to 1; 1 where both sets are empty."""
        total = self.matched + self.swapped + self.missing + self.extra
        return self.matched / total if total else 1.0

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        numbers = {
            name: getattr(self, name) for name in ("matched", "swapped", "missing", "extra", "mean_iou", "share")
        }
        return {**numbers, "swaps": [{"a": a, "b": b, "times": n} for (a, b), n in self.swaps.items()]}


def agreement(a: Sequence[Detections], b: Sequence[Detections], iou: float = 0.5) -> Agreement:
    """Image by image, objects paired by boxes that overlap by at least `iou`; classes compared by name."""
    if len(a) != len(b):
        raise InvalidValue(f"Both sets must be of the same images, got {len(a)} and {len(b)}.")
    swaps: Counter[tuple[str, str]] = Counter()
    overlaps: list[float] = []
    matched = 0
    for ours, theirs in zip(a, b, strict=True):
        rows, columns, overlap = pair(ours, theirs, iou)
        overlaps += overlap.tolist()
        named = [(ours.names[i], theirs.names[j]) for i, j in zip(rows, columns, strict=True)]
        swaps.update(p for p in named if p[0] != p[1])
        matched += sum(p[0] == p[1] for p in named)
    missing, extra = (sum(len(side) for side in sides) - len(overlaps) for sides in (a, b))
    mean = float(np.mean(overlaps)) if overlaps else 0.0
    return Agreement(matched, swaps.total(), missing, extra, dict(swaps.most_common()), mean)


def cohen_kappa(a: Sequence[str], b: Sequence[str]) -> float:
    """Agreement of two namings of the same things beyond chance: 1 is full, 0 is chance. 1 where both always say one
    same name.
    """
    if len(a) != len(b) or not a:
        raise InvalidValue(f"Both namings must be of the same things, at least one, got {len(a)} and {len(b)}.")
    names, codes = np.unique([*a, *b], return_inverse=True)
    table = np.zeros((len(names), len(names)))
    np.add.at(table, (codes[: len(a)], codes[len(a) :]), 1 / len(a))
    chance = float(table.sum(axis=1) @ table.sum(axis=0))
    return 1.0 if chance >= 1 else float((np.trace(table) - chance) / (1 - chance))
