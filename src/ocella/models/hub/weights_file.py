"""Weights that are one file at an address, like those of a release on GitHub."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ocella.errors import Mismatch, NotFound, OcellaError, Refused
from ocella.models.card import ModelCard
from ocella.models.hub.disk_room import check_room, room
from ocella.models.hub.download import Download
from ocella.models.hub.weights_lock import (
    WeightsLock,
    checked_path,
    fact_of,
    lock_path,
    own_folder,
    read_lock,
    write_lock,
)
from ocella.progress import Progress

__all__ = ["fetch_file", "file_path", "find_file", "stated_hash"]


def stated_hash(card: ModelCard, name: str) -> str:
    """The SHA-256 that the card states for a file, one for all or by name; "" where it states none."""
    stated = card.data.get("sha256") or {}
    return stated if isinstance(stated, str) else str(stated.get(name, ""))


def file_path(card: ModelCard, cache: Path) -> Path:
    """Where the file of the card's address is kept, fetched or not."""
    url = urlsplit(str(card.data["url"]))
    folder = re.sub(r"[^A-Za-z0-9._-]+", "--", url.netloc + url.path.rpartition("/")[0])[:180]
    return own_folder(cache) / "files" / folder / (unquote(url.path).rpartition("/")[2] or "weights")


def find_file(card: ModelCard, cache: Path) -> Path | None:
    """The file if it was fetched before; raises Mismatch where it is not the one that was fetched first."""
    file, path = file_path(card, cache), lock_path(cache, str(card.data["url"]))
    lock = read_lock(path)
    if lock is None or not file.is_file():
        return None
    lock.check(file.parent, card.name, checked=checked_path(path))
    return file


def fetch_file(card: ModelCard, cache: Path, *, again: bool, accept_new: bool, progress: Progress) -> Path:
    """The file after fetching it where it is not there; it must have the SHA-256 that the card states, else the one that
    the first fetch saw. Pickles are fetched too: reading one needs its own permission.
    """
    file, path = file_path(card, cache), lock_path(cache, str(card.data["url"]))
    lock = None if accept_new else read_lock(path)
    expected = stated_hash(card, file.name) or (lock.files[file.name].sha256 if lock else "")
    if file.is_file() and not _is_kept(card, file, expected, again=again, accept_new=accept_new):
        file.unlink()
    if not file.is_file():
        check_room(cache, int(card.megabytes * 1e6), f"'{card.name}'")

        def wrong(part: Path) -> str:
            got = fact_of(part).sha256
            return "" if got == expected else _other(card, file.name, expected, got)

        with _answers(card), room(file.parent, f"'{card.name}'"):
            Download(str(card.data["url"]), file, is_right=wrong if expected else None, progress=progress).run()
    if lock is None:
        fact = fact_of(file)
        lock = WeightsLock(str(card.data["url"]), fact.sha256, {file.name: fact})
        with room(own_folder(cache), f"'{card.name}'"):
            write_lock(path, lock)
    lock.note(file.parent, checked=checked_path(path))
    return file


def _is_kept(card: ModelCard, file: Path, expected: str, *, again: bool, accept_new: bool) -> bool:
    if accept_new or not expected:
        return not accept_new
    got = fact_of(file).sha256
    if got != expected and not again:
        raise Mismatch(
            f"{file} is damaged: expected SHA-256 {expected}, got {got}. Run `ocella pull {card.name} --again` to fetch it "
            "again."
        )
    return got == expected


@contextmanager
def _answers(card: ModelCard) -> Iterator[None]:
    import httpx

    url, way = (
        str(card.data["url"]),
        f"Fetch it with another program and give it: ocella.load('{card.name}', weights=Path('file')).",
    )
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _refusal(card, error.response.status_code, way) from error
    except httpx.HTTPError as error:
        first = str(error).partition("\n")[0] or type(error).__name__
        raise NotFound(
            f"{url} could not be fetched: {first[:300]}. Run `ocella pull {card.name}` where there is a network. {way}"
        ) from error


def _refusal(card: ModelCard, code: int, way: str) -> OcellaError:
    url = str(card.data["url"])
    if code in (401, 403):
        page = card.gated or card.checkpoint
        return Refused(f"The server refused {url} ({code}). Its licence may have to be accepted first: {page}. {way}")
    return NotFound(f"The server answered {code} for {url}, where the weights of '{card.name}' should be. {way}")


def _other(card: ModelCard, name: str, expected: str, got: str) -> str:
    return (
        f"{name} of '{card.name}' is not the file that it should be: expected SHA-256 {expected}, got {got}. If the change "
        f"is right, run `ocella pull {card.name} --accept-new`."
    )
