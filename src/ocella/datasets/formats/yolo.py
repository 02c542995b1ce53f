"""YOLO text files: one line an object, all lengths as shares of the image, with a data.yaml for names and splits."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ocella.datasets.dataset import Dataset
from ocella.datasets.delivery import delivery, flat_names, place_image, put_text
from ocella.datasets.facts import Facts, sentences
from ocella.datasets.format import Format
from ocella.datasets.intake import Found, Intake, images_in, split_named
from ocella.datasets.listing import Listing
from ocella.datasets.sample import Sample, Split
from ocella.errors import DatasetError, NotFound, Unreadable
from ocella.types import Detections, Masks, Part, Skeleton

__all__ = ["UNITS", "Yolo"]

Kind = Literal["boxes", "outlines", "points"]
Place = tuple[Path, Path, Split, bool]
"""Images, or a list of them; the folder it counts from; the split; whether somebody looked at them."""
_LOST = {
    "machine": "Which model or rule made a label, from which prompt and when, is left out ({n} labels).",
    "proposed": "What nobody has accepted yet is written like what somebody has ({n} labels).",
    "rejected": "{n} rejected labels are left out.",
    "other": "{n} labels that are no objects (text, class maps, answers) are left out.",
    "classification": "{n} classes of whole images are left out. Use the format class-folders for them.",
    "confidence": "Confidences are left out ({n} objects have one below 1).",
    "track": "Track numbers are left out ({n} objects).",
    "columns": "Further columns are left out: {n}.",
    "unseen": "{n} images that nobody looked at are set apart in images/unlabelled, as no text file means that nothing is there; their split is lost.",
}
_LOST_OF: Mapping[Kind, Mapping[str, str]] = {
    "boxes": {
        "mask": "Masks are left out, their boxes stay ({n} objects): not every object has one, and one file holds one kind.",
        "keypoints": "Keypoints are left out, their boxes stay ({n} objects): not every object has them.",
        "outside": "{n} boxes reach over the edge of their image and are cut there.",
        "empty": "{n} boxes without area inside their image are left out.",
    },
    "outlines": {
        "object": "Boxes are not written: readers take them from the outlines ({n} objects).",
        "pieces": "{n} masks with holes or several parts become one outline, joined by bridges without width: readers that do not fill by the even-odd rule close the holes.",
        "blank_mask": "{n} masks without a pixel are written as their boxes.",
    },
    "points": {
        "mask": "Masks are left out ({n} objects): one file holds one kind, and keypoints were chosen.",
        "hidden_point": "The places and confidences of {n} keypoints that are not visible are left out.",
        "keypoints": "Confidences of keypoints, and which points are joined, are left out ({n} objects).",
        "outside": "{n} boxes reach over the edge of their image and are cut there.",
        "empty": "{n} boxes without area inside their image are left out.",
    },
}


class Yolo(Format):
    """`data.yaml`, `images/<split>/` and `labels/<split>/`; outlines where every object has a mask, keypoints where every
    object has them, else boxes.
    """

    name: ClassVar[str] = "yolo"
    tasks: ClassVar[frozenset[str]] = frozenset({"detect", "keypoints"})

    def recognises(self, path: Path) -> bool:
        """A YAML file with 'names', or a folder that has one, or `labels/` with text files and a list of classes."""
        return _yaml(path) is not None or _names_file(path) is not None

    def read(self, path: Path, root: Path, *, listed: Path | None = None, images: Path | None = None) -> Dataset:
        """Boxes, outlines or keypoints by the number of columns; an image without a text file shows nothing, as the format
        has it, unless it is among the `unlabelled` of data.yaml.
        """
        settings, base = _settings(path)
        names = _names(settings, path)
        classes = tuple(dict.fromkeys(names.values()))
        skeleton = _skeleton(settings)
        intake = Intake(root, self.name)
        places = _places(intake, settings, base, images)
        if len(classes) < len(names):
            intake.notes.append("data.yaml has class names under several ids; each name is one class.")
        listing = Listing.of(listed)
        reading = _Reading(intake, names, classes, skeleton)
        homes: set[tuple[Path, Path]] = set()
        for file, name, split, seen in _images(places):
            homes.add((_label_tries(file)[0].parent, file.parent))
            place = listing.place(name)
            if place is not None:
                reading.take(file, name, place or split, seen=seen)
        reading.note_bare()
        intake.problems += _orphans(homes)
        intake.problems += [*listing.problems, *listing.missing()]
        return intake.dataset("keypoints" if skeleton else "detect", classes, skeleton)

    def losses(self, dataset: Dataset) -> list[str]:
        """Everything but classes and boxes, outlines or keypoints."""
        facts = Facts.of(dataset)
        said = sentences(facts, {**_LOST_OF[_kind(dataset, facts)], **_LOST})
        if not any(s.split for s in dataset):
            said.append("The images have no split: all are written as train. Split them first: ocella split")
        return said

    def write(self, dataset: Dataset, target: Path) -> None:
        """Eight decimals. Images that nobody looked at go to `images/unlabelled`, those without a split to
        `images/unsplit` where others have one.
        """
        names, kind = flat_names(dataset), _kind(dataset, Facts.of(dataset))
        some = any(s.split for s in dataset)
        with delivery(target) as folder:
            for sample in dataset:
                name, place = names[sample.file], _place_of(sample, some_split=some)
                place_image(dataset, sample, folder / "images" / place / name)
                if sample.seen:
                    lines = [line for d in sample.labels(Detections) for line in _lines(d, sample, kind)]
                    file = folder / "labels" / place / f"{Path(name).stem}.txt"
                    put_text(file, "".join(f"{line}\n" for line in lines))
            put_text(folder / "data.yaml", _yaml_text(dataset, kind))


def _place_of(sample: Sample, *, some_split: bool) -> str:
    if not sample.seen:
        return "unlabelled"
    return sample.split or ("unsplit" if some_split else "train")


def _kind(dataset: Dataset, facts: Facts) -> Kind:
    objects = facts.count["object"]
    if dataset.skeleton is not None and objects and facts.count["keypoints"] == objects:
        return "points"
    return "outlines" if objects and facts.count["mask"] == objects else "boxes"


def _yaml_text(dataset: Dataset, kind: Kind) -> str:
    """Names as JSON strings, which YAML reads as they are."""
    some = any(s.split for s in dataset)
    lines = [f"{f}: images/{f}" for f in sorted({_place_of(s, some_split=some) for s in dataset})]
    if kind == "points" and dataset.skeleton is not None:
        points = dataset.skeleton.names
        lines += [f"kpt_shape: [{len(points)}, 3]", "kpt_names:"]
        lines += [f"  {i}: {_quoted(list(points))}" for i in range(len(dataset.classes))]
    lines.append("names:")
    lines += [f"  {i}: {_quoted(c)}" for i, c in enumerate(dataset.classes)]
    return "\n".join(lines) + "\n"


def _quoted(value: str | list[str]) -> str:
    """JSON that is YAML too, which has no place for some characters as they are."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda m: f"\\u{ord(m[0]):04x}", text)


