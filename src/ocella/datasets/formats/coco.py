"""COCO: one JSON file a split, boxes as x, y, width, height, category ids from 1."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np

from ocella.datasets.coco_rows import to_rows
from ocella.datasets.dataset import Dataset, categories_of, skeleton_of
from ocella.datasets.delivery import delivery, flat_names, place_image
from ocella.datasets.facts import Facts, sentences
from ocella.datasets.format import Format
from ocella.datasets.intake import Found, Intake, split_named
from ocella.datasets.listing import Listing
from ocella.datasets.sample import Sample, Split, kept_rows
from ocella.errors import DatasetError, NotFound, Unreadable
from ocella.media.write import write_json
from ocella.ops.packed_runs import unpack_runs
from ocella.types import Annotation, Detections, Masks, Part, Skeleton

__all__ = ["UNITS", "Coco"]

_LOST = {
    "machine": "Which model or rule made a label, from which prompt and when, is left out ({n} labels).",
    "proposed": "What nobody has accepted yet is written like what somebody has ({n} labels).",
    "rejected": "{n} rejected labels are left out.",
    "other": "{n} labels that are no objects (text, class maps, answers) are left out.",
    "classification": "{n} classes of whole images are left out. Use the format class-folders for them.",
    "unseen": "{n} images that nobody looked at get a field 'seen': false, which other tools do not read: to them nothing is there.",
}


class Coco(Format):
    """COCO object files: `annotations/instances_<split>.json` and `images/`; reads other usual places too."""

    name: ClassVar[str] = "coco"
    tasks: ClassVar[frozenset[str]] = frozenset({"detect", "keypoints"})

    def recognises(self, path: Path) -> bool:
        """A JSON file with 'images' and 'annotations', or a folder that has one in a usual place."""
        return bool(_files(path))

    def read(self, path: Path, root: Path, *, listed: Path | None = None, images: Path | None = None) -> Dataset:
        """All files found, joined by class name; image sizes that differ from the files' are problems."""
        files = _files(path)
        if not files:
            raise NotFound(f"{path} holds no COCO file: expected JSON with 'images', 'categories' and 'annotations'.")
        intake, listing = Intake(root, self.name), Listing.of(listed)
        bodies = [(file, _load(file)) for file in files]
        classes = _classes([c for _, body in bodies for c in body["categories"]])
        skeleton = skeleton_of([c for _, body in bodies for c in body["categories"]])
        crowds = any(row.get("iscrowd") for _, body in bodies for row in body["annotations"])
        reading = _Reading(intake, listing, classes, skeleton, crowds)
        for file, body in bodies:
            reading.take(file, body, _image_folders(file, images))
        intake.problems += [*listing.problems, *listing.missing()]
        return intake.dataset("keypoints" if skeleton else "detect", classes, skeleton)

    def losses(self, dataset: Dataset) -> list[str]:
        """Provenance, rejected rows, labels that are no objects."""
        return sentences(Facts.of(dataset), _LOST)

    def write(self, dataset: Dataset, target: Path) -> None:
        """`images/`, and `annotations/instances_<split>.json` (`instances.json` without a split)."""
        names = flat_names(dataset)
        with delivery(target) as folder:
            for sample in dataset:
                place_image(dataset, sample, folder / "images" / names[sample.file])
            for split in sorted({s.split for s in dataset}):
                part = [s for s in dataset if s.split == split]
                suffix = f"_{split}" if split else ""
                write_json(folder / "annotations" / f"instances{suffix}.json", _body(dataset, part, names))


def _body(dataset: Dataset, samples: Sequence[Sample], names: Mapping[str, str]) -> dict[str, Any]:
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, sample in enumerate(samples, 1):
        height, width = sample.size_hw
        entry = {"id": image_id, "file_name": names[sample.file], "width": width, "height": height}
        images.append(entry | ({} if sample.seen else {"seen": False}))
        for annotation in sample.annotations:
            value = kept_rows(annotation)
            if isinstance(value, Detections):
                for row in to_rows(Annotation(value, annotation.source)):
                    row.pop("state")
                    row.setdefault("segmentation", [])
                    annotations.append({"id": len(annotations) + 1, "image_id": image_id, **row})
    return {
        "info": {"description": "made with Ocella"},
        "licenses": [],
        "categories": categories_of(dataset),
        "images": images,
        "annotations": annotations,
    }


