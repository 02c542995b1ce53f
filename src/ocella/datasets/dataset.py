"""A data set: a folder with images and one COCO file."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocella.datasets.coco_rows import from_rows, to_rows
from ocella.datasets.sample import Sample
from ocella.errors import DatasetError, InvalidValue, NotFound, Unreadable
from ocella.media.load import load
from ocella.media.write import write_json
from ocella.types import Image, Skeleton, Source

__all__ = ["FILE", "Dataset", "categories_of", "skeleton_of"]

FILE = "annotations.json"
_FORMAT = 1


@dataclass(frozen=True)
class Dataset:
    """`samples` by file name; `classes` by class_id; `task` as in model cards; `info` holds what later reports must
    say (class list source, how it was split, warnings).
    """

    root: Path
    task: str
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    skeleton: Skeleton | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", tuple(sorted(self.samples, key=lambda s: s.file)))
        files = [s.file for s in self.samples]
        twice = sorted({f for f in files if files.count(f) > 1}) if len(set(files)) < len(files) else []
        if twice:
            raise DatasetError(f"Each image may be listed once, got {twice[:3]} twice.")
        if len(set(self.classes)) != len(self.classes):
            raise DatasetError(f"Class names must be unique, got {list(self.classes)}.")

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def replace(self, **changes: Any) -> "Dataset":
        """A copy with some fields changed, checked again."""
        return dataclasses.replace(self, **changes)

    def map(self, change: Callable[[Sample], Sample]) -> "Dataset":
        """A copy with every sample changed."""
        return self.replace(samples=tuple(change(s) for s in self.samples))

    def split(self, name: str) -> "Dataset":
        """The samples of one split; raises DatasetError where there is none."""
        kept = tuple(s for s in self.samples if s.split == name)
        if not kept:
            have = sorted({s.split for s in self.samples if s.split})
            raise DatasetError(
                f"{self.root} has no '{name}' split (it has: {have or 'none'}). Run: ocella split {self.root}"
            )
        return self.replace(samples=kept)

    def path(self, sample: Sample) -> Path:
        """The image file of a sample."""
        return self.root / sample.file

    def image(self, sample: Sample) -> Image:
        """The pixels of a sample; raises Unreadable or NotFound, or DatasetError where the size is not as recorded."""
        image = load(self.path(sample))
        if image.size_hw != sample.size_hw:
            raise DatasetError(
                f"{sample.file} is {image.size_hw}, but the data set says {sample.size_hw}. Label it again."
            )
        return image

    def save(self) -> Path:
        """Write the COCO file, all or nothing; returns its path."""
        return write_json(self.root / FILE, to_coco(self))

    @classmethod
    def open(cls, root: Path | str) -> "Dataset":
        """Read a data set's folder; raises NotFound, Unreadable, DatasetError."""
        root = Path(root)
        file = root / FILE
        if not file.is_file():
            raise NotFound(
                f"{root} is no data set: there is no {FILE} in it. "
                f"Make one with `ocella label`, or from other formats with `ocella convert`."
            )
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            return from_coco(data, root)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            if isinstance(error, InvalidValue):
                raise
            raise Unreadable(f"{file} does not hold a data set: {type(error).__name__} {error}.") from error


def to_coco(dataset: Dataset) -> dict[str, Any]:
    """The whole data set as COCO with further fields."""
    sources: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for sample in dataset:
        seen: list[int] = []
        image_id = len(images) + 1
        for annotation in sample.annotations:
            number = _number(sources, annotation.source.to_json(), seen)
            seen.append(number)
            for row in to_rows(annotation):
                ids = {"id": len(annotations) + 1, "image_id": image_id, "source": number}
                annotations.append({**ids, **row})
        images.append(_image_entry(image_id, sample, seen))
    return {
        "info": {"description": "made with Ocella", "ocella": _FORMAT, "task": dataset.task, **dataset.info},
        "licenses": [],
        "sources": sources,
        "categories": categories_of(dataset),
        "images": images,
        "annotations": annotations,
    }


def _number(sources: list[dict[str, Any]], source: dict[str, Any], seen: Sequence[int]) -> int:
    """The place of a source; a second label of one source on one image gets a place of its own, so it stays apart."""
    for number, known in enumerate(sources):
        if known == source and number not in seen:
            return number
    sources.append(source)
    return len(sources) - 1


def _image_entry(image_id: int, sample: Sample, seen: list[int]) -> dict[str, Any]:
    return {
        "id": image_id,
        "file_name": sample.file,
        "width": sample.size_hw[1],
        "height": sample.size_hw[0],
        "sha256": sample.sha256,
        "split": sample.split,
        "group": sample.group,
        "seen_by": seen,
        "origin": dict(sample.source),
    }


def categories_of(dataset: Dataset) -> list[dict[str, Any]]:
    """COCO categories, ids from 1 in class order, with the skeleton where there is one."""
    points = {}
    if dataset.skeleton is not None:
        edges = [[a + 1, b + 1] for a, b in dataset.skeleton.edges]
        points = {"keypoints": list(dataset.skeleton.names), "skeleton": edges}
    return [{"id": i + 1, "name": name, "supercategory": "", **points} for i, name in enumerate(dataset.classes)]


def from_coco(data: Mapping[str, Any], root: Path) -> Dataset:
    """The data set that `to_coco` wrote."""
    info = dict(data["info"])
    if info.pop("ocella", None) != _FORMAT:
        raise DatasetError(
            f"{root / FILE} is COCO, but not written by Ocella. Bring it in with: ocella convert {root / FILE}"
        )
    task = info.pop("task")
    info.pop("description", None)
    classes = tuple(c["name"] for c in data["categories"])
    skeleton = skeleton_of(data["categories"])
    sources = [Source.from_json(s) for s in data["sources"]]
    rows: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for entry in data["annotations"]:
        rows.setdefault((entry["image_id"], entry["source"]), []).append(entry)
    samples = []
    for image in data["images"]:
        found = [
            from_rows(rows.get((image["id"], k), []), sources[k], classes, skeleton, task) for k in image["seen_by"]
        ]
        samples.append(
            Sample(
                image["file_name"],
                (image["height"], image["width"]),
                image["sha256"],
                image["split"],
                image["group"],
                image["origin"],
                tuple(found),
            )
        )
    return Dataset(root, task, classes, tuple(samples), skeleton, info)


def skeleton_of(categories: Sequence[Mapping[str, Any]]) -> Skeleton | None:
    """The first skeleton that COCO categories name."""
    for category in categories:
        if category.get("keypoints"):
            edges = tuple((a - 1, b - 1) for a, b in category.get("skeleton", []))
            return Skeleton(tuple(category["keypoints"]), edges)
    return None