def _lines(found: Detections, sample: Sample, kind: Kind) -> Iterator[str]:
    height, width = sample.size_hw
    size = np.array([width, height], np.float64)
    boxes = np.clip(found.xyxy.astype(np.float64), 0, np.tile(size, 2))
    parts = found.masks.polygons() if kind == "outlines" and found.masks is not None else []
    for i, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        if (x2 <= x1 or y2 <= y1) and kind != "outlines":
            continue
        corners = np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])
        if kind == "outlines":
            numbers = (_joined(parts[i]) if parts[i] else corners) / size
        else:
            numbers = np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]) / np.tile(size, 2)
        text = [str(int(found.class_id[i])), *(f"{v:.8f}" for v in numbers.reshape(-1))]
        if kind == "points" and found.keypoints is not None:
            text += _point_text(found.keypoints.xy[i] / size, found.keypoints.visible[i])
        yield " ".join(text)


def _point_text(shares: npt.NDArray[np.float64], visible: npt.NDArray[np.bool_]) -> Iterator[str]:
    for (x, y), seen in zip(np.clip(shares, 0, 1).tolist(), visible.tolist(), strict=True):
        yield f"{x:.8f} {y:.8f} 2" if seen else "0 0 0"


def _joined(parts: Sequence[Part]) -> npt.NDArray[np.float64]:
    """All rings as one: from the first corner to each other ring and back the same way, along the axes, so that the
    way there and back cancel under the even-odd rule.
    """
    first, *others = [ring for part in parts for ring in (part.outer, *part.holes)]
    if not others:
        return first
    home = first[0]
    path = [*first, home]
    for ring in others:
        corner = (ring[0][0], home[1])
        path += [corner, *ring, ring[0], corner, home]
    return np.array(path, np.float64)


def _yaml(path: Path) -> Path | None:
    """The YAML file at a path that has a line 'names:'."""
    files = [path] if path.is_file() else [path / "data.yaml", path / "dataset.yaml", *sorted(path.glob("*.y*ml"))]
    for file in files:
        if file.suffix.lower() in (".yaml", ".yml") and file.is_file():
            lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
            if any(line.startswith(("names:", '"names"')) for line in lines):
                return file
    return None