def _files(path: Path) -> list[Path]:
    """The COCO files at a path: object files go before captions and the like."""
    if path.is_file():
        return [path] if path.suffix.lower() == ".json" and _is_coco(path) else []
    for pattern in ("annotations/*.json", "*.json", "*/_annotations.coco.json"):
        found = [f for f in sorted(path.glob(pattern)) if _is_coco(f)]
        named = [f for f in found if f.name.startswith("instances")]
        if found:
            return named or found
    return []


def _is_coco(file: Path) -> bool:
    """By its keys: near the head of the file where it is large."""
    with file.open(encoding="utf-8", errors="replace") as handle:
        head = handle.read(1_000_000)
        tail = "" if len(head) < 1_000_000 else handle.read(200_000_000)
    text = head + tail
    return text.lstrip("\ufeff \r\n\t").startswith("{") and all(
        f'"{k}"' in text for k in ("images", "annotations", "categories")
    )


def _load(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        raise Unreadable(f"{file} must hold JSON, but cannot be read: {error}.") from error
    for key in ("images", "annotations", "categories"):
        if not isinstance(body.get(key), list):
            raise DatasetError(
                f"{file} must hold a list '{key}', as COCO files do, got {type(body.get(key)).__name__}."
            )
        for number, entry in enumerate(body[key], 1):
            if not isinstance(entry, dict) or not all(
                isinstance(entry.get(k), (int, str, type(None))) for k in ("id", "image_id", "category_id")
            ):
                raise DatasetError(
                    f"{file}: entry {number} of '{key}' must be an object with plain ids, got {entry!r:.80}."
                )
    return dict(body)


def _classes(categories: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Names in order of id, the first file's first; a name that comes twice is one class."""
    try:
        return tuple(dict.fromkeys(str(c["name"]) for c in sorted(categories, key=lambda c: c["id"])))
    except (KeyError, TypeError) as error:
        raise DatasetError(f"Every category needs an 'id' and a 'name': {error}.") from error


@dataclass(frozen=True)
class _Reading:
    """What is the same for every file of one import."""

    intake: Intake
    listing: Listing
    classes: tuple[str, ...]
    skeleton: Skeleton | None
    crowds: bool

    def take(self, file: Path, body: Mapping[str, Any], folders: Sequence[Path]) -> None:
        """The images and objects of one file."""
        names = {c["id"]: str(c["name"]) for c in body["categories"]}
        if len(set(names.values())) < len(names):
            self.intake.notes.append(f"{file.name} has class names under several ids; each name is one class.")
        rows: dict[Any, list[Mapping[str, Any]]] = {}
        for row in body["annotations"]:
            rows.setdefault(row.get("image_id"), []).append(row)
        for entry in body["images"]:
            mine = rows.pop(entry.get("id"), [])
            sample = _sample(self.intake, self.listing, entry, _split_of(file), folders)
            if sample is None:
                continue
            found = [f for row in mine if (f := self.object(file, row, names, sample)) is not None]
            labels = self.intake.objects(found, sample, self.classes, self.skeleton)
            self.intake.add(sample, *(() if entry.get("seen") is False and not mine else labels))
        lost = sum(map(len, rows.values()))
        if lost:
            self.intake.problems.append(
                f"{file.name}: {lost} objects belong to images that it does not list. Left out."
            )

    def object(self, file: Path, row: Mapping[str, Any], names: Mapping[Any, str], sample: Sample) -> Found | None:
        """One object, or None with a problem."""
        where = f"{file.name}, object {row.get('id', '?')} of {PurePosixPath(sample.file).name}"
        name = names.get(row.get("category_id"))
        if name is None:
            self.intake.problems.append(f"{where}: its category {row.get('category_id')!r} is not listed. Left out.")
            return None
        try:
            mask = _mask(row.get("segmentation"), sample.size_hw)
            box = _box(row.get("bbox"), mask, sample.size_hw)
            points = self._points(where, row)
            data = {**({"iscrowd": int(row.get("iscrowd", 0))} if self.crowds else {}), **_attributes(row)}
            scores = _numbers(row.get("keypoint_scores"), len(points) // 3) if points else None
            track = None if row.get("track_id") is None else int(row["track_id"])
            return Found(where, name, box, float(row.get("score", 1.0)), mask, points, scores, track, data)
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            self.intake.problems.append(f"{where}: cannot be understood ({error}). Left out.")
            return None

    def _points(self, where: str, row: Mapping[str, Any]) -> Sequence[float] | None:
        points: Sequence[float] | None = row.get("keypoints") or None
        if points is None or self.skeleton is None:
            return None
        if len(points) != 3 * len(self.skeleton.names):
            self.intake.problems.append(
                f"{where}: has {len(points) / 3:g} keypoints, {len(self.skeleton.names)} are named. "
                f"Its keypoints are left out."
            )
            return None
        return _numbers(points, len(points))


def _numbers(values: Sequence[Any] | None, count: int) -> list[float] | None:
    """Finite numbers; None where there are none; raises ValueError."""
    if values is None:
        return None
    numbers = [float(v) for v in values]
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise ValueError(f"expected {count} numbers, got {values!r:.60}")
    return numbers


def _split_of(file: Path) -> Split:
    return split_named(file.stem.rpartition("_")[2]) or split_named(file.parent.name)


def _image_folders(file: Path, images: Path | None) -> list[Path]:
    if images is not None:
        return [images]
    near = [file.parent, file.parent / "images", file.parent.parent / "images", file.parent.parent]
    beside = [d for d in sorted(file.parent.parent.iterdir()) if d.is_dir()]
    split = _split_of(file)
    first = [d for d in beside if split and split_named(d.name) == split]
    inner = [d / split for d in near if split and (d / split).is_dir()]
    return [d for d in (*first, *inner, *near) if d.is_dir()]


def _sample(
    intake: Intake, listing: Listing, entry: Mapping[str, Any], split: Split, folders: Sequence[Path]
) -> Sample | None:
    name = str(entry.get("file_name", ""))
    place = listing.place(name)
    if place is None:
        return None
    inside = PurePosixPath(*(p for p in PurePosixPath(name.replace("\\", "/")).parts if p not in ("..", "/", ".")))
    tries = (d / p for d in folders for p in (inside, inside.name) if name)
    path = next((p for p in tries if p.is_file()), None)
    if path is None:
        intake.problems.append(
            f"{name or entry}: no such image in {', '.join(map(str, folders))}. Left out with its labels."
        )
        return None
    sample = intake.image(path, str(inside), place or split)
    said = (entry.get("height"), entry.get("width"))
    if sample is not None and None not in said and said != sample.size_hw:
        intake.problems.append(
            f"{name}: the file says {said[1]} x {said[0]} pixels, the upright image has "
            f"{sample.size_hw[1]} x {sample.size_hw[0]}. Left out, as its labels would not fit."
        )
        return None
    return sample


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    given = row.get("attributes")
    if not isinstance(given, dict):
        return {}
    return {str(k): v for k, v in given.items() if isinstance(v, (str, int, float, bool))}


def _box(
    bbox: Sequence[float] | None, mask: Sequence[int] | None, size_hw: tuple[int, int]
) -> tuple[float, float, float, float]:
    if bbox:
        x, y, width, height = (float(v) for v in bbox)
        return x, y, x + width, y + height
    if mask is None:
        return (math.nan,) * 4
    ys, xs = np.nonzero(Masks.from_counts([mask], size_hw).dense()[0])
    return (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)) if len(xs) else (0.0,) * 4


def _mask(segmentation: Any, size_hw: tuple[int, int]) -> list[int] | None:
    """Run lengths from polygons (joined), or from run lengths, plain or packed; None where there is no outline."""
    if not segmentation:
        return None
    if isinstance(segmentation, dict):
        if tuple(segmentation["size"]) != size_hw:
            raise ValueError(f"a mask of {segmentation['size']} for an image of {list(size_hw)}")
        counts = segmentation["counts"]
        runs = unpack_runs(counts) if isinstance(counts, str) else [int(c) for c in counts]
        return list(Masks.from_counts([runs], size_hw).run(0).tolist())
    rings = [np.asarray(p, np.float64).reshape(-1, 2) for p in segmentation]
    if not all(np.isfinite(r).all() for r in rings):
        raise ValueError("an outline that is not made of numbers")
    union = np.zeros(size_hw, bool)
    for ring in rings:
        union |= Masks.from_polygons([[Part(ring)]], size_hw).dense()[0]
    return list(Masks.from_dense(union[None]).run(0).tolist())


UNITS = (Coco(),)
