"""Fetching weights, from stand-ins for the hub and its store of large files on the loopback address."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.hub_stand_in import Hub, Repository, Server, forget_settings, ocella, serving

from ocella.cli.main import main
from ocella.errors import InvalidValue, NotFound
from ocella.models.card import ModelCard
from ocella.models.hub.weights import ensure_weights, fetch_weights, find_weights, hub_card, is_complete, on_hub
from ocella.models.load import find_entry

WEIGHTS = bytes(range(256)) * 1024
FILES = {
    "config.json": b'{"model_type": "owlv2"}',
    "model.safetensors": WEIGHTS,
    "other.safetensors": b"the same in another form",
    "onnx/config.json": b"for another program",
    "pytorch_model.bin": b"a pickle that must not be fetched",
    "vocab.txt": b"[PAD]\n",
}
FETCHED = ["config.json", "model.safetensors", "vocab.txt"]
CARD = replace(find_entry("owlv2").card, name="tiny", data={"hub": "somebody/tiny"})
NOWHERE = "http://127.0.0.1:9"


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
    server = Hub(store, somebody__tiny=Repository(dict(FILES)))
    server.repositories["google/owlv2-base-patch16-ensemble"] = Repository(dict(FILES))
    with serving(server):
        yield server


def test_weights_are_fetched_once_and_no_pickle_is(hub: Hub, store: Server, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    assert find_weights(CARD, cache=cache) is None
    folder = ensure_weights(CARD, cache=cache, endpoint=hub.address)
    assert folder.name == hub.repositories["somebody/tiny"].commit
    assert sorted(f.name for f in folder.iterdir()) == FETCHED
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert store.fetched == ["model.safetensors"]
    asked = len(hub.requests)
    assert ensure_weights(CARD, cache=cache, endpoint=NOWHERE) == folder == find_weights(CARD, cache=cache)
    assert len(hub.requests) == asked
    assert fetch_weights(CARD, cache=cache, endpoint=hub.address) == folder
    assert store.fetched == ["model.safetensors"]


def test_the_hub_s_own_library_finds_what_was_fetched(hub: Hub, tmp_path: Path) -> None:
    import huggingface_hub

    folder = ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    for name in FETCHED:
        found = huggingface_hub.try_to_load_from_cache("somebody/tiny", name, cache_dir=tmp_path / "hub")
        assert found == str(folder / name)


def test_a_connection_that_breaks_is_made_again_where_it_broke(hub: Hub, store: Server, tmp_path: Path) -> None:
    store.cuts["model.safetensors"] = [100_000, 50_000]
    folder = ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    starts = [int(a.range.removeprefix("bytes=").rstrip("-") or 0) for a in store.requests]
    assert starts == [0, 100_000, 150_000]


def test_a_fetch_that_was_given_up_goes_on_another_day(hub: Hub, store: Server, tmp_path: Path) -> None:
    store.cuts["model.safetensors"] = [70_000]
    store.goes_down = True
    with pytest.raises(NotFound, match="ocella pull tiny"):
        ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    assert find_weights(CARD, cache=tmp_path / "hub") is None
    store.codes.clear()
    folder = ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert store.requests[-1].range == "bytes=70000-"
    assert sum(a.range == "" for a in store.requests) == 1
    assert hub.fetched.count("vocab.txt") == 1


def test_what_came_before_a_kill_is_gone_on_with(hub: Hub, store: Server, tmp_path: Path) -> None:
    done = ensure_weights(CARD, cache=tmp_path / "one", endpoint=hub.address)
    blob = (done / "model.safetensors").resolve()
    part = tmp_path / "two" / blob.relative_to(tmp_path / "one").with_name(blob.name + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS[:1234])
    ensure_weights(CARD, cache=tmp_path / "two", endpoint=hub.address)
    assert store.requests[-1].range == "bytes=1234-"
    assert not list((tmp_path / "two").rglob("*.part"))


def test_who_fetches_the_same_at_the_same_time_fetches_it_once(hub: Hub, store: Server, tmp_path: Path) -> None:
    def fetch(_: int) -> Path:
        return ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)

    with ThreadPoolExecutor(4) as threads:
        folders = set(threads.map(fetch, range(4)))
    assert len(folders) == 1
    assert (folders.pop() / "model.safetensors").read_bytes() == WEIGHTS
    assert store.fetched == ["model.safetensors"]


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_part_that_is_of_another_file_is_begun_anew(hub: Hub, store: Server, tmp_path: Path, *, ranges: bool) -> None:
    store.ranges = ranges
    blobs = tmp_path / "hub" / "models--somebody--tiny" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / (hashlib.sha256(WEIGHTS).hexdigest() + ".part")).write_bytes(b"x" * 5000)
    folder = ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_fetch_that_was_cut_off_between_its_files_is_no_complete_one(hub: Hub, tmp_path: Path) -> None:
    hub.codes["vocab.txt"] = 410
    with pytest.raises(NotFound, match="answered 410"):
        ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    assert find_weights(CARD, cache=tmp_path / "hub") is None


@pytest.mark.parametrize(
    ("data", "fetched"),
    [
        ({"files": ("other.safetensors", "config.json")}, ["config.json", "other.safetensors", "vocab.txt"]),
        ({"patterns": ("onnx/*",)}, ["config.json", "model.safetensors", "onnx", "vocab.txt"]),
        ({"files": ("pytorch_model.bin",)}, ["config.json", "pytorch_model.bin", "vocab.txt"]),
    ],
)
def test_a_card_may_say_which_files_it_is_made_of(
    hub: Hub, tmp_path: Path, data: dict[str, tuple[str, ...]], fetched: list[str]
) -> None:
    card = replace(CARD, data={**CARD.data, **data})
    folder = ensure_weights(card, cache=tmp_path / "hub", endpoint=hub.address)
    assert sorted(f.name for f in folder.iterdir()) == fetched
    assert find_weights(card, cache=tmp_path / "hub") == folder


def test_a_repository_that_lacks_what_the_card_needs_is_told(hub: Hub, tmp_path: Path) -> None:
    card = replace(CARD, data={**CARD.data, "files": ("open_clip_model.safetensors",)})
    with pytest.raises(NotFound, match=r"somebody/tiny has no open_clip_model\.safetensors"):
        ensure_weights(card, cache=tmp_path / "hub", endpoint=hub.address)


@pytest.mark.parametrize("endpoint", [NOWHERE, "http://no.such.host.invalid"])
def test_no_network_names_the_command_and_the_mirror(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        ensure_weights(CARD, cache=tmp_path / "hub", endpoint=endpoint)
    for part in ("ocella pull tiny", "HF_ENDPOINT", "somebody/tiny", str(tmp_path), "weights=Path("):
        assert part in str(caught.value)


def test_without_a_network_a_pull_takes_what_is_there(hub: Hub, tmp_path: Path) -> None:
    folder = ensure_weights(CARD, cache=tmp_path / "hub", endpoint=hub.address)
    assert fetch_weights(CARD, cache=tmp_path / "hub", endpoint=NOWHERE) == folder


@pytest.mark.parametrize(
    ("files", "complete"),
    [
        ({}, False),
        ({"config.json": "{}"}, False),
        ({"config.json": "{}", "model.safetensors": ""}, True),
        ({"config.json": "{}", "pytorch_model.bin": ""}, False),
        ({"config.json": "{}", "model.safetensors.index.json": '{"weight_map": {"a": "one", "b": "two"}}'}, False),
        ({"config.json": "{}", "model.safetensors.index.json": '{"weight_map": {"a": "o', "one": ""}, False),
        (
            {
                "config.json": "{}",
                "model.safetensors.index.json": '{"weight_map": {"a": "one", "b": "two"}}',
                "one": "",
                "two": "",
            },
            True,
        ),
    ],
)
def test_complete_is_every_file_of_the_weights(tmp_path: Path, files: dict[str, str], *, complete: bool) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert is_complete(tmp_path) is complete
    assert is_complete(tmp_path, pickle=True) is (complete or "pytorch_model.bin" in files)
    assert is_complete(tmp_path, ("config.json",)) is ("config.json" in files)


def test_models_that_come_with_a_package_have_nothing_to_fetch() -> None:
    card = find_entry("nanodet-g").card
    assert not on_hub(card)
    with pytest.raises(InvalidValue, match="nothing to fetch"):
        fetch_weights(card)


@pytest.mark.parametrize("name", ["grounding-dino-tiny", "grounding-dino-base", "owlv2-base-patch16-ensemble"])
def test_cards_of_fetched_models_say_what_a_person_must_know(name: str) -> None:
    card = find_entry(name).card
    assert on_hub(card)
    assert card.open_vocabulary
    assert card.extra == "torch"
    assert "Apache" in card.weights_license
    assert card.data["hub"] in card.checkpoint
    assert card.megabytes * 1e6 == pytest.approx(card.parameters * 4, rel=0.02)
    assert ModelCard.from_json(card.to_json()) == card


@pytest.mark.parametrize("switch", ["OCELLA_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_asks_no_network_and_says_so(hub: Hub, tmp_path: Path, switch: str) -> None:
    variables: dict[str, Any] = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": hub.address, switch: "1"}
    done = ocella("pull", "nanodet-g", "owlv2", network=False, **variables)
    assert done.returncode == NotFound.exit_code
    assert "nanodet-g: nothing to fetch" in done.stdout
    assert "about 619.9 MB" in done.stdout
    assert "Apache-2.0, which allows commercial use" in done.stdout
    assert "OCELLA_OFFLINE" in done.stderr
    assert str(tmp_path) in done.stderr
    assert hub.requests == []


def test_a_forbidden_network_is_noticed_where_it_is_asked(hub: Hub, tmp_path: Path) -> None:
    """The switch that the tests of offline work rest on."""
    done = ocella("pull", "hf:somebody/tiny", network=False, HF_HOME=str(tmp_path), HF_ENDPOINT=hub.address)
    assert done.returncode != 0
    assert "the network was asked" in done.stderr


@pytest.mark.parametrize("mirror", ["HF_ENDPOINT", "OCELLA_HUB"])
def test_pull_fetches_from_the_mirror_that_is_set(
    hub: Hub, store: Server, tmp_path: Path, mirror: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv(mirror, hub.address)
    assert main(["pull", "owlv2"]) == 0
    said = capsys.readouterr().out
    assert "fetched 0 MB" in said
    assert "pip install 'ocella[torch]'" in said
    assert main(["pull", "owlv2+nanodet-g", "--json"]) == 0
    one, two = json.loads(capsys.readouterr().out)["pulled"]
    assert (one["fetched"], one["weights_license"]) == (False, "Apache-2.0")
    assert Path(one["folder"]).is_relative_to(tmp_path / "hub")
    assert (two["fetched"], two["folder"]) == (False, None)
    assert store.fetched == ["model.safetensors"]


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"HF_HOME": "there"}, "there/hub"),
        ({"HF_HOME": "there", "HF_HUB_CACHE": "cache"}, "cache"),
        ({"HF_HOME": "there", "OCELLA_CACHE": "ours"}, "ours/hub"),
        ({"XDG_CACHE_HOME": "usual"}, "usual/huggingface/hub"),
    ],
)
def test_where_weights_are_kept(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], place: str) -> None:
    from ocella.models.hub.weights import cache_folder

    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(place)


def test_a_card_for_a_repository_names_its_own_command() -> None:
    assert hub_card("a/b", "v1").name == "hf:a/b@v1"
    assert hub_card("a/b").name == "hf:a/b"
