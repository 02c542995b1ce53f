"""Fetching weights, from a stand-in for the hub on the loopback address."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ocella import environment
from ocella.errors import InvalidValue, NotFound
from ocella.models.card import ModelCard
from ocella.models.load import find_entry
from ocella.models.weights import ensure_weights, fetch_weights, find_weights, is_complete, on_hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b'{"model_type": "owlv2"}',
    "model.safetensors": bytes(range(256)) * 64,
    "pytorch_model.bin": b"a pickle that must not be fetched",
    "vocab.txt": b"[PAD]\n",
}
CARD = replace(find_entry("owlv2").card, name="tiny", data={"hub": "somebody/tiny"})
needs_network = pytest.mark.skipif(environment.read().offline, reason="the offline variables are set")


class Hub(ThreadingHTTPServer):
    """The few addresses of a hub that fetching a snapshot asks for."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = files
        self.asked: list[str] = []
        self.refused: set[str] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *said: object) -> None:
        del said

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        name = path.rpartition("/")[2]
        repository = "/".join(path.removeprefix("/api/models").split("/")[1:3])
        if "gone" in repository or name in self.server.refused:
            self.send_error(404 if "gone" in repository else 403)
            return
        if path.startswith(f"/api/models/{repository}/revision/"):
            data = json.dumps({"id": repository, "sha": COMMIT, "siblings": self._siblings()}).encode()
        elif path.startswith(f"/api/models/{repository}/tree/"):
            data = json.dumps(
                [{"type": "file", "path": n, "size": len(d), "oid": f"{i:040d}"} for i, (n, d) in self._numbered()]
            ).encode()
        elif path == f"/{repository}/resolve/{COMMIT}/{name}" and name in self.server.files:
            data = self.server.files[name]
            if body:
                self.server.asked.append(name)
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{name}-{len(data)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def _numbered(self) -> Iterator[tuple[int, tuple[str, bytes]]]:
        return enumerate(self.server.files.items())

    def _siblings(self) -> list[dict[str, str]]:
        return [{"rfilename": name} for name in self.server.files]


def serve(files: dict[str, bytes]) -> Iterator[Hub]:
    hub = Hub(files)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield hub
    hub.shutdown()
    hub.server_close()
    thread.join()


@pytest.fixture
def hub() -> Iterator[Hub]:
    yield from serve(dict(FILES))


@needs_network
def test_weights_are_fetched_once_and_no_pickle_is(hub: Hub, tmp_path: Path) -> None:
    assert find_weights(CARD, cache=tmp_path) is None
    folder = ensure_weights(CARD, cache=tmp_path, endpoint=hub.address)
    assert folder.name == COMMIT
    assert sorted(f.name for f in folder.iterdir()) == ["config.json", "model.safetensors", "vocab.txt"]
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert sorted(hub.asked) == ["config.json", "model.safetensors", "vocab.txt"]
    assert ensure_weights(CARD, cache=tmp_path, endpoint="http://127.0.0.1:9") == folder
    assert fetch_weights(CARD, cache=tmp_path, endpoint=hub.address) == folder
    assert len(hub.asked) == 3
    assert find_weights(CARD, cache=tmp_path) == folder


@needs_network
def test_a_fetch_that_failed_goes_on_with_the_files_it_lacks(hub: Hub, tmp_path: Path) -> None:
    hub.refused.add("model.safetensors")
    with pytest.raises(NotFound, match="could not be fetched"):
        fetch_weights(CARD, cache=tmp_path, endpoint=hub.address)
    assert find_weights(CARD, cache=tmp_path) is None
    hub.refused.clear()
    folder = ensure_weights(CARD, cache=tmp_path, endpoint=hub.address)
    assert is_complete(folder)
    assert sorted(hub.asked) == ["config.json", "model.safetensors", "vocab.txt"]


@needs_network
@pytest.mark.parametrize(
    ("repository", "endpoint"), [("somebody/tiny", "http://127.0.0.1:9"), ("somebody/gone", "")], ids=["down", "gone"]
)
def test_no_network_names_the_command_and_the_mirror(repository: str, endpoint: str, hub: Hub, tmp_path: Path) -> None:
    card = replace(CARD, data={"hub": repository})
    with pytest.raises(NotFound) as caught:
        ensure_weights(card, cache=tmp_path, endpoint=endpoint or hub.address)
    for part in ("ocella pull tiny", "HF_ENDPOINT", repository, str(tmp_path), "weights=Path("):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("files", "complete"),
    [
        ({}, False),
        ({"config.json": "{}"}, False),
        ({"config.json": "{}", "model.safetensors": ""}, True),
        ({"config.json": "{}", "pytorch_model.bin": ""}, False),
        ({"config.json": "{}", "model.safetensors.index.json": '{"weight_map": {"a": "one", "b": "two"}}'}, False),
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


def ocella(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from ocella.cli.main import main; raise SystemExit(main())", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def test_pull_says_licence_and_size_and_keeps_to_offline(tmp_path: Path) -> None:
    done = ocella("pull", "nanodet-g", "owlv2", OCELLA_OFFLINE="1", HF_HOME=str(tmp_path))
    assert done.returncode == NotFound.exit_code
    assert "nanodet-g: nothing to fetch" in done.stdout
    assert "620 MB" in done.stdout
    assert "Apache-2.0, which allows commercial use" in done.stdout
    assert "OCELLA_OFFLINE" in done.stderr
    assert str(tmp_path) in done.stderr


@needs_network
def test_pull_fetches_from_the_mirror_that_is_set(hub: Hub, tmp_path: Path) -> None:
    variables = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": hub.address}
    done = ocella("pull", "owlv2", **variables)
    assert "fetched 0 MB" in done.stdout
    assert "pip install 'ocella[torch]'" in done.stdout
    assert sorted(hub.asked) == ["config.json", "model.safetensors", "vocab.txt"]
    again = ocella("pull", "owlv2+nanodet-g", "--json", **variables)
    one, two = json.loads(again.stdout)["pulled"]
    assert (one["fetched"], Path(one["folder"]).name, one["weights_license"]) == (False, COMMIT, "Apache-2.0")
    assert (two["fetched"], two["folder"]) == (False, None)
    assert len(hub.asked) == 3
