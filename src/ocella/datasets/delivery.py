"""A data set on its way out: a new folder, all or nothing, with upright images under names of their own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path, PurePosixPath
from uuid import uuid4

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import Sample
from ocella.errors import InvalidValue, NotFound, Refused, Unreadable
from ocella.media.load import load
from ocella.media.write import encode_jpeg, link_or_copy, write_bytes

__all__ = ["delivery", "flat_names", "place_image", "put_text"]


@contextmanager
def delivery(target: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `target` at the end, or vanishes on an error; raises Refused where `target`
    holds something.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} is not empty. Give a new or an empty folder: nothing is written over.")
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.parent / f".{target.name}-{uuid4().hex[:8]}.tmp"
    staging.mkdir()
    try:
        yield staging
        if target.exists():
            target.rmdir()
        staging.replace(target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def flat_names(dataset: Dataset) -> dict[str, str]:
    """A file name without folders for each sample's `file`, whose stem is unique also where case does not count; an
    image that has to be turned upright becomes a JPEG.
    """
    taken: set[str] = set()
    names: dict[str, str] = {}
    for sample in dataset:
        path = PurePosixPath(sample.file.removeprefix("images/"))
        whole = "_".join(path.with_suffix("").parts)
        tries = chain((path.stem, whole), (f"{whole}-{n}" for n in count(2)))
        stem = next(t for t in tries if t.casefold() not in taken)
        taken.add(stem.casefold())
        names[sample.file] = stem + (".jpg" if _turned(dataset.path(sample)) else path.suffix)
    return names


def put_text(path: Path, text: str) -> None:
    """A text file in UTF-8 inside a delivery, which is all or nothing as a whole."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidValue(f"{path.name} takes text that UTF-8 can hold, got a lone surrogate: {error}.") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def place_image(dataset: Dataset, sample: Sample, target: Path) -> None:
    """The image at `target`: linked or copied, but written anew where its EXIF says it is turned, as other tools differ
    in whether they heed that.
    """
    source = dataset.path(sample)
    if _turned(source):
        write_bytes(target, encode_jpeg(load(source), 95))
    else:
        link_or_copy(source, target)


def _turned(path: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return int(image.getexif().get(0x0112, 1)) in range(2, 9)
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there (any more). Put it back, or label the folder again.") from error
    except (OSError, SyntaxError) as error:
        raise Unreadable(f"{path} cannot be read as an image: {error}. Put a whole copy of it there.") from error
