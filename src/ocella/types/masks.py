"""Instance masks, packed as run lengths; polygons keep holes and parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.types.arrays import as_array, same_arrays

__all__ = ["Masks", "Part"]

Ring = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Part:
    """One connected piece of a mask: an outer ring and its holes, each of shape (k, 2), pixel-edge coordinates."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, eq=False)
class Masks:
    """n masks over one image. `counts` holds COCO run lengths (column-major, background first) of all masks
    one after the other; mask i is counts[starts[i]:starts[i + 1]].
    """

    counts: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        counts = as_array("counts", self.counts, np.int64, (None,))
        starts = as_array("starts", self.starts, np.int64, (None,))
        if len(starts) == 0 or starts[0] != 0 or starts[-1] != len(counts) or (np.diff(starts) < 0).any():
            raise InvalidValue(f"starts must rise from 0 to {len(counts)}, got {starts.tolist()[:8]}.")
        pixels = self.size_hw[0] * self.size_hw[1]
        totals = np.diff(np.concatenate([[0], np.cumsum(counts)])[starts])
        if (counts < 0).any() or (totals != pixels).any():
            raise InvalidValue(f"run lengths of every mask must add up to {pixels} pixels, got {totals.tolist()[:8]}.")
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "starts", starts)

    @classmethod
    def empty(cls, size_hw: tuple[int, int]) -> "Masks":
        """No masks."""
        return cls(np.zeros(0, np.int64), np.zeros(1, np.int64), size_hw)

    @classmethod
    def from_counts(cls, runs: Iterable[Sequence[int]], size_hw: tuple[int, int]) -> "Masks":
        """From one list of run lengths a mask."""
        rows = [np.asarray(r, np.int64) for r in runs]
        starts = np.concatenate([[0], np.cumsum([len(r) for r in rows], dtype=np.int64)]).astype(np.int64)
        return cls(np.concatenate([*rows, np.zeros(0, np.int64)]), starts, size_hw)

    @classmethod
    def from_dense(cls, dense: npt.ArrayLike) -> "Masks":
        """From booleans of shape (n, height, width)."""
        array = as_array("dense", dense, np.bool_, (None, None, None))
        return cls.from_counts([_runs(mask) for mask in array], (array.shape[1], array.shape[2]))

    @classmethod
    def from_polygons(cls, polygons: Iterable[Sequence[Part]], size_hw: tuple[int, int]) -> "Masks":
        """From parts with holes, by pixel centres inside (even-odd)."""
        return cls.from_counts([_runs(_fill(parts, size_hw)) for parts in polygons], size_hw)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index: Any) -> "Masks":
        rows = np.atleast_1d(np.arange(len(self))[index])
        return Masks.from_counts([self.run(int(i)).tolist() for i in rows], self.size_hw)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Masks)
            and self.size_hw == other.size_hw
            and same_arrays(self.counts, other.counts)
            and same_arrays(self.starts, other.starts)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def run(self, i: int) -> npt.NDArray[np.int64]:
        """Run lengths of mask i, background first."""
        return self.counts[self.starts[i] : self.starts[i + 1]]

    @property
    def area(self) -> npt.NDArray[np.int64]:
        """Pixels of each mask."""
        return np.array([self.run(i)[1::2].sum() for i in range(len(self))], np.int64)

    def intersection(self, other: "Masks") -> npt.NDArray[np.int64]:
        """Common pixels (n, m) with the masks of `other`, from the run lengths; raises Mismatch on two image sizes."""
        if self.size_hw != other.size_hw:
            raise Mismatch(f"Masks of images of {self.size_hw} and {other.size_hw} cannot be compared.")
        owner = np.repeat(np.arange(len(self)), np.diff(self.starts))
        ends = np.cumsum(self.counts) - owner * self.size_hw[0] * self.size_hw[1]
        inside = np.flatnonzero((np.arange(len(ends)) - self.starts[owner]) % 2)
        out = np.zeros((len(self), len(other)), np.int64)
        for j in range(len(other)):
            common = _before(other.run(j), ends[inside]) - _before(other.run(j), ends[inside - 1])
            np.add.at(out[:, j], owner[inside], common)
        return out

    def dense(self) -> BoolArray:
        """Booleans of shape (n, height, width)."""
        height, width = self.size_hw
        out = np.zeros((len(self), height, width), bool)
        for i in range(len(self)):
            run = self.run(i)
            flat = np.repeat(np.arange(len(run)) % 2 == 1, run)
            out[i] = flat.reshape(width, height).T
        return out

    def polygons(self) -> list[list[Part]]:
        """Per mask its parts along pixel edges: filling them gives the mask back exactly."""
        return [_trace(mask) for mask in self.dense()]

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        runs = [self.run(i).tolist() for i in range(len(self))]
        return {"type": "masks", "size_hw": list(self.size_hw), "counts": runs}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Masks":
        """From its JSON form."""
        return cls.from_counts(data["counts"], (data["size_hw"][0], data["size_hw"][1]))