def _names_file(path: Path) -> Path | None:
    """`classes.txt` beside or inside `labels/`, as labelling tools write it."""
    tries = (path / n for n in ("classes.txt", "labels/classes.txt", "obj.names"))
    has_labels = path.is_dir() and next((path / "labels").rglob("*.txt"), None) is not None
    return next((f for f in tries if f.is_file()), None) if has_labels else None


def _settings(path: Path) -> tuple[dict[str, Any], Path]:
    """What data.yaml says, every scalar as text (so that a class 'no' stays one), and the folder it counts from."""
    import yaml

    file = _yaml(path)
    if file is None:
        lists = _names_file(path)
        if lists is None:
            raise NotFound(
                f"{path} holds no YOLO data set: expected data.yaml with 'names', or labels/ and classes.txt."
            )
        return {"names": list(filter(None, lists.read_text(encoding="utf-8-sig").splitlines()))}, path
    try:
        body = yaml.BaseLoader(file.read_text(encoding="utf-8-sig")).get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file} must hold YAML, but does not: {error}.") from error
    if not isinstance(body, dict):
        raise DatasetError(f"{file} must hold 'names' and folders, got {type(body).__name__}.")
    base = file.parent / str(body.get("path") or ".")
    return body, base if base.is_dir() else file.parent


def _names(settings: Mapping[str, Any], path: Path) -> dict[int, str]:
    names = settings.get("names")
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    try:
        found = {int(i): str(n) for i, n in pairs}
    except ValueError as error:
        raise DatasetError(f"'names' of {path} must go by number: {error}.") from error
    if not found:
        raise DatasetError(f"{path} must name the classes in data.yaml under 'names', as a list or by number.")
    return dict(sorted(found.items()))


def _skeleton(settings: Mapping[str, Any]) -> Skeleton | None:
    shape = settings.get("kpt_shape")
    if not isinstance(shape, list) or not shape:
        return None
    named = settings.get("kpt_names")
    first = next(iter(named.values()), None) if isinstance(named, dict) else named
    count = int(shape[0])
    ok = isinstance(first, list) and len(first) == count
    return Skeleton(tuple(map(str, first)) if ok and first else tuple(f"point_{i}" for i in range(count)))


def _places(intake: Intake, settings: Mapping[str, Any], base: Path, images: Path | None) -> list[Place]:
    """What data.yaml names and is there, else images/."""
    if images is not None:
        return [(images, images, "", True)]
    found: list[Place] = []
    for key in ("train", "val", "valid", "test", "unsplit", "unlabelled"):
        given = settings.get(key)
        for entry in given if isinstance(given, list) else [given] if given else []:
            path = next((p for p in (base / entry, base / str(entry).removeprefix("../")) if p.exists()), None)
            if path is None:
                intake.notes.append(f"data.yaml names {key}: {entry}, but that is not there.")
            else:
                found.append((path, base, split_named(key), key != "unlabelled"))
    if not found:
        folder = base / "images" if (base / "images").is_dir() else base
        intake.notes.append(f"Every image under {folder.name}/ was taken.")
        found.append((folder, base, "", True))
    return found


def _images(places: Sequence[Place]) -> Iterator[tuple[Path, str, Split, bool]]:
    """Image files with their name in the data set."""
    for place, base, split, seen in places:
        if place.is_dir():
            for file in images_in(place, deep=True):
                inner = file.relative_to(place)
                own = split or split_named(inner.parts[0] if len(inner.parts) > 1 else "")
                drop = 1 if not split and own else 0
                yield file, PurePosixPath(*inner.parts[drop:]).as_posix(), own, seen
        else:
            for line in filter(None, map(str.strip, place.read_text(encoding="utf-8-sig").splitlines())):
                file = next((p for p in (place.parent / line, base / line) if p.is_file()), base / line)
                yield file, file.name, split, seen


