"""Weights that are one file at an address."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.hub_stand_in import Hub, Repository, Server, forget_settings, serving

from ocella.errors import Mismatch, NotFound, OcellaError, Refused
from ocella.models.card import ModelCard
from ocella.models.checkpoints.port_checkpoint import open_port
from ocella.models.entry import LoadOptions
from ocella.models.hub.weights import ensure_weights, fetch_weights, find_weights, is_fetched, lock_of
from ocella.models.load import find_entry

DATA = bytes(range(256)) * 400


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings(monkeypatch)


@pytest.fixture
def server() -> Iterator[Server]:
    serves = Server({"/releases/v1/tiny.pt": DATA})
    with serving(serves):
        yield serves


def card_for(server: Server, **data: Any) -> ModelCard:
    url = f"{server.address}/releases/v1/tiny.pt"
    return replace(find_entry("owlv2").card, name="tiny", megabytes=1, data={"url": url, **data})


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_it_is_fetched_once_and_locked(server: Server, tmp_path: Path) -> None:
    card, cache = card_for(server), tmp_path / "hub"
    assert is_fetched(card)
    assert find_weights(card, cache=cache) is None
    file = ensure_weights(card, cache=cache)
    assert file.name == "tiny.pt"
    assert file.read_bytes() == DATA
    assert file.is_relative_to(tmp_path / "ocella" / "files")
    assert (
        find_weights(card, cache=cache) == ensure_weights(card, cache=cache) == fetch_weights(card, cache=cache) == file
    )
    assert server.fetched == ["tiny.pt"]
    lock = lock_of(card, cache=cache)
    assert lock is not None
    assert lock.files["tiny.pt"].sha256 == sha256(DATA)
    assert [f.name for f in file.parent.iterdir()] == ["tiny.pt"]


def test_it_goes_on_where_the_connection_broke(server: Server, tmp_path: Path) -> None:
    server.cuts["tiny.pt"] = [50_000, 10_000]
    file = ensure_weights(card_for(server), cache=tmp_path / "hub")
    assert file.read_bytes() == DATA
    assert [a.range for a in server.requests] == ["", "bytes=50000-", "bytes=60000-"]


@pytest.mark.parametrize(
    ("known", "tags", "changed", "ranges"),
    [
        (True, True, False, ["", "bytes=50000-"]),
        (False, True, False, ["", "bytes=50000-"]),
        (False, False, False, ["", ""]),  # nothing tells that it is still the same file
        (False, True, True, ["", "bytes=50000-"]),
    ],
    ids=["hash known", "tag known", "nothing known", "changed meanwhile"],
)
def test_another_day_it_goes_on_only_with_the_same_file(
    server: Server, tmp_path: Path, *, known: bool, tags: bool, changed: bool, ranges: list[str]
) -> None:
    server.tags, server.goes_down, server.cuts["tiny.pt"] = tags, True, [50_000]
    card = card_for(server, **({"sha256": sha256(DATA)} if known else {}))
    with pytest.raises(NotFound, match="answered 410"):
        ensure_weights(card, cache=tmp_path / "hub")
    server.codes.clear()
    if changed:
        server.files["/releases/v1/tiny.pt"] = DATA[::-1]
    file = ensure_weights(card, cache=tmp_path / "hub")
    assert file.read_bytes() == (DATA[::-1] if changed else DATA)
    assert [a.range for i, a in enumerate(server.requests) if i != 1] == ranges  # the second was refused


def test_the_hash_that_the_card_states_must_fit(server: Server, tmp_path: Path) -> None:
    for fits in (sha256(DATA), {"tiny.pt": sha256(DATA)}):
        assert ensure_weights(card_for(server, sha256=fits), cache=tmp_path / "one" / "hub").is_file()
    with pytest.raises(Mismatch, match=f"expected SHA-256 {'0' * 64}, got {sha256(DATA)}"):
        ensure_weights(card_for(server, sha256="0" * 64), cache=tmp_path / "two" / "hub")
    assert [f for f in (tmp_path / "two").rglob("*") if f.is_file()] == []


def test_other_contents_at_the_address_are_refused_until_accepted(server: Server, tmp_path: Path) -> None:
    card, cache = card_for(server), tmp_path / "hub"
    file = ensure_weights(card, cache=cache)
    file.unlink()
    server.files["/releases/v1/tiny.pt"] = DATA[::-1]
    with pytest.raises(Mismatch, match="ocella pull tiny --accept-new"):
        ensure_weights(card, cache=cache)
    assert fetch_weights(card, cache=cache, accept_new=True).read_bytes() == DATA[::-1]
    assert ensure_weights(card, cache=cache) == file


def test_damage_is_seen_and_mended(server: Server, tmp_path: Path) -> None:
    card, cache = card_for(server), tmp_path / "hub"
    file = ensure_weights(card, cache=cache)
    file.write_bytes(b"x" + DATA[1:])
    for look in (ensure_weights, fetch_weights):
        with pytest.raises(Mismatch, match="ocella pull tiny --again"):
            look(card, cache=cache)
    assert fetch_weights(card, cache=cache, again=True).read_bytes() == DATA


@pytest.mark.parametrize(
    ("code", "error", "says"), [(404, NotFound, "answered 404"), (403, Refused, "licence may have to be accepted")]
)
def test_a_refusal_says_what_to_do(
    server: Server, tmp_path: Path, code: int, error: type[OcellaError], says: str
) -> None:
    server.codes["tiny.pt"] = code
    with pytest.raises(error, match=says) as caught:
        ensure_weights(card_for(server), cache=tmp_path / "hub")
    assert "weights=Path('file')" in str(caught.value)


def test_no_network_and_offline_name_the_command(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_for(server)
    nowhere = replace(card, data={"url": "http://no.such.host.invalid/tiny.pt"})
    with pytest.raises(NotFound, match="ocella pull tiny"):
        ensure_weights(nowhere, cache=tmp_path / "hub")
    monkeypatch.setenv("OCELLA_OFFLINE", "1")
    with pytest.raises(NotFound, match="ocella pull tiny"):
        ensure_weights(card, cache=tmp_path / "hub")
    assert server.requests == []


def test_a_pickle_is_fetched_but_not_read_without_leave(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    import torch

    held = io.BytesIO()
    torch.save({"model": {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}}, held)
    server.files["/releases/v1/tiny.pt"] = held.getvalue()
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path))

    def opened(*, pickle: bool) -> Any:
        options = LoadOptions(device="cpu", pickle=pickle)
        return open_port(card_for(server), options, lambda _: torch.nn.Linear(3, 2), lambda name: name).network

    with pytest.raises(Refused, match=r"tiny\.pt is a pickle"):
        opened(pickle=False)
    assert server.fetched == ["tiny.pt"]
    assert opened(pickle=True).weight.tolist() == [[1.0] * 3] * 2
    assert server.fetched == ["tiny.pt"]


def test_a_port_opens_the_one_file_of_weights_that_its_card_names_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from safetensors.torch import save

    files = {"fine.safetensors": save({"weight": torch.ones(2, 3), "bias": torch.zeros(2)}), "settings.json": b"{}"}
    hub = Hub(None, somebody__port=Repository(files))
    card = replace(find_entry("owlv2").card, data={"hub": "somebody/port", "files": ("fine.safetensors",)})
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path))
    monkeypatch.setenv("OCELLA_HUB", hub.address)
    with serving(hub):
        opened = open_port(card, LoadOptions(device="cpu"), lambda _: torch.nn.Linear(3, 2), lambda name: name)
    assert opened.network.weight.tolist() == [[1.0] * 3] * 2
    assert sorted(hub.fetched) == sorted(files)
