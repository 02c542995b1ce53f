"""Class folders: the folder is the class of the images in it, `train/cat/1.jpg` or `cat/1.jpg`."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from ocella.datasets.dataset import Dataset
from ocella.datasets.delivery import delivery, flat_names, place_image, put_text
from ocella.datasets.facts import Facts, sentences
from ocella.datasets.format import Format
from ocella.datasets.intake import Intake, images_in, split_named
from ocella.datasets.listing import Listing
from ocella.datasets.sample import Sample, Split
from ocella.errors import NotFound, Refused
from ocella.types import Classification

__all__ = ["UNITS", "ClassFolders"]

_OTHER_FORMATS = frozenset({"images", "labels", "annotations", "jpegimages", "imagesets", "masks"})
_LIST = "classes.txt"
_LOST = {
    "machine": "Which model or rule made a label, from which prompt and when, is left out ({n} labels).",
    "proposed": "What nobody has accepted yet is written like what somebody has ({n} labels).",
    "rejected": "{n} rejected labels are left out, with their images.",
    "scored": "Of {n} images only the best class is kept, without its score.",
    "unseen": "{n} images without a class are left out.",
    "other": "{n} labels that are no classes are left out.",
    "object": "{n} objects are left out: folders hold the class of a whole image only. Use coco, voc or yolo.",
}


class ClassFolders(Format):
    """One folder a class, inside one folder a split where there are splits."""

    name: ClassVar[str] = "class-folders"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify"})

    def recognises(self, path: Path) -> bool:
        """Folders of images and of nothing else, none of them named as other formats name theirs."""
        if not path.is_dir() or any(f.suffix.lower() in (".json", ".yaml", ".yml") for f in path.iterdir()):
            return False
        folders = [f for f, _, _ in _folders(path)]
        return bool(folders) and not any(_foreign(f) for f in folders)

    def read(self, path: Path, root: Path, *, listed: Path | None = None, images: Path | None = None) -> Dataset:
        """One class an image, all others 0. Classes are those of a `classes.txt`, then the others by alphabet."""
        found = list(_folders(images or path))
        if not found:
            raise NotFound(f"{path} holds no class folders: expected images in folders, such as cat/1.jpg.")
        file = path / _LIST
        first = file.read_text(encoding="utf-8-sig").splitlines() if file.is_file() else []
        classes = tuple(dict.fromkeys([*filter(None, first), *sorted({name for _, name, _ in found})]))
        intake, listing = Intake(root, self.name), Listing.of(listed)
        for folder, name, split in found:
            one_hot = np.array([c == name for c in classes], np.float32)
            for image in images_in(folder, deep=True):
                place = listing.place(image.name)
                inner = f"{name}/{image.relative_to(folder).as_posix()}"
                if place is not None and (sample := intake.image(image, inner, place or split)):
                    intake.add(sample, intake.accepted(Classification(one_hot, classes)))
        intake.problems += [*listing.problems, *listing.missing()]
        return intake.dataset("classify", classes)

    def losses(self, dataset: Dataset) -> list[str]:
        """Scores, all classes but the best, images without a class."""
        return sentences(Facts.of(dataset), _LOST)

    def write(self, dataset: Dataset, target: Path) -> None:
        """`<split>/<class>/<name>`, without split `<class>/<name>`, and `classes.txt`; raises Refused where a class
        cannot be the name of a folder.
        """
        bad = [c for c in dataset.classes if not _folder_name(c)]
        if bad:
            raise Refused(f"{bad[:3]} cannot be names of folders on every system. Rename these classes first.")
        if len({c.casefold() for c in dataset.classes}) < len(dataset.classes):
            raise Refused("Some classes differ by case alone, which folders cannot on every system. Rename one first.")
        names = flat_names(dataset)
        splits = len({s.split for s in dataset}) > 1
        with delivery(target) as folder:
            for sample in dataset:
                name = _class_of(sample)
                if name is not None:
                    split = sample.split or ("unsplit" if splits else "")
                    place_image(dataset, sample, folder / split / name / names[sample.file])
            put_text(folder / _LIST, "".join(f"{c}\n" for c in dataset.classes))


def _class_of(sample: Sample) -> str | None:
    found = sample.labels(Classification)
    return found[0].top()[0][0] if found and found[0].classes else None


def _folder_name(name: str) -> bool:
    stem = name.split(".", 1)[0].upper()
    reserved = {"CON", "PRN", "AUX", "NUL", *(f"{d}{i}" for d in ("COM", "LPT") for i in range(1, 10))}
    fine = name == name.strip() and not name.endswith(".") and not name.startswith(".") and name.isprintable()
    return fine and 0 < len(name.encode()) <= 200 and not set(name) & set('<>:"/\\|?*') and stem not in reserved


def _folders(path: Path) -> Iterator[tuple[Path, str, Split]]:
    """(folder, class, split) of every class folder."""
    for folder in sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")):
        inner = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        if (split_named(folder.name) or folder.name == "unsplit") and inner and not images_in(folder):
            yield from ((p, p.name, split_named(folder.name)) for p in inner if images_in(p, deep=True))
        elif images_in(folder, deep=True):
            yield folder, folder.name, ""


def _foreign(folder: Path) -> bool:
    labels = any(next(folder.glob(f"*.{e}"), None) for e in ("xml", "txt", "json"))
    return labels or folder.name.lower() in _OTHER_FORMATS or bool(split_named(folder.name))


UNITS = (ClassFolders(),)
