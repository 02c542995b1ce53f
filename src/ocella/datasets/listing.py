"""Text files that name the images of a split."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ocella.datasets.intake import split_named
from ocella.datasets.sample import Split
from ocella.errors import NotFound, Unreadable
from ocella.media.find import IMAGE_SUFFIXES

__all__ = ["Listing"]


class Listing:
    """Which images to take, and for which split. Without files every image is taken."""

    def __init__(self, files: Mapping[Path, Split], *, only: bool) -> None:
        self.only = only
        self._files = files
        self._split: dict[str, Split] = {}
        self._seen: set[str] = set()
        self.problems: list[str] = []
        for file, split in files.items():
            for entry in _entries(file):
                held = self._split.setdefault(entry, split)
                if held != split:
                    self.problems.append(f"{entry} is listed for {held} and for {split}. Kept for {held}.")

    @classmethod
    def of(cls, listed: Path | None, folders: Iterable[Path] = ()) -> "Listing":
        """From the one file asked for, which then decides what is taken, or from test.txt, val.txt and train.txt where a
        folder has them.
        """
        if listed is not None:
            return cls({listed: split_named(listed.stem)}, only=True)
        found: dict[Path, Split] = {}
        for folder in folders:
            for name in ("test", "val", "valid", "train"):
                file = folder / f"{name}.txt"
                if file.is_file():
                    found[file] = split_named(name)
        return cls(found, only=False)

    def __bool__(self) -> bool:
        return bool(self._files)

    @property
    def entries(self) -> Sequence[str]:
        """Stems that are listed."""
        return list(self._split)

    def place(self, name: str) -> Split | None:
        """The split of an image, by file name or stem; None where only listed images are taken and it is not."""
        path = PurePosixPath(name)
        stem = path.name.removesuffix(path.suffix) if path.suffix.lower() in IMAGE_SUFFIXES else path.name
        if stem in self._split:
            self._seen.add(stem)
            return self._split[stem]
        return None if self.only else ""

    def missing(self) -> list[str]:
        """Sentences on listed images that `place` was never asked for."""
        names = ", ".join(f.name for f in self._files)
        return [f"{names} names {e}, but there is no such image." for e in self._split if e not in self._seen]


def _entries(file: Path) -> list[str]:
    """Stems, from lines such as `0001`, `images/0001.jpg` or `0001 -1`."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"There is no list {file}. Give a text file with one image name a line.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file} must be a text file with one image name a line: {error}.") from error
    stems = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, flag = line.rpartition(" ")
        name = PurePosixPath((head.strip() if head and flag in ("1", "0", "-1") else line).replace("\\", "/")).name
        path = PurePosixPath(name)
        stems.append(name.removesuffix(path.suffix) if path.suffix.lower() in IMAGE_SUFFIXES else name)
    return stems
