"""Weights that are not in the package: found in the hub's usual cache folder, or fetched into it, and held to what the
first fetch saw.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ocella import environment
from ocella.errors import InvalidValue, Mismatch, NotFound
from ocella.models.card import ModelCard
from ocella.models.hub.client import HubFile, HubFiles, Unreachable, fetch_blobs, link_files, list_files, storage
from ocella.models.hub.disk_room import room
from ocella.models.hub.weights_choice import PATTERNS, is_complete, wanted
from ocella.models.hub.weights_file import fetch_file, find_file, stated_hash
from ocella.models.hub.weights_lock import (
    FileFact,
    WeightsLock,
    checked_path,
    fact_of,
    lock_path,
    own_folder,
    read_lock,
    write_lock,
)
from ocella.progress import Progress, silent

__all__ = [
    "PATTERNS",
    "cache_folder",
    "ensure_weights",
    "fetch_weights",
    "find_weights",
    "hub_card",
    "is_complete",
    "is_fetched",
    "lock_of",
    "on_hub",
]


def on_hub(card: ModelCard) -> bool:
    """Whether the weights are fetched from the hub; else they come with a package, from a server or an address."""
    return bool(card.data.get("hub"))


def is_fetched(card: ModelCard) -> bool:
    """Whether the weights are fetched at all: from the hub or from an address."""
    return on_hub(card) or bool(card.data.get("url"))


def hub_card(repository: str, revision: str = "") -> ModelCard:
    """A card for a repository on the hub that is no model of the zoo: only its weights are known."""
    name = f"hf:{repository}" + (f"@{revision}" if revision else "")
    data = {"hub": repository, "revision": revision}
    return ModelCard(
        name, "detect", "", f"hub: {repository}", "", "unknown", False, 0, 0, (0, 0), data=data, library="transformers"
    )


def cache_folder() -> Path:
    """The hub's cache folder, which other programs share; OCELLA_CACHE, HF_HUB_CACHE or HF_HOME move it."""
    return environment.read().hub_cache


def lock_of(card: ModelCard, *, cache: Path | None = None) -> WeightsLock | None:
    """What the first fetch of these weights saw; None where there was none."""
    return read_lock(_lock_path(card, cache or cache_folder()))


def find_weights(card: ModelCard, *, cache: Path | None = None, pickle: bool = False) -> Path | None:
    """The folder of weights that were fetched before, or the file of a card with an address; None where something lacks.
    Asks no network. Raises Mismatch where a file is not the one that was fetched first: sizes are looked at each time,
    hashes once, and again when a file has changed.
    """
    _check(card)
    cache = cache or cache_folder()
    if not on_hub(card):
        return find_file(card, cache)
    lock = lock_of(card, cache=cache)
    folder = _folder(card, lock, cache)
    if folder is None or not is_complete(folder, card.data.get("files", ()), pickle=pickle):
        return None
    if lock is not None:
        if not lock.is_there(folder):
            return None
        lock.check(folder, card.name, checked=checked_path(_lock_path(card, cache)))
    return folder


def fetch_weights(
    card: ModelCard,
    *,
    cache: Path | None = None,
    endpoint: str | None = None,
    again: bool = False,
    accept_new: bool = False,
    pickle: bool = False,
    to_lock: bool = False,
    progress: Progress = silent,
) -> Path:
    """The folder (or file) of the weights after fetching what the cache lacks; an interrupted fetch goes on where it was.
    All of it is held to what the first fetch saw, hash by hash: `again` replaces damaged files, `accept_new` forgets that
    fetch, `to_lock` takes its commit and does not ask for a newer one. Raises NotFound where there is no network, or none is wanted; Mismatch, Refused, NoRoom, MissingExtra.
    """
    _check(card)
    cache = cache or cache_folder()
    endpoint = endpoint or environment.read().hub or None
    if environment.read().offline:
        return _offline(card, cache, pickle=pickle)
    if not on_hub(card):
        return fetch_file(card, cache, again=again, accept_new=accept_new, progress=progress)
    lock = None if accept_new else lock_of(card, cache=cache)
    try:
        held = list_files(card, lock.commit if lock and to_lock else _revision(card), endpoint=endpoint)
        if lock is not None and held.commit != lock.commit:
            raise Mismatch(_moved(card, lock, held))
        files = wanted(card, held, pickle=pickle)
        _check_listed(card, files, lock)
        for file in files:
            _check_present(card, file.present(cache, held), file, again=again)
        fetch_blobs(card, held, files, cache=cache, endpoint=endpoint, progress=progress)
        lock = _lock(card, held, files, lock, cache)
        folder = link_files(card, held, files, _revision(card), cache=cache, endpoint=endpoint)
    except Unreachable as error:
        found = None if again else find_weights(card, cache=cache, pickle=pickle)
        if found is None:
            raise NotFound(f"{error} {_remedy(card, cache)}") from error
        return found
    lock.note(folder, checked=checked_path(_lock_path(card, cache)))
    return folder


