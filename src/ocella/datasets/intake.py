"""Foreign images and objects on their way into a data set: what is wrong with them is collected, by name."""

import dataclasses
import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import Sample, Split
from ocella.errors import DatasetError, Unreadable
from ocella.media.find import IMAGE_SUFFIXES
from ocella.media.load import read_size
from ocella.media.write import link_or_copy
from ocella.types import Annotation, Detections, ImageRef, Keypoints, Label, Masks, Skeleton, Source, State

__all__ = ["Found", "Intake", "image_index", "images_in", "split_named"]

_SPLITS: Mapping[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class Found:
    """One object as a file has it: `where` names it to people; `mask` holds run lengths, `points` rows of x, y, v."""

    where: str
    name: str
    xyxy: tuple[float, float, float, float]
    confidence: float = 1.0
    mask: Sequence[int] | None = None
    points: Sequence[float] | None = None
    point_scores: Sequence[float] | None = None
    track_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Intake:
    """Collects samples for a data set at `root`, with sentences on what was left out (`problems`) and on how the
    files were understood (`notes`).
    """

    def __init__(self, root: Path, format_name: str) -> None:
        self.root, self.format_name = root, format_name
        self.source = Source("person", "import", settings={"format": format_name})
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.samples: list[Sample] = []
        self._from: dict[str, Path] = {}

    def image(self, path: Path, name: str, split: Split = "") -> Sample | None:
        """The image linked to `root/images/name`, as a sample without labels; None, with a problem, where it cannot be
        read. A name taken by another image gets a part of the hash.
        """
        try:
            data = path.read_bytes()
            size_hw = read_size(ImageRef(name, data=data))
        except (Unreadable, OSError) as error:
            self.problems.append(f"{error if name in str(error) else f'{name}: {error}.'} Left out.")
            return None
        sha = hashlib.sha256(data).hexdigest()
        file = PurePosixPath("images", *(p for p in PurePosixPath(name).parts if p not in ("..", "/")))
        if self._taken(file, path, sha):
            file = file.with_name(f"{file.stem}-{sha[:8]}{file.suffix}")
        if self._from.setdefault(str(file).casefold(), path) != path:
            self.problems.append(f"{name}: the same image, under the same name, comes a second time. Left out.")
            return None
        target = self.root / file
        if not target.exists():
            link_or_copy(path, target)
        return Sample(str(file), size_hw, sha, split, source={"path": str(path)})

    def _taken(self, file: PurePosixPath, path: Path, sha: str) -> bool:
        other = self._from.get(str(file).casefold())
        target = self.root / file
        if other is not None:
            return other != path
        return target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() != sha

    def add(self, sample: Sample, *labels: Annotation) -> None:
        """Keep a sample with its labels; none means that nobody looked at it."""
        self.samples.append(sample.replace(annotations=labels))

    def accepted(self, value: Label) -> Annotation:
        """A label that came with the files: accepted."""
        rows = len(value) if isinstance(value, Detections) else 1
        accepted: State = "accepted"
        return Annotation(value, self.source, (accepted,) * rows)

    def objects(
        self, found: Iterable[Found], sample: Sample, classes: tuple[str, ...], skeleton: Skeleton | None = None
    ) -> tuple[Annotation, ...]:
        """Labels of one image. Objects with and without mask, points or track become labels of their own, as nothing is
        made up for those that lack one; degenerate boxes are left out and boxes over the edge cut, with a problem.
        """
        kinds: dict[tuple[bool, ...], list[Found]] = {}
        for one in found:
            box = self._tidy(one, sample.size_hw)
            if box is not None:
                kind = (one.mask is None, one.points is None, one.track_id is None)
                kinds.setdefault(kind, []).append(_with_box(one, box))
        if not kinds:
            return (self.accepted(Detections.empty(classes)),)
        return tuple(self.accepted(_detections(rows, sample, classes, skeleton)) for rows in kinds.values())

    def _tidy(self, one: Found, size_hw: tuple[int, int]) -> tuple[float, float, float, float] | None:
        x1, y1, x2, y2 = one.xyxy
        height, width = size_hw
        text = f"{one.where}: the box of '{one.name}' {[round(v, 3) for v in one.xyxy]}"
        if not all(map(math.isfinite, (*one.xyxy, one.confidence))):
            self.problems.append(f"{text} is not made of numbers. Left out.")
        elif x2 <= x1 or y2 <= y1:
            self.problems.append(f"{text} has no area. Left out.")
        elif x1 >= width or y1 >= height or x2 <= 0 or y2 <= 0:
            self.problems.append(f"{text} lies outside the image of {width} x {height}. Left out.")
        else:
            if min(x1, y1, width - x2, height - y2) < -_SLACK:
                self.problems.append(f"{text} reaches over the edge of the image of {width} x {height}. Cut there.")
            return max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height))
        return None

    def dataset(self, task: str, classes: tuple[str, ...], skeleton: Skeleton | None = None) -> Dataset:
        """The data set, with problems and notes in its info; raises DatasetError where no image came in."""
        if not self.samples:
            why = " ".join(self.problems[:3]) or "It lists no image."
            raise DatasetError(f"No image came in from this {self.format_name} data set. {why}")
        info: dict[str, Any] = {"imported": self.format_name}
        info |= {k: v for k, v in (("problems", self.problems), ("notes", self.notes)) if v}
        return Dataset(self.root, task, classes, tuple(self.samples), skeleton, info)


