"""What goes wrong with weights, end to end: a typed error, its exit code, and the command that mends it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.checkpoints import grounding_dino
from tests.checkpoints.parts import picture
from tests.hub_stand_in import Hub, Repository, Server, forget_settings, ocella, serving

from ocella.cli.main import main
from ocella.errors import (
    Mismatch,
    MissingExtra,
    NoRoom,
    NotFound,
    OcellaError,
    Refused,
    Unreadable,
)
from ocella.media.write import encode_jpeg, write_bytes
from ocella.models.load import load

NAME = "hf:somebody/dino"


@dataclass
class World:
    """A hub, its store of large files, and a machine that asks them."""

    hub: Hub
    store: Server
    folder: Path
    settings: dict[str, Any]

    @property
    def files(self) -> dict[str, bytes]:
        return self.hub.repositories["somebody/dino"].files

    @property
    def fetched(self) -> Path:
        """The file of weights in the cache."""
        return next((self.folder / "cache").rglob("model.safetensors")).resolve()

    def pull(self) -> None:
        assert main(["pull", NAME]) == 0


def nothing(world: World) -> None:
    del world


@dataclass(frozen=True)
class Failure:
    """How it comes about, and what is said of it; `process` runs the command in a process of its own."""

    name: str
    error: type[OcellaError]
    says: tuple[str, ...]
    happens: Callable[[World], None] = nothing
    model: str = NAME
    command: str = "predict"
    process: dict[str, Any] = field(default_factory=dict)


def weights_that_are_none(world: World) -> None:
    world.files["model.safetensors"] = b"\xff" * 5000


def weights_that_lack_tensors(world: World) -> None:
    from safetensors.torch import load as tensors
    from safetensors.torch import save

    world.files["model.safetensors"] = save(dict(list(tensors(world.files["model.safetensors"]).items())[:10]))


def no_tokenizer(world: World) -> None:
    del world.files["tokenizer.json"]
    del world.files["tokenizer_config.json"]


def flipped_bit(world: World) -> None:
    world.pull()
    data = bytearray(world.fetched.read_bytes())
    data[-9] ^= 4
    world.fetched.write_bytes(data)


def cut_off_on_the_disk(world: World) -> None:
    world.pull()
    os.truncate(world.fetched, 1000)


def other_contents_than_listed(world: World) -> None:
    world.hub.repositories["somebody/dino"].sizes["config.json"] = 3


def another_commit(world: World) -> None:
    world.pull()
    world.files["README.md"] = b"news"


def half_of_it(world: World) -> None:
    world.store.cuts["model.safetensors"] = [100_000]
    world.store.goes_down = True


def no_network(world: World) -> None:
    world.settings["OCELLA_HUB"] = "http://127.0.0.1:9"


def offline(world: World) -> None:
    world.settings["OCELLA_OFFLINE"] = "1"


def too_large(world: World) -> None:
    world.hub.repositories["somebody/dino"].sizes["model.safetensors"] = 10**16


def no_folder(world: World) -> None:
    (world.folder / "in the way").write_text("", encoding="utf-8")
    world.settings["OCELLA_CACHE"] = str(world.folder / "in the way")


def gated(world: World) -> None:
    world.hub.repositories["somebody/dino"].gated = True


AGAIN = "ocella pull hf:somebody/dino --again"
SAME = "run the same command again"
FAILURES = (
    Failure("weights that are none", Unreadable, ("no checkpoint", "ocella pull NAME --again"), weights_that_are_none),
    Failure("weights that lack tensors", Unreadable, ("fetch it again",), weights_that_lack_tensors),
    Failure("no tokenizer", Unreadable, ("no tokenizer", "ocella pull NAME --again"), no_tokenizer),
    Failure("a flipped bit", Mismatch, ("expected SHA-256", "got SHA-256", "model.safetensors", AGAIN), flipped_bit),
    Failure("cut off on the disk", Mismatch, ("got 1000 bytes", "model.safetensors", AGAIN), cut_off_on_the_disk),
    Failure("the same at a pull", Mismatch, ("model.safetensors", "got 1000 bytes", AGAIN), cut_off_on_the_disk, command="pull"),
    Failure("other contents than listed", Mismatch, ("config.json must have 3 bytes",), other_contents_than_listed),
    Failure("another commit", Mismatch, ("expected commit", f"ocella pull {NAME} --accept-new"), another_commit, command="pull"),
    Failure("half a download", NotFound, ("answered 410", f"ocella pull {NAME}"), half_of_it),
    Failure("no network", NotFound, ("could not be fetched", f"ocella pull {NAME}", "HF_ENDPOINT"), no_network),
    Failure("no network wanted", NotFound, ("OCELLA_OFFLINE", f"ocella pull {NAME}"), offline),
    Failure("a disk that is too small", NoRoom, ("MB more", "OCELLA_CACHE", SAME), too_large),
    Failure("a folder that is none", NoRoom, ("Not a directory", "OCELLA_CACHE", SAME), no_folder),
    Failure(
        "a disk that is full meanwhile", NoRoom, ("File too large", "OCELLA_CACHE", SAME), command="pull",
        process={"largest": 200_000},
    ),
    Failure("a gated model", Refused, ("Accept it on https://huggingface.co/somebody/dino", "HF_TOKEN"), gated),
    Failure("an unknown name", NotFound, ("Did you mean 'owlv2'", "ocella models"), model="owlv3"),
    Failure("an unknown name to pull", NotFound, ("Did you mean 'owlv2'", "ocella models"), model="owlv3", command="pull"),
    Failure("an unknown repository", Refused, ("does not exist, or is private", "HF_TOKEN"), model="hf:nobody/nothing"),
    Failure("a missing extra", MissingExtra, ("pip install 'ocella[torch]'",), process={"without": "transformers"}),
    Failure(
        "a missing extra to pull", MissingExtra, ("pip install 'ocella[torch]'",), command="pull",
        process={"without": "huggingface_hub"},
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("dino")
    grounding_dino.make(folder, "grounding-dino-tiny")
    return {f.name: f.read_bytes() for f in folder.iterdir()}


@pytest.fixture
def world(checkpoint: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    forget_settings(monkeypatch)
    store = Server()
    hub = Hub(store, somebody__dino=Repository(dict(checkpoint)))
    write_bytes(tmp_path / "in" / "a.jpg", encode_jpeg(picture(40, 60)))
    settings = {"OCELLA_CACHE": str(tmp_path / "cache"), "OCELLA_HUB": hub.address}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with serving(store), serving(hub):
        yield World(hub, store, tmp_path, settings)


@pytest.mark.parametrize("failure", FAILURES, ids=[f.name for f in FAILURES])
def test_a_failure_is_typed_and_names_the_command(
    failure: Failure, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failure.happens(world)
    for name, value in world.settings.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    where = [str(world.folder / "in"), "--classes", "cat", "--model"] if failure.command == "predict" else []
    words = [failure.command, *where, failure.model]
    if failure.process:
        done = ocella(*words, **failure.process, **world.settings)
        code, said = done.returncode, done.stderr
    else:
        code, said = main(words), capsys.readouterr().err
    assert code == failure.error.exit_code, said
    assert "Traceback" not in said
    for part in (f"{failure.error.__name__}: ", *failure.says):
        assert part in said
    if failure.command == "predict" and not failure.process:
        with pytest.raises(failure.error) as caught:
            load(failure.model, device="cpu", threads=1)
        assert all(part in str(caught.value) for part in failure.says)


@pytest.mark.parametrize("happens", [flipped_bit, cut_off_on_the_disk, half_of_it])
def test_the_command_that_is_named_mends_it(happens: Callable[[World], None], world: World) -> None:
    happens(world)
    predict = ["predict", str(world.folder / "in"), "--classes", "cat", "--model", NAME]
    assert main(predict) != 0
    world.store.codes.clear()
    assert main(["pull", NAME, "--again"]) == 0
    assert main(predict) == 0


def test_what_came_before_the_disk_was_full_is_kept(world: World) -> None:
    done = ocella("pull", NAME, largest=200_000, **world.settings)
    assert done.returncode == NoRoom.exit_code
    world.pull()
    assert [a.range for a in world.store.requests] == ["", "bytes=200000-"]