def ensure_weights(
    card: ModelCard, *, cache: Path | None = None, endpoint: str | None = None, pickle: bool = False
) -> Path:
    """The folder (or file) of the weights: as they are in the cache, and fetched only if they are not, at the commit that
    the first fetch saw.
    """
    found = find_weights(card, cache=cache, pickle=pickle)
    return found or fetch_weights(card, cache=cache, endpoint=endpoint, pickle=pickle, to_lock=True)


def _lock(
    card: ModelCard, held: HubFiles, files: Sequence[HubFile], lock: WeightsLock | None, cache: Path
) -> WeightsLock:
    """The lock after all contents are there, and before they get their names: a fetch that is cut off between is seen.
    Raises Mismatch where they are not those that were seen first.
    """
    # the hashes of large files were compared when they came
    facts = {f.name: FileFact(f.size, f.sha256 or fact_of(f.present(cache, held)).sha256) for f in files}
    for name, fact in facts.items():
        expected = _expected(card, name, lock)
        if expected not in ("", fact.sha256):
            raise Mismatch(_other(card, name, expected, fact.sha256))
    if lock is None or set(facts) - set(lock.files):  # the second: a pickle was allowed since
        old = lock or WeightsLock(held.repository, held.commit, {}, held.license)
        lock = replace(old, files={**old.files, **facts})
        with room(own_folder(cache), f"'{card.name}'"):
            write_lock(_lock_path(card, cache), lock)
    return lock


def _expected(card: ModelCard, name: str, lock: WeightsLock | None) -> str:
    """The SHA-256 that the card states, else the locked one, "" where none is known."""
    return stated_hash(card, name) or (lock.files[name].sha256 if lock and name in lock.files else "")


def _check_listed(card: ModelCard, files: Sequence[HubFile], lock: WeightsLock | None) -> None:
    """Before anything is fetched: what the hub itself says of its large files."""
    for file in files:
        expected = _expected(card, file.name, lock)
        if file.sha256 and expected not in ("", file.sha256):
            raise Mismatch(_other(card, file.name, expected, file.sha256))


def _check_present(card: ModelCard, path: Path, file: HubFile, *, again: bool) -> None:
    """A file that is in the cache already must be what the hub lists; `again` takes it out of there if not."""
    wrong = file.wrong(path) if path.exists() else ""
    if wrong and not again:
        raise Mismatch(f"{path} is damaged: {wrong} Run `ocella pull {card.name} --again` to fetch it again.")
    if wrong:
        path.resolve().unlink()
        path.unlink(missing_ok=True)  # the link to it


def _folder(card: ModelCard, lock: WeightsLock | None, cache: Path) -> Path | None:
    """The folder in the cache of the locked commit, or of the one that the hub's library noted for the revision."""
    home, revision = storage(cache, str(card.data["hub"])), _revision(card)
    noted = home / "refs" / revision
    commit = lock.commit if lock else noted.read_text(encoding="utf-8").strip() if noted.is_file() else revision
    folder = home / "snapshots" / commit
    return folder if folder.is_dir() else None


def _revision(card: ModelCard) -> str:
    return str(card.data.get("revision") or "main")


def _lock_path(card: ModelCard, cache: Path) -> Path:
    if on_hub(card):
        return lock_path(cache, str(card.data["hub"]), _revision(card))
    return lock_path(cache, str(card.data["url"]))


def _check(card: ModelCard) -> None:
    if not is_fetched(card):
        raise InvalidValue(f"'{card.name}' has no weights on a hub: {card.checkpoint}. There is nothing to fetch.")


def _offline(card: ModelCard, cache: Path, *, pickle: bool) -> Path:
    found = find_weights(card, cache=cache, pickle=pickle)
    if found is None:
        raise NotFound(
            f"The weights of '{card.name}' are needed, and OCELLA_OFFLINE or HF_HUB_OFFLINE forbids to fetch them. "
            f"{_remedy(card, cache)}"
        )
    return found


def _remedy(card: ModelCard, cache: Path) -> str:
    given = "'folder'" if card.name.startswith("hf:") else f"'{card.name}', weights=Path('folder')"
    return (
        f"They are not all in {cache}. Run `ocella pull {card.name}` where there is a network; set HF_ENDPOINT to use a "
        f"mirror; or give what was fetched elsewhere: ocella.load({given})."
    )


def _moved(card: ModelCard, lock: WeightsLock, held: HubFiles) -> str:
    large = {f.name: f.sha256 for f in held.files if f.sha256}
    other = sorted(n for n, f in lock.files.items() if large.get(n, f.sha256) != f.sha256)
    what = f"of other {', '.join(other)}" if other else "whose large files are the same"
    return (
        f"{held.repository} has other contents under '{_revision(card)}' than when it was fetched first ({lock.date}): "
        f"expected commit {lock.commit}, got {held.commit}, {what}. The weights of the first are still used. To take the "
        f"new ones, run `ocella pull {card.name} --accept-new`."
    )


def _other(card: ModelCard, name: str, expected: str, got: str) -> str:
    return (
        f"{name} of '{card.name}' is not the file that it should be: expected SHA-256 {expected}, got {got}. If the change "
        f"is right, run `ocella pull {card.name} --accept-new`."
    )
