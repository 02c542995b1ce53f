"""One file over HTTP: it goes on where it was cut off, and gets its name only when it is whole and right."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocella.errors import Mismatch
from ocella.progress import Progress, silent

__all__ = ["Download"]

_TRIES = 5
_LATER = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Download:
    """`url` to `target`. `is_right` looks at the whole file and says what is wrong with it, "" for nothing; without it,
    a file that changed on the server meanwhile is begun anew. `headers` go to the address alone, not to one that it
    redirects to. The progress shows `name`; `pause` seconds pass before the first of five tries more.
    """

    url: str
    target: Path
    is_right: Callable[[Path], str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    progress: Progress = silent
    name: str = ""
    pause: float = 0.5

    @property
    def part(self) -> Path:
        """What came so far."""
        return self.target.with_name(self.target.name + ".part")

    def run(self) -> None:
        """Raises Mismatch for a file that is not right, httpx.HTTPError where the server cannot be reached or refuses,
        OSError where the disk does.
        """
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self.target.parent):
            if self.target.exists():  # another process was faster
                return
            again = self.part.exists()
            wrong = self._fetch()
            if wrong and again:  # the part of an earlier day may be of another file
                self._drop()
                wrong = self._fetch()
            if wrong:
                self._drop()
                raise Mismatch(wrong)
            self.part.replace(self.target)
            self._tag.unlink(missing_ok=True)

    def _fetch(self) -> str:
        import httpx

        tries, at_first = 0, _size(self.part)
        with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30.0, connect=10.0)) as client:
            while True:
                before = _size(self.part)
                try:
                    self._append(client)
                    return self.is_right(self.part) if self.is_right else ""
                except httpx.HTTPError as error:
                    tries = 0 if _size(self.part) > before else tries + 1
                    wait = _wait(error, self.pause * 2**tries)
                    never_there = isinstance(error, httpx.ConnectError) and _size(self.part) == at_first
                    if never_there or tries == _TRIES or wait is None:
                        raise
                time.sleep(wait)

    def _append(self, client: Any) -> None:
        asked = {"Accept-Encoding": "identity", **self.headers}
        start = self._start(asked)
        with client.stream("GET", self.url, headers=asked) as response:
            if response.status_code == 416:  # the part is already all there is, or more
                self._drop_unless_whole(response.headers.get("Content-Range", ""))
                return
            response.raise_for_status()
            if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):  # all of it comes
                start = 0
            total = start + int(response.headers.get("Content-Length") or 0)
            if not self.is_right:
                self._tag.write_text(response.headers.get("ETag", ""), encoding="utf-8")
            with self.part.open("ab" if start else "wb") as stream:
                for piece in response.iter_bytes():
                    stream.write(piece)
                    done = stream.tell()
                    self.progress("fetch", _mb(done), _mb(max(total, done)), self.name or self.target.name)

    def _start(self, asked: dict[str, str]) -> int:
        """Where to go on; asks the server for it in the headers."""
        start = _size(self.part)
        tag = self._tag.read_text(encoding="utf-8") if self._tag.is_file() else ""
        strong = tag and not tag.startswith("W/")
        if not start or not (self.is_right or strong):
            return 0
        asked["Range"] = f"bytes={start}-"
        if not self.is_right:
            asked["If-Range"] = tag
        return start

    def _drop_unless_whole(self, said: str) -> None:
        if said.rpartition("/")[2] != str(_size(self.part)):
            import httpx

            self._drop()
            raise httpx.RemoteProtocolError(f"{self.url} is shorter than what came before")

    @property
    def _tag(self) -> Path:
        return self.target.with_name(self.target.name + ".etag")

    def _drop(self) -> None:
        self.part.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)


def _wait(error: Any, usual: float) -> float | None:
    """Seconds until the next try; None where another one is of no use."""
    import httpx

    if not isinstance(error, httpx.HTTPStatusError):
        return usual if isinstance(error, httpx.TransportError) else None
    if error.response.status_code not in _LATER:
        return None
    after = error.response.headers.get("Retry-After", "")
    return min(float(after), _LONGEST_WAIT) if after.isdigit() else usual


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One fetch into a folder at a time, over all processes, where the system can lock a folder."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network disks lock nothing
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _mb(size: int) -> int:
    return -(-size // 1_000_000)