@dataclass(frozen=True)
class _Reading:
    """What is the same for every image of one import."""

    intake: Intake
    names: Mapping[int, str]
    classes: tuple[str, ...]
    skeleton: Skeleton | None
    bare: list[str] = field(default_factory=list)

    def note_bare(self) -> None:
        """Say which images have no text file."""
        if self.bare:
            names = ", ".join(self.bare[:5]) + (", ..." if len(self.bare) > 5 else "")
            self.intake.notes.append(
                f"{len(self.bare)} images have no label file, which in this format means that nothing is there: {names}"
            )

    def take(self, file: Path, name: str, split: Split, *, seen: bool) -> None:
        """One image with the objects of its text file."""
        sample = self.intake.image(file, name, split)
        if sample is None:
            return
        text = _label_file(file)
        if not seen:
            self.intake.add(sample)
            return
        if text is None:
            self.bare.append(name)
            self.intake.add(sample, *self.intake.objects([], sample, self.classes))
            return
        try:
            lines = text.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            self.intake.problems.append(f"{text.name}: is no text. Its labels are left out.")
            self.intake.add(sample)
            return
        found = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    found.append(self._found(f"{text.name}, line {number}", line.split(), sample.size_hw))
                except ValueError as error:
                    self.intake.problems.append(f"{text.name}, line {number}: {error} Left out.")
        self.intake.add(sample, *self.intake.objects(found, sample, self.classes, self.skeleton))

    def _found(self, where: str, columns: Sequence[str], size_hw: tuple[int, int]) -> Found:
        try:
            numbers = np.array([float(c) for c in columns])
        except ValueError:
            raise ValueError(f"expected numbers, got {' '.join(columns)[:60]!r}.") from None
        if not numbers[0].is_integer() or int(numbers[0]) not in self.names:
            raise ValueError(f"class {columns[0]} is none of the {len(self.names)} that data.yaml names.")
        if not np.isfinite(numbers).all():
            raise ValueError(f"{' '.join(columns)[:60]!r} is not made of numbers.")
        name, rest = self.names[int(numbers[0])], numbers[1:]
        size = np.array([size_hw[1], size_hw[0]], np.float64)
        if self.skeleton is not None and len(rest) > 4:
            return self._with_points(where, name, rest, size)
        if len(rest) in (4, 5):
            confidence = float(rest[4]) if len(rest) == 5 else 1.0
            return Found(where, name, _corners(rest[:4], size), confidence)
        if len(rest) < 6 or len(rest) % 2:
            raise ValueError(f"expected 4 numbers for a box or pairs for an outline, got {len(rest)}.")
        ring = rest.reshape(-1, 2) * size
        snapped = np.where(np.abs(ring - np.round(ring)) < 1e-3, np.round(ring), ring)
        mask = Masks.from_polygons([[Part(snapped)]], size_hw).run(0).tolist()
        (x1, y1), (x2, y2) = snapped.min(axis=0).tolist(), snapped.max(axis=0).tolist()
        return Found(where, name, (x1, y1, x2, y2), mask=mask)

    def _with_points(
        self, where: str, name: str, rest: npt.NDArray[np.float64], size: npt.NDArray[np.float64]
    ) -> Found:
        assert self.skeleton is not None
        count = len(self.skeleton.names)
        if len(rest) not in (4 + 2 * count, 4 + 3 * count):
            raise ValueError(f"expected 4 numbers and {count} keypoints, got {len(rest)} numbers.")
        points = rest[4:].reshape(count, -1)
        seen = points[:, 2:] if points.shape[1] == 3 else (points != 0).any(axis=1, keepdims=True) * 2.0
        flat = np.concatenate([points[:, :2] * size, seen], axis=1).reshape(-1).tolist()
        return Found(where, name, _corners(rest[:4], size), points=flat)


def _corners(shares: npt.NDArray[np.float64], size: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    half, middle = shares[2:] / 2, shares[:2]
    (x1, y1), (x2, y2) = ((middle - half) * size).tolist(), ((middle + half) * size).tolist()
    return x1, y1, x2, y2


def _label_tries(image: Path) -> tuple[Path, Path]:
    """`labels/` in place of the last `images/` of the path, then beside the image."""
    parts = list(image.parts)
    at = [i for i, p in enumerate(parts[:-1]) if p == "images"]
    if at:
        parts[at[-1]] = "labels"
    return Path(*parts).with_suffix(".txt"), image.with_suffix(".txt")


def _label_file(image: Path) -> Path | None:
    return next((t for t in _label_tries(image) if t.is_file()), None)


def _orphans(homes: Iterable[tuple[Path, Path]]) -> Iterator[str]:
    """Sentences on label files without an image, given each folder of labels with a folder of its images."""
    stems: dict[Path, set[str]] = {}
    for labels, images in homes:
        stems.setdefault(labels, set()).update(p.stem for p in images_in(images))
    for labels, known in sorted(stems.items()):
        beside = labels.name != "labels" and labels.parent.name != "labels"
        for file in [] if beside else sorted(labels.glob("*.txt")):
            if file.stem not in known and file.name != "classes.txt":
                count = sum(1 for line in file.read_bytes().splitlines() if line.strip())
                yield f"{file.name}: there is no image for it. Its {count} objects are left out."


UNITS = (Yolo(),)
