"""What the first fetch saw, and every later one is held to: the commit, and size and SHA-256 of each file."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ocella.errors import Mismatch, Unreadable

__all__ = [
    "FileFact",
    "WeightsLock",
    "checked_path",
    "fact_of",
    "lock_path",
    "own_folder",
    "read_lock",
    "write_lock",
    "write_whole",
]


@dataclass(frozen=True)
class FileFact:
    """Size in bytes and SHA-256 of a file."""

    size: int
    sha256: str


@dataclass(frozen=True)
class WeightsLock:
    """`source` is where the files are from, `commit` their version there, `license` what its page said, `date` the day of
    the first fetch.
    """

    source: str
    commit: str
    files: Mapping[str, FileFact]
    license: str = ""
    date: str = field(default_factory=lambda: datetime.now(tz=UTC).date().isoformat())

    def is_there(self, folder: Path) -> bool:
        """Whether every file is in `folder`, whatever is in it."""
        return all((folder / name).is_file() for name in self.files)

    def check(self, folder: Path, name: str, *, checked: Path) -> None:
        """Raises Mismatch for a file in `folder` that is not the one locked for the model `name`. Sizes are always looked
        at; a hash is not taken again where the file `checked` says that it was since the file last changed.
        """
        known, seen = _read_stamps(checked), _stamps(folder, self.files)
        for file, fact in self.files.items():
            if seen[file][0] != fact.size:
                raise Mismatch(_differs(self, folder / file, name, f"{fact.size} bytes", f"{seen[file][0]} bytes"))
            if known.get(file) != seen[file]:
                got = fact_of(folder / file).sha256
                if got != fact.sha256:
                    raise Mismatch(_differs(self, folder / file, name, f"SHA-256 {fact.sha256}", f"SHA-256 {got}"))
        if seen != known:
            _write_stamps(checked, seen)

    def note(self, folder: Path, *, checked: Path) -> None:
        """Note that the hashes of all files were just found right."""
        _write_stamps(checked, _stamps(folder, self.files))


def checked_path(lock: Path) -> Path:
    """Where it is noted that the files of this lock were looked at."""
    return lock.parents[1] / "checked" / lock.name


def own_folder(cache: Path) -> Path:
    """What this project keeps of its own, beside the hub's cache folder."""
    return cache.parent / "ocella"


def lock_path(cache: Path, source: str, revision: str = "") -> Path:
    """The lock of what is at `source`: organisation/name on the hub, an address, or roboflow:workspace/project/version."""
    named = re.sub(r"[^A-Za-z0-9._-]+", "--", source)
    if len(named) > 120:  # file names end at 255 bytes on every system
        named = named[:100] + hashlib.sha256(source.encode()).hexdigest()[:16]
    at = "@" + re.sub(r"[^A-Za-z0-9._-]+", "--", revision) if revision else ""
    return own_folder(cache) / "locks" / f"{named}{at}.json"


def fact_of(file: Path) -> FileFact:
    """Size and SHA-256 as they are on the disk."""
    with file.open("rb") as stream:
        return FileFact(file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def read_lock(path: Path) -> WeightsLock | None:
    """The lock, or None where nothing was fetched yet; raises Unreadable."""
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): FileFact(int(f["size"]), str(f["sha256"])) for name, f in data["files"].items()}
        return WeightsLock(str(data["source"]), str(data["commit"]), files, str(data["license"]), str(data["date"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"{path} must say which weights were fetched first, but cannot be read: {error}. Restore it; or delete it, "
            "and the next `ocella pull` takes what the hub has then."
        ) from error


def write_lock(path: Path, lock: WeightsLock) -> None:
    """Write the lock, whole or not at all."""
    write_whole(path, {"type": "weights_lock", **asdict(lock)})


def write_whole(path: Path, data: Mapping[str, Any]) -> None:
    """A JSON file that is the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    new.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)


def _differs(lock: WeightsLock, file: Path, name: str, expected: str, got: str) -> str:
    return (
        f"{file} is not the file that was fetched for '{name}' on {lock.date}: expected {expected}, got {got}. It was "
        f"damaged or changed since. Run `ocella pull {name} --again` to fetch it again."
    )


def _stamps(folder: Path, names: Iterable[str]) -> dict[str, list[int]]:
    found = {name: (folder / name).stat() for name in names}
    return {name: [status.st_size, status.st_mtime_ns] for name, status in found.items()}


def _read_stamps(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):  # a stamp only saves time
        return {}
    return dict(found) if isinstance(found, dict) else {}


def _write_stamps(path: Path, stamps: Mapping[str, Any]) -> None:
    try:
        write_whole(path, stamps)
    except OSError:  # a cache that may not be written is hashed at every load
        return