_SLACK = 0.01
"""Pixels by which rounding may push a box over the edge without a word."""


def _with_box(one: Found, box: tuple[float, float, float, float]) -> Found:
    return dataclasses.replace(one, xyxy=box)


def _detections(
    rows: Sequence[Found], sample: Sample, classes: tuple[str, ...], skeleton: Skeleton | None
) -> Detections:
    columns = sorted(set.intersection(*(set(r.data) for r in rows)))
    masks = [r.mask for r in rows if r.mask is not None]
    tracks = [r.track_id for r in rows if r.track_id is not None]
    return Detections(
        np.asarray([r.xyxy for r in rows], np.float64).astype(np.float32),
        np.asarray([r.confidence for r in rows], np.float32),
        np.asarray([classes.index(r.name) for r in rows], np.int64),
        classes,
        masks=Masks.from_counts(masks, sample.size_hw) if masks else None,
        keypoints=_keypoints(rows, skeleton),
        track_id=np.asarray(tracks, np.int64) if tracks else None,
        data={c: np.asarray([r.data[c] for r in rows]) for c in columns},
    )


def _keypoints(rows: Sequence[Found], skeleton: Skeleton | None) -> Keypoints | None:
    if skeleton is None or rows[0].points is None:
        return None
    flat = np.asarray([r.points for r in rows], np.float64).reshape(len(rows), len(skeleton.names), 3)
    visible = flat[..., 2] > 0
    scores = [v.astype(float) if r.point_scores is None else r.point_scores for r, v in zip(rows, visible, strict=True)]
    return Keypoints(flat[..., :2].astype(np.float32), np.asarray(scores, np.float32), visible, skeleton)


def split_named(name: str) -> Split:
    """The split that a file or folder name means ('valid' and 'train2017' too), '' where none."""
    return _SPLITS.get(name.lower().rstrip("0123456789"), "")


def images_in(folder: Path, *, deep: bool = False) -> list[Path]:
    """Image files of a folder in order of name, hidden ones left out."""
    return sorted(_walk(folder, deep)) if folder.is_dir() else []


def _walk(folder: Path, deep: bool) -> Iterator[Path]:  # noqa: FBT001 - private
    for path in folder.rglob("*") if deep else folder.iterdir():
        hidden = any(p.startswith(".") for p in path.relative_to(folder).parts)
        if path.suffix.lower() in IMAGE_SUFFIXES and not hidden and path.is_file():
            yield path


def image_index(folder: Path) -> dict[str, Path]:
    """Images of a folder by file name, and by stem (the first of equal stems)."""
    index: dict[str, Path] = {}
    for path in images_in(folder):
        index.setdefault(path.stem, path)
    return index | {p.name: p for p in images_in(folder)}
