"""Pascal VOC: one XML file an image, corners in whole pixels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from unicodedata import category
from xml.etree import ElementTree as ET

import numpy as np

from ocella.datasets.dataset import Dataset
from ocella.datasets.delivery import delivery, flat_names, place_image, put_text
from ocella.datasets.facts import Facts, sentences
from ocella.datasets.format import Format
from ocella.datasets.intake import Found, Intake, image_index, split_named
from ocella.datasets.listing import Listing
from ocella.datasets.sample import Sample, Split
from ocella.errors import NotFound, Refused
from ocella.types import Detections

__all__ = ["UNITS", "Voc"]

_FLAGS = ("difficult", "truncated", "occluded")
_ONE_BASED = "VOC"
"""The official files say 'The VOC2007 Database': their first pixel is 1 and xmax lies inside the box. Labelling tools
write 'Unknown' and count from 0 with xmax outside."""
_NO_TEXT = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
"""Unicode categories that do not pass through XML and lines of text."""
_LOST = {
    "machine": "Which model or rule made a label, from which prompt and when, is left out ({n} labels).",
    "proposed": "What nobody has accepted yet is written like what somebody has ({n} labels).",
    "rejected": "{n} rejected labels are left out.",
    "other": "{n} labels that are no objects (text, class maps, answers) are left out.",
    "classification": "{n} classes of whole images are left out. Use the format class-folders for them.",
    "confidence": "Confidences are left out ({n} objects have one below 1).",
    "mask": "Masks are left out, their boxes stay ({n} objects). Use coco or yolo for them.",
    "keypoints": "Keypoints are left out, their boxes stay ({n} objects). Use coco or yolo for them.",
    "track": "Track numbers are left out ({n} objects).",
    "fraction": "Boxes are rounded to whole pixels ({n} objects).",
    "outside": "{n} boxes reach over the edge of their image and are cut there.",
    "empty": "{n} boxes without area inside their image are left out.",
    "columns": "Further columns are left out: {n}.",
}


class Voc(Format):
    """`Annotations/`, `JPEGImages/` and `ImageSets/Main/`; also `annotations/`, `images/` and lists beside them, and
    XML files beside their images in folders named by split.
    """

    name: ClassVar[str] = "voc"
    tasks: ClassVar[frozenset[str]] = frozenset({"detect", "keypoints"})

    def recognises(self, path: Path) -> bool:
        """A folder that has XML files with a root `annotation` in a usual place."""
        return bool(_places(path, None))

    def read(self, path: Path, root: Path, *, listed: Path | None = None, images: Path | None = None) -> Dataset:
        """Objects with their flags as columns; splits from lists or folder names. Classes are those of a `labels.txt`,
        then the others by alphabet.
        """
        places = _places(path, images)
        if not places:
            raise NotFound(
                f"{path} holds no VOC data set: expected XML files in Annotations/ and images in JPEGImages/."
            )
        intake = Intake(root, self.name)
        base = places[0][0].parent
        listing = Listing.of(listed, (base / "ImageSets" / "Main", base / "ImageSets", base, path))
        parsed = {folder: _parse(intake, folder) for folder, _, _ in places}
        trees = [t for folder in parsed.values() for t in folder.values()]
        reading = _Reading(intake, trees, _listed_classes(path))
        for folder, image_folder, split in places:
            reading.take(parsed[folder], image_index(image_folder), listing, split)
        intake.problems += [*listing.problems, *listing.missing()]
        return intake.dataset("detect", reading.classes)

    def losses(self, dataset: Dataset) -> list[str]:
        """Everything but boxes, classes and the flags."""
        facts = Facts.of(dataset)
        columns = tuple(c for c in facts.columns if c not in _FLAGS)
        return sentences(Facts(facts.count, columns), _LOST)

    def write(self, dataset: Dataset, target: Path) -> None:
        """The official layout and counting, with `labels.txt` for the order of the classes. Raises Refused where XML cannot
        hold the name of a class.
        """
        bad = [c for c in dataset.classes if c != c.strip() or not c or any(category(x) in _NO_TEXT for x in c)]
        if bad:
            raise Refused(
                f"{bad[:3]} cannot be names in XML (spaces around, or control characters). Rename them first."
            )
        names = flat_names(dataset)
        with delivery(target) as folder:
            for sample in dataset:
                name = names[sample.file]
                place_image(dataset, sample, folder / "JPEGImages" / name)
                if sample.seen:
                    tree = _tree(sample, name, dataset.classes)
                    ET.indent(tree)
                    put_text(folder / "Annotations" / f"{Path(name).stem}.xml", ET.tostring(tree, encoding="unicode"))
            for split in sorted({s.split for s in dataset if s.split}):
                stems = [Path(names[s.file]).stem for s in dataset if s.split == split]
                put_text(folder / "ImageSets" / "Main" / f"{split}.txt", "".join(f"{s}\n" for s in stems))
            put_text(folder / "labels.txt", "".join(f"{c}\n" for c in dataset.classes))


def _places(path: Path, images: Path | None) -> list[tuple[Path, Path, Split]]:
    """Folders of labels, of their images, and the split that their name means."""
    if not path.is_dir():
        return []
    tops = [path, *sorted(p for p in (*path.glob("VOC*"), *path.glob("VOCdevkit/VOC*")) if p.is_dir())]
    for top in tops:
        for name in ("Annotations", "annotations", "labels", "."):
            official = name == "Annotations" and (top / "JPEGImages").is_dir()
            if official or _has_xml(top / name):
                beside = (top / "JPEGImages", top / "images", top / name)
                return [(top / name, images or next(d for d in beside if d.is_dir()), "")]
    folders = [d for d in sorted(path.iterdir()) if d.is_dir() and split_named(d.name) and _has_xml(d)]
    return [(d, images or d, split_named(d.name)) for d in folders]


def _has_xml(folder: Path) -> bool:
    first = next(iter(sorted(folder.glob("*.xml"))), None)
    return first is not None and b"<annotation" in first.read_bytes()[:1000]


def _parse(intake: Intake, folder: Path) -> dict[str, ET.Element]:
    """Trees by stem; a file that is no VOC label is a problem."""
    trees = {}
    for file in sorted(folder.glob("*.xml")):
        data = file.read_bytes()
        try:
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
                intake.problems.append(
                    f"{file.name}: holds a DOCTYPE, which labels never need. Its labels are left out."
                )
                continue
            trees[file.stem] = ET.fromstring(data)  # noqa: S314 - entities are refused above
        except ET.ParseError as error:
            intake.problems.append(f"{file.name}: is no XML ({error}). Its labels are left out.")
    return trees


def _listed_classes(path: Path) -> list[str]:
    file = path / "labels.txt"
    text = file.read_text(encoding="utf-8-sig") if file.is_file() else ""
    return list(filter(None, map(str.strip, text.splitlines())))


class _Reading:
    """What is the same for every image of one import."""

    def __init__(self, intake: Intake, trees: Sequence[ET.Element], first: Sequence[str]) -> None:
        self.intake = intake
        names = {_text(o, "name") for t in trees for o in t.iter("object")} - {""}
        self.classes = tuple(dict.fromkeys([*first, *sorted(names)]))
        self.flags = [f for f in _FLAGS if any(_text(o, f) == "1" for t in trees for o in t.iter("object"))]
        official = bool(trees) and all(_ONE_BASED in _text(t, "source/database") for t in trees)
        zero = any(_text(o, f"bndbox/{k}") == "0" for t in trees for o in t.iter("object") for k in ("xmin", "ymin"))
        self.one_based = official and not zero
        counted = "from 1 with xmax and ymax inside, as official VOC files do" if self.one_based else "from 0"
        intake.notes.append(f"Corners were read as counted {counted}.")

    def take(self, trees: Mapping[str, ET.Element], index: Mapping[str, Path], listing: Listing, split: Split) -> None:
        """Every image, with its labels where it has a file of them."""
        used = set()
        for stem, tree in trees.items():
            name = _text(tree, "filename")
            path = index.get(stem) or index.get(name)
            place = listing.place(stem)
            if place is None:
                continue
            if path is None:
                self.intake.problems.append(f"{stem}.xml: there is no image {stem}.* or {name}. Left out.")
                continue
            used.add(path)
            self._keep(tree, stem, path, place or split)
        bare = sorted(set(index.values()) - used)
        for path in bare:
            place = listing.place(path.name)
            if place is not None and (sample := self.intake.image(path, path.name, place or split)):
                self.intake.add(sample)
                self.intake.problems.append(f"{path.name}: has no XML file. Kept as an image that nobody looked at.")

    def _keep(self, tree: ET.Element, stem: str, path: Path, split: Split) -> None:
        sample = self.intake.image(path, path.name, split)
        if sample is None:
            return
        said = (_text(tree, "size/height"), _text(tree, "size/width"))
        if all(said) and "0" not in said and said != tuple(map(str, sample.size_hw)):
            self.intake.problems.append(
                f"{stem}.xml: says {said[1]} x {said[0]} pixels, the upright image has "
                f"{sample.size_hw[1]} x {sample.size_hw[0]}. Left out, as its labels would not fit."
            )
            return
        objects = enumerate(tree.iter("object"), 1)
        found = [f for i, o in objects if (f := self._found(f"{stem}.xml, object {i}", o)) is not None]
        self.intake.add(sample, *self.intake.objects(found, sample, self.classes))

    def _found(self, where: str, element: ET.Element) -> Found | None:
        name = _text(element, "name")
        try:
            x1, y1, x2, y2 = (float(_text(element, f"bndbox/{k}")) for k in ("xmin", "ymin", "xmax", "ymax"))
        except ValueError:
            self.intake.problems.append(f"{where}: '{name}' has no bndbox of four numbers. Left out.")
            return None
        if not name:
            self.intake.problems.append(f"{where}: has no name. Left out.")
            return None
        shift = 1 if self.one_based else 0
        data = {f: int(_text(element, f) == "1") for f in self.flags}
        return Found(where, name, (x1 - shift, y1 - shift, x2, y2), data=data)


def _text(element: ET.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _tree(sample: Sample, name: str, classes: tuple[str, ...]) -> ET.Element:
    height, width = sample.size_hw
    root = ET.Element("annotation")
    _put(root, folder="JPEGImages", filename=name)
    _put(ET.SubElement(root, "source"), database="Counted as in VOC, written by Ocella")
    _put(ET.SubElement(root, "size"), width=width, height=height, depth=3)
    _put(root, segmented=0)
    for found in sample.labels(Detections):
        for i, box in enumerate(_whole(found, sample.size_hw)):
            if box is not None:
                _put_object(root, found, i, classes[found.class_id[i]], box)
    return root


def _put_object(root: ET.Element, found: Detections, i: int, name: str, box: tuple[int, int, int, int]) -> None:
    flags = {f: int(found.data[f][i]) if f in found.data else 0 for f in _FLAGS}
    element = ET.SubElement(root, "object")
    _put(element, name=name, pose="Unspecified", **flags)
    x1, y1, x2, y2 = box
    _put(ET.SubElement(element, "bndbox"), xmin=x1 + 1, ymin=y1 + 1, xmax=x2, ymax=y2)


def _put(parent: ET.Element, **texts: str | int) -> None:
    for tag, text in texts.items():
        ET.SubElement(parent, tag).text = str(text)


def _whole(found: Detections, size_hw: tuple[int, int]) -> list[tuple[int, int, int, int] | None]:
    """Corners in whole pixels inside the image, at least one pixel wide and high; None without area in the image."""
    height, width = size_hw
    clipped = np.clip(found.xyxy, 0, np.array([width, height, width, height], np.float32))
    boxes: list[tuple[int, int, int, int] | None] = []
    for exact, rounded in zip(clipped.tolist(), np.round(clipped).astype(int).tolist(), strict=True):
        x1, y1, x2, y2 = rounded
        x1, y1 = min(x1, width - 1), min(y1, height - 1)
        empty = exact[2] <= exact[0] or exact[3] <= exact[1]
        boxes.append(None if empty else (x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)))
    return boxes


UNITS = (Voc(),)
