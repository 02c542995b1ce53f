"""Weights are held to what the first fetch saw: commit, sizes and hashes."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.hub_stand_in import Hub, Repository, forget_settings, serving

from ocella.errors import Mismatch, NotFound, Unreadable
from ocella.models.card import ModelCard
from ocella.models.hub.weights import ensure_weights, fetch_weights, find_weights, lock_of
from ocella.models.hub.weights_lock import FileFact, WeightsLock, lock_path, read_lock, write_lock
from ocella.models.load import find_entry

WEIGHTS = bytes(range(256)) * 64
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS, "vocab.txt": b"[PAD]\n"}
CARD = replace(find_entry("owlv2").card, name="tiny", data={"hub": "somebody/tiny"})


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings(monkeypatch)


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub(None, somebody__tiny=Repository(dict(FILES), license="mit"))
    with serving(server):
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def fetched(hub: Hub, cache: Path) -> Path:
    return fetch_weights(CARD, cache=cache, endpoint=hub.address)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def change(hub: Hub, name: str, data: bytes) -> str:
    """Other contents in the repository; its new commit."""
    hub.repositories["somebody/tiny"].files[name] = data
    return hub.repositories["somebody/tiny"].commit


def test_the_first_fetch_writes_down_what_it_saw(fetched: Path, cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "ocella" / "locks" / "somebody--tiny@main.json"
    lock = lock_of(CARD, cache=cache)
    assert path == lock_path(cache, "somebody/tiny", "main")
    assert lock == read_lock(path)
    assert lock is not None
    assert (lock.source, lock.commit, lock.license) == ("somebody/tiny", fetched.name, "mit")
    assert lock.files == {name: FileFact(len(data), sha256(data)) for name, data in FILES.items()}
    assert len(lock.date) == 10


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("model.safetensors", WEIGHTS[::-1], "of other model.safetensors"),
        ("README.md", b"news", "whose large files are the same"),
    ],
)
def test_another_commit_under_the_same_name_is_refused_until_accepted(
    hub: Hub, fetched: Path, cache: Path, name: str, data: bytes, says: str
) -> None:
    commit = change(hub, name, data)
    with pytest.raises(Mismatch) as caught:
        fetch_weights(CARD, cache=cache, endpoint=hub.address)
    for part in (says, fetched.name, commit, "ocella pull tiny --accept-new"):
        assert part in str(caught.value)
    assert ensure_weights(CARD, cache=cache, endpoint=hub.address) == fetched
    folder = fetch_weights(CARD, cache=cache, endpoint=hub.address, accept_new=True)
    assert folder.name == commit
    lock = lock_of(CARD, cache=cache)
    assert lock is not None
    assert lock.commit == commit
    assert ensure_weights(CARD, cache=cache, endpoint="http://127.0.0.1:9") == folder


def test_a_cache_that_was_emptied_is_filled_with_the_locked_commit_only(hub: Hub, fetched: Path, cache: Path) -> None:
    home = fetched.parents[1]
    home.rename(home.with_name("away"))
    assert ensure_weights(CARD, cache=cache, endpoint=hub.address) == fetched
    home.rename(home.with_name("away too"))
    change(hub, "model.safetensors", WEIGHTS[::-1])
    with pytest.raises(NotFound, match="has no revision"):
        ensure_weights(CARD, cache=cache, endpoint=hub.address)


def test_a_server_that_gives_other_contents_under_the_same_commit_is_refused(
    hub: Hub, fetched: Path, cache: Path
) -> None:
    class Forged(Repository):
        commit = fetched.name

    hub.repositories["somebody/tiny"] = Forged({**FILES, "model.safetensors": WEIGHTS[::-1]})
    (cache / "models--somebody--tiny").rename(cache / "away")
    for fetch in (ensure_weights, fetch_weights):
        with pytest.raises(Mismatch) as caught:
            fetch(CARD, cache=cache, endpoint=hub.address)
        for part in ("model.safetensors", sha256(WEIGHTS), sha256(WEIGHTS[::-1]), "--accept-new"):
            assert part in str(caught.value)
    assert hub.fetched.count("model.safetensors") == 1


def test_what_comes_must_be_what_the_hub_lists(hub: Hub, cache: Path) -> None:
    hub.repositories["somebody/tiny"].sizes["vocab.txt"] = 7
    with pytest.raises(Mismatch, match=r"vocab\.txt must have 7 bytes, as the hub lists it, but 6 came"):
        fetch_weights(CARD, cache=cache, endpoint=hub.address)
    assert not list(cache.rglob("*.part"))
    assert find_weights(CARD, cache=cache) is None


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.resolve().write_bytes(data)


def cut(file: Path) -> None:
    os.truncate(file.resolve(), file.stat().st_size - 1)


@pytest.mark.parametrize(("damage", "says"), [(flip, "SHA-256"), (cut, "16383 bytes")])
def test_damage_in_the_cache_is_seen_at_load_and_mended(
    hub: Hub, fetched: Path, cache: Path, damage: Callable[[Path], None], says: str
) -> None:
    damage(fetched / "model.safetensors")
    for look in (find_weights, ensure_weights):
        with pytest.raises(Mismatch) as caught:
            look(CARD, cache=cache)
        for part in ("model.safetensors", says, "ocella pull tiny --again"):
            assert part in str(caught.value)
    with pytest.raises(Mismatch, match="ocella pull tiny --again"):
        fetch_weights(CARD, cache=cache, endpoint=hub.address)
    folder = fetch_weights(CARD, cache=cache, endpoint=hub.address, again=True)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert find_weights(CARD, cache=cache) == folder == fetched
    assert hub.fetched.count("vocab.txt") == 1


def test_a_hash_is_taken_again_only_of_a_file_that_changed(fetched: Path, cache: Path, tmp_path: Path) -> None:
    file = (fetched / "model.safetensors").resolve()
    before = file.stat()
    file.write_bytes(WEIGHTS[::-1])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert find_weights(CARD, cache=cache) == fetched  # as the disk says, nothing was written
    for stamps in (tmp_path / "ocella" / "checked").iterdir():
        stamps.unlink()
    with pytest.raises(Mismatch, match="SHA-256"):
        find_weights(CARD, cache=cache)


def test_a_pull_takes_every_hash_again(hub: Hub, fetched: Path, cache: Path) -> None:
    file = (fetched / "model.safetensors").resolve()
    before = file.stat()
    file.write_bytes(WEIGHTS[::-1])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(Mismatch, match="is damaged"):
        fetch_weights(CARD, cache=cache, endpoint=hub.address)


def test_a_file_that_is_gone_is_fetched_again(hub: Hub, fetched: Path, cache: Path) -> None:
    (fetched / "vocab.txt").resolve().unlink()
    assert find_weights(CARD, cache=cache) is None
    assert (ensure_weights(CARD, cache=cache, endpoint=hub.address) / "vocab.txt").read_bytes() == b"[PAD]\n"


def test_what_another_program_fetched_is_used_and_locked_by_a_pull(hub: Hub, fetched: Path, cache: Path) -> None:
    path = lock_path(cache, "somebody/tiny", "main")
    path.unlink()
    assert find_weights(CARD, cache=cache) == fetched
    assert not path.exists()
    fetch_weights(CARD, cache=cache, endpoint=hub.address)
    assert path.exists()
    assert hub.fetched.count("model.safetensors") == 1


@pytest.mark.parametrize(("stated", "fits"), [(sha256(WEIGHTS), True), ("0" * 64, False)])
def test_a_hash_that_the_card_states_is_honoured(hub: Hub, cache: Path, stated: str, *, fits: bool) -> None:
    card: ModelCard = replace(CARD, data={**CARD.data, "sha256": {"model.safetensors": stated}})
    if fits:
        assert fetch_weights(card, cache=cache, endpoint=hub.address).is_dir()
        return
    with pytest.raises(Mismatch, match=f"expected SHA-256 {stated}, got {sha256(WEIGHTS)}"):
        fetch_weights(card, cache=cache, endpoint=hub.address)
    assert hub.fetched == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": {"a": 3}}', '{"files": [], "source": ""}'])
def test_a_damaged_lock_says_what_to_do(fetched: Path, cache: Path, text: str) -> None:
    assert fetched.is_dir()
    lock_path(cache, "somebody/tiny", "main").write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match="Restore it; or delete it"):
        find_weights(CARD, cache=cache)


@pytest.mark.parametrize("text", ["", "[", "[]", '{"model.safetensors": 1}'])
def test_damaged_notes_of_what_was_looked_at_only_cost_time(
    fetched: Path, cache: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "ocella" / "checked" / "somebody--tiny@main.json").write_text(text, encoding="utf-8")
    assert find_weights(CARD, cache=cache) == fetched


@pytest.mark.parametrize(
    ("source", "revision", "name"),
    [
        ("a/b", "main", "a--b@main.json"),
        ("a/b", "refs/pr/1", "a--b@refs--pr--1.json"),
        ("https://x.org/y/z.pt?raw=1", "", "https--x.org--y--z.pt--raw--1.json"),
    ],
)
def test_a_lock_has_a_name_that_every_disk_takes(tmp_path: Path, source: str, revision: str, name: str) -> None:
    assert lock_path(tmp_path / "hub", source, revision) == tmp_path / "ocella" / "locks" / name
    assert len(lock_path(tmp_path, source + "x" * 400).name) < 130
    assert lock_path(tmp_path, "x" * 400) != lock_path(tmp_path, "x" * 401)


def test_a_lock_reads_as_it_was_written(tmp_path: Path) -> None:
    lock = WeightsLock("a/b", "c" * 40, {"d/e.bin": FileFact(3, "f" * 64)}, "mit", "2026-01-01")
    write_lock(tmp_path / "deep" / "lock.json", lock)
    assert read_lock(tmp_path / "deep" / "lock.json") == lock
    assert json.loads((tmp_path / "deep" / "lock.json").read_text(encoding="utf-8"))["type"] == "weights_lock"
    assert [f.name for f in (tmp_path / "deep").iterdir()] == ["lock.json"]