def _before(run: npt.NDArray[np.int64], place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Pixels of a mask that come before each place, column by column."""
    odd = np.arange(len(run) + 1) % 2
    starts = np.concatenate([[0], np.cumsum(run)])
    covered = np.concatenate([[0], np.cumsum(run * odd[:-1])])
    at = np.searchsorted(starts, place, side="right") - 1
    return np.asarray(covered[at] + (place - starts[at]) * odd[at])


def _runs(mask: BoolArray) -> list[int]:
    flat = np.asarray(mask, bool).T.reshape(-1)
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return [0, *runs] if flat.size and flat[0] else runs


def _fill(parts: Sequence[Part], size_hw: tuple[int, int]) -> BoolArray:
    height, width = size_hw
    crossings = np.zeros((height, width + 1), np.int64)
    for ring in (r for part in parts for r in (part.outer, *part.holes)):
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            low, high = min(y0, y1), max(y0, y1)
            rows = np.arange(max(0, int(np.ceil(low - 0.5))), min(height, int(np.ceil(high - 0.5))))
            if len(rows):
                x = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
                np.add.at(crossings, (rows, np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)), 1)
    return np.asarray(np.cumsum(crossings, axis=1)[:, :width] % 2 == 1)


def _trace(mask: BoolArray) -> list[Part]:
    """Follow the pixel edges with the mask on the right hand; at a corner shared by two pixels stay with one part."""
    padded = np.pad(mask, 1)
    turns: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for dy, dx, a, b in (
        (-1, 0, (0, 0), (0, 1)),
        (0, 1, (0, 1), (1, 1)),
        (1, 0, (1, 1), (1, 0)),
        (0, -1, (1, 0), (0, 0)),
    ):
        ys, xs = np.nonzero(mask & ~padded[1 + dy : 1 + dy + mask.shape[0], 1 + dx : 1 + dx + mask.shape[1]])
        for y, x in zip(ys.tolist(), xs.tolist(), strict=True):
            turns.setdefault((x + a[1], y + a[0]), []).append((x + b[1], y + b[0]))
    rings = []
    while turns:
        rings.append(_walk(turns))
    outers = [r for r in rings if _signed_area(r) > 0]
    holes = [r for r in rings if _signed_area(r) <= 0]
    area = [_signed_area(r) for r in outers]
    low, high = (np.array([f(r, axis=0) for r in outers]).reshape(-1, 2) for f in (np.min, np.max))
    owned: list[list[Ring]] = [[] for _ in outers]
    for hole in holes:
        near = np.flatnonzero(((low <= hole[0]) & (hole[0] <= high)).all(axis=1))
        owner = next(i for i in sorted(near.tolist(), key=area.__getitem__) if _contains(outers[i], hole))
        owned[owner].append(hole)
    return [Part(outer, tuple(held)) for outer, held in zip(outers, owned, strict=True)]


def _walk(turns: dict[tuple[int, int], list[tuple[int, int]]]) -> Ring:
    start = next(iter(turns))
    ring = [start]
    here, step = start, (0, 0)
    while True:
        exits = turns[here]
        # two exits: turn right, so that pixels touching by a corner are two parts
        right = (here[0] - step[1], here[1] + step[0])
        there = exits.pop(exits.index(right) if len(exits) > 1 and right in exits else 0)
        if not exits:
            del turns[here]
        new = (there[0] - here[0], there[1] - here[1])
        if new == step:
            ring.pop()
        step, here = new, there
        if here == start:
            return np.array(ring, np.float64)
        ring.append(here)


def _signed_area(ring: Ring) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _contains(outer: Ring, hole: Ring) -> bool:
    """Whether a point just inside the hole's first edge lies within the outer ring."""
    (x0, y0), (x1, y1) = hole[0], hole[1]
    step = np.sign([x1 - x0, y1 - y0])
    point = hole[0] + step * 0.5 + np.array([step[1], -step[0]]) * 0.5
    a, b = outer, np.roll(outer, -1, axis=0)
    crosses = (a[:, 1] <= point[1]) != (b[:, 1] <= point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        x = a[:, 0] + (point[1] - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
    return bool(np.sum(crosses & (x > point[0])) % 2)
