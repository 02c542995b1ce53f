"""What the hub may answer, and who gets to see the token."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.hub_stand_in import Hub, Repository, Server, everything_in, forget_settings, ocella, serving

from ocella.errors import MissingExtra, NoRoom, NotFound, OcellaError, Refused
from ocella.models.hub.weights import ensure_weights, hub_card
from ocella.models.load import find_entry

FILES = {"config.json": b"{}", "model.safetensors": bytes(range(256)) * 64, "vocab.txt": b"[PAD]\n"}
OWLV2 = find_entry("owlv2").card


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings(monkeypatch)


@pytest.fixture
def store() -> Iterator[Server]:
    server = Server()
    with serving(server):
        yield server


@pytest.fixture
def hub(store: Server) -> Iterator[Hub]:
    server = Hub(
        store,
        somebody__open=Repository(dict(FILES)),
        somebody__gated=Repository(dict(FILES), gated=True),
        somebody__private=Repository(dict(FILES), private=True),
    )
    with serving(server):
        yield server


@pytest.mark.parametrize(
    ("reference", "token", "error", "says"),
    [
        ("somebody/gated", "", Refused, "given only to those who accepted their licence. Accept it on PAGE"),
        ("somebody/gated", "hf_of_another", Refused, "Accept it on PAGE"),
        ("somebody/private", "", Refused, "does not exist, or is private, or its licence must be accepted first"),
        ("somebody/gone", "", Refused, "does not exist, or is private, or its licence must be accepted first"),
        ("somebody/gone", Hub.token, NotFound, "does not exist, or is private and your token may not read it"),
        ("somebody/open@v9", "", NotFound, "somebody/open has no revision 'v9'. Look at the branches and tags on PAGE"),
    ],
)
def test_a_refusal_says_what_to_do(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, token: str, error: type[OcellaError], says: str,
) -> None:  # fmt: skip
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    repository, _, revision = reference.partition("@")
    with pytest.raises(error) as caught:
        ensure_weights(hub_card(repository, revision), cache=tmp_path / "hub", endpoint=hub.address)
    assert says.replace("PAGE", f"https://huggingface.co/{repository}") in str(caught.value)
    if error is Refused:
        assert "set HF_TOKEN, or run `hf auth login`" in str(caught.value)
        assert f"ocella pull hf:{reference}" in str(caught.value)
    assert "hf_" not in str(caught.value)


def test_a_card_names_its_own_page_of_the_licence(hub: Hub, tmp_path: Path) -> None:
    card = replace(OWLV2, gated="https://example.org/licence", data={"hub": "somebody/gated"})
    with pytest.raises(Refused, match=r"Accept it on https://example\.org/licence"):
        ensure_weights(card, cache=tmp_path / "hub", endpoint=hub.address)


@pytest.mark.parametrize("repository", ["somebody/gated", "somebody/private"])
def test_the_token_opens_and_goes_to_the_hub_alone(
    hub: Hub, store: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", Hub.token)
    store.cuts["model.safetensors"] = [1000]
    folder = ensure_weights(hub_card(repository), cache=tmp_path / "hub", endpoint=hub.address)
    assert sorted(f.name for f in folder.iterdir()) == sorted(FILES)
    assert {a.authorization for a in hub.requests} == {f"Bearer {Hub.token}"}
    assert [a.authorization for a in store.requests] == ["", ""]
    assert Hub.token.encode() not in everything_in(tmp_path)


def test_redirects_lead_to_the_files(hub: Hub, store: Server, tmp_path: Path) -> None:
    """Small files by a relative address on the hub, large ones by an absolute one on another host."""
    folder = ensure_weights(hub_card("somebody/open"), cache=tmp_path / "hub", endpoint=hub.address)
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == FILES
    moved = [a.path for a in hub.requests if a.path.startswith("/api/resolve-cache/") and a.method == "GET"]
    assert [p.rpartition("/")[2] for p in moved] == ["config.json", "vocab.txt"]
    assert store.fetched == ["model.safetensors"]


def test_the_command_never_shows_or_keeps_the_token(hub: Hub, store: Server, tmp_path: Path) -> None:
    variables: dict[str, Any] = {"HF_HOME": str(tmp_path), "OCELLA_HUB": hub.address, "HF_TOKEN": Hub.token}
    store.codes["model.safetensors"] = 403
    done = ocella("pull", "hf:somebody/gated", **variables)
    assert done.returncode == Refused.exit_code
    assert Hub.token not in done.stdout + done.stderr
    assert Hub.token.encode() not in everything_in(tmp_path)
    assert any(a.authorization for a in hub.requests)


def test_a_revision_is_a_branch_or_a_commit(hub: Hub, tmp_path: Path) -> None:
    commit = hub.repositories["somebody/open"].commit
    for revision in ("", "main", commit):
        folder = ensure_weights(hub_card("somebody/open", revision), cache=tmp_path / "hub", endpoint=hub.address)
        assert folder.name == commit


def test_a_disk_that_is_too_small_is_seen_before_anything_is_fetched(hub: Hub, tmp_path: Path) -> None:
    hub.repositories["somebody/open"].sizes["model.safetensors"] = 10**16
    with pytest.raises(NoRoom, match=r"'hf:somebody/open' needs 10,000,000,000 MB more, but only [\d,]+ MB are free"):
        ensure_weights(hub_card("somebody/open"), cache=tmp_path / "hub", endpoint=hub.address)
    assert hub.fetched == []


def test_a_cache_that_cannot_be_written_is_told(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(NoRoom, match=r"cannot be kept in .*: Not a directory\. Make the folder writable"):
        ensure_weights(hub_card("somebody/open"), cache=tmp_path / "file" / "hub", endpoint=hub.address)


def test_without_the_hub_s_library_the_extra_is_named(tmp_path: Path) -> None:
    done = ocella("pull", "owlv2", without="huggingface_hub", HF_HOME=str(tmp_path))
    assert done.returncode == MissingExtra.exit_code
    assert "pip install 'ocella[torch]'" in done.stderr
