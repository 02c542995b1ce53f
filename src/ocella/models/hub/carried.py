"""A folder of weights that is carried to a machine without a network: plain files, locks, and a manifest of hashes."""

import json
import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ocella.errors import Mismatch, NotFound, Unreadable
from ocella.models.hub.disk_room import room
from ocella.models.hub.pull import Pulled, card_to_pull
from ocella.models.hub.weights_lock import FileFact, fact_of, own_folder, read_lock, write_whole

__all__ = ["MANIFEST", "bring", "pack", "read_manifest"]

MANIFEST = "manifest.json"


def pack(folder: Path, pulled: Iterable[Pulled], failed: Sequence[Mapping[str, Any]] = ()) -> Path:
    """Make what was pulled into `folder` fit to be copied anywhere: links become files, and the manifest says what is
    there. Models of an earlier pull stay in it.
    """
    entries = {e["name"]: e for e in read_manifest(folder)} if (folder / MANIFEST).is_file() else {}
    for one in pulled:
        if one.folder is not None and one.lock is not None and one.lock_file is not None:
            for name in one.lock.files:
                _unlink(one.folder / name)
            entries[one.card.name] = {
                **{k: v for k, v in one.to_json().items() if k not in ("folder", "fetched")},
                "source": one.lock.source,
                "commit": one.lock.commit,
                "folder": one.folder.relative_to(folder).as_posix(),
                "lock": one.lock_file.relative_to(folder).as_posix(),
                "files": {name: vars(fact) for name, fact in one.lock.files.items()},
            }
    models = sorted(entries.values(), key=lambda e: e["name"])
    write_whole(folder / MANIFEST, {"type": "carried_weights", "models": models, "failed": list(failed)})
    return folder / MANIFEST


def read_manifest(folder: Path) -> list[dict[str, Any]]:
    """What a carried folder holds; raises NotFound, Unreadable."""
    path = folder / MANIFEST
    if not path.is_file():
        raise NotFound(f"{folder} has no {MANIFEST}. Expected a folder that `ocella pull ... --into {folder}` made.")
    try:
        return [dict(e) for e in json.loads(path.read_text(encoding="utf-8"))["models"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}. Copy the folder again.") from error


def bring(entry: Mapping[str, Any], folder: Path, cache: Path, *, accept_new: bool = False) -> Pulled:
    """Copy one model of a carried folder into the cache of this machine, each file held to its hash.
    Raises Mismatch where a file was damaged on the way, or the machine has the model at another commit.
    """
    lock, name = read_lock(_inside(folder, entry["lock"])), entry["name"]
    if lock is None:
        raise NotFound(f"{folder} lacks {entry['lock']}, which says what '{name}' is made of. Copy the folder again.")
    there = _place(cache, entry["lock"])
    known = read_lock(there)
    if known is not None and known.commit != lock.commit and not accept_new:
        raise Mismatch(
            f"'{name}' is here already, at {known.commit}, but {folder} brings {lock.commit}. To take that one, run "
            f"`ocella pull {name} --from {folder} --accept-new`."
        )
    target = _place(cache, entry["folder"])
    with room(target, f"'{name}'"):
        for file, fact in lock.files.items():
            _copy(_inside(folder, entry["folder"]) / file, target / file, fact, name)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_inside(folder, entry["lock"]), there)
        _note_revision(entry, folder, target)
    return Pulled(card_to_pull(name), target, fetched=True, lock=lock, lock_file=there)


def _copy(file: Path, to: Path, fact: FileFact, name: str) -> None:
    if to.is_file() and fact_of(to) == fact:
        return
    if not file.is_file() or fact_of(file) != fact:
        got = fact_of(file).sha256 if file.is_file() else "no file"
        raise Mismatch(
            f"{file} of '{name}' was damaged on the way: expected SHA-256 {fact.sha256}, got {got}. Copy it again."
        )
    to.parent.mkdir(parents=True, exist_ok=True)
    new = to.with_name(f".{to.name}.{uuid.uuid4().hex}")
    shutil.copyfile(file, new)
    new.replace(to)


def _note_revision(entry: Mapping[str, Any], folder: Path, target: Path) -> None:
    """The names of a commit, as the hub's library notes them, for other programs."""
    refs = _inside(folder, entry["folder"]).parents[1] / "refs"
    for ref in refs.rglob("*") if refs.is_dir() else ():
        if ref.is_file() and ref.read_text(encoding="utf-8").strip() == entry["commit"]:
            to = target.parents[1] / "refs" / ref.relative_to(refs)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(entry["commit"], encoding="utf-8")


def _place(cache: Path, relative: str) -> Path:
    """Where a path of a carried folder lies on this machine."""
    top, _, rest = relative.partition("/")
    return _inside(cache if top == "hub" else own_folder(cache), rest)


def _inside(folder: Path, relative: str) -> Path:
    path = folder / relative
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unreadable(
            f"{folder / MANIFEST} names {relative}, which is outside of the folder. Copy the folder again."
        )
    return path


def _unlink(path: Path) -> None:
    """A file in place of the link to it."""
    if path.is_symlink():
        path.resolve().replace(path)
