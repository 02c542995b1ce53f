"""Checkpoints that a person brings: a folder, or a repository on the hub."""

import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.checkpoints import clip, grounding_dino
from tests.checkpoints.parts import picture
from tests.hub_stand_in import Hub, Repository, forget_settings, serving

from ocella.cli.main import main
from ocella.errors import InvalidValue, Mismatch, NotFound, OcellaError, Refused, Unreadable
from ocella.media.write import encode_jpeg, write_bytes
from ocella.models.load import load
from ocella.models.tasks import Classifier, Detector, Embedder
from ocella.types import Ontology

CAT = Ontology.of("cat")
OPTIONS: dict[str, Any] = {"device": "cpu", "threads": 1}
NO_CARD = "unknown: look where it came from"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_settings(monkeypatch)
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dino")
    grounding_dino.make(folder, "grounding-dino-tiny")
    return folder


@pytest.fixture
def hub(dino: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub(None, somebody__dino=Repository(contents(dino)))
    monkeypatch.setenv("OCELLA_HUB", server.address)
    with serving(server):
        yield server


def contents(folder: Path) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in folder.iterdir()}


def as_pickle(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """The same checkpoint with its weights in torch's form."""
    import torch
    from safetensors.torch import load as tensors

    torch.save(tensors(files["model.safetensors"]), folder / "pytorch_model.bin")
    rest = {name: data for name, data in files.items() if name != "model.safetensors"}
    return {**rest, "pytorch_model.bin": (folder / "pytorch_model.bin").read_bytes()}


def test_a_repository_is_a_model(hub: Hub, dino: Path) -> None:
    model, known = load("hf:somebody/dino", **OPTIONS), load(dino, **OPTIONS)
    assert isinstance(model, Detector)
    assert isinstance(known, Detector)
    image = picture(40, 60)
    found, same = (m.predict([image], CAT, threshold=0.01)[0] for m in (model, known))
    assert len(found) > 0
    assert found.xyxy.tolist() == same.xyxy.tolist()
    assert (model.card.name, known.card.name) == ("hf:somebody/dino", dino.name)
    assert "Grounding DINO" in model.card.summary
    asked = len(hub.requests)
    load("hf:somebody/dino", **OPTIONS)
    assert len(hub.requests) == asked


def test_the_command_predicts_with_a_repository_at_a_revision(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bytes(tmp_path / "a.jpg", encode_jpeg(picture(40, 60)))
    reference = f"hf:somebody/dino@{hub.repositories['somebody/dino'].commit}"
    words = [
        "predict",
        str(tmp_path / "a.jpg"),
        "--model",
        reference,
        "--classes",
        "cat",
        "--threshold",
        "0.01",
        "--json",
    ]
    assert main(words) == 0
    predicted = json.loads(capsys.readouterr().out)
    assert predicted["model"] == reference
    assert len(predicted["images"]["a.jpg"]["xyxy"]) > 0


@pytest.mark.parametrize(
    ("license_said", "says", "commercial"),
    [
        ("apache-2.0", "apache-2.0, as its page says", True),
        ("mit", "mit, as its page says", True),
        ("cc-by-nc-4.0", "cc-by-nc-4.0, as its page says", False),
        ("other", "other, as its page says", False),
        ("", NO_CARD, False),
    ],
)
def test_the_licence_is_what_the_page_says(hub: Hub, license_said: str, says: str, *, commercial: bool) -> None:
    hub.repositories["somebody/dino"].license = license_said
    card = load("hf:somebody/dino", **OPTIONS).card
    assert (card.weights_license, card.commercial_use) == (says, commercial)
    if commercial:
        load("hf:somebody/dino", license="commercial", **OPTIONS)
    else:
        with pytest.raises(Refused, match="may not be used commercially"):
            load("hf:somebody/dino", license="commercial", **OPTIONS)


def test_a_permissive_page_cannot_lift_the_terms_of_the_architecture_s_weights(hub: Hub, tmp_path: Path) -> None:
    from tests.checkpoints import depth_anything

    made = tmp_path / "made"
    made.mkdir()
    depth_anything.make(made, "depth-anything-v2-small")
    hub.repositories["somebody/depth"] = Repository(contents(made), license="apache-2.0")
    assert not load("hf:somebody/depth", **OPTIONS).card.commercial_use


def test_the_task_chooses_where_an_architecture_has_several(hub: Hub, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    clip.make(made, "clip-vit-base-patch32")
    hub.repositories["somebody/clip"] = Repository(contents(made))
    assert isinstance(load("hf:somebody/clip", **OPTIONS), Classifier)
    assert isinstance(load("hf:somebody/clip", task="embed", **OPTIONS), Embedder)
    with pytest.raises(Mismatch, match="is for classify, embed, not for depth"):
        load("hf:somebody/clip", task="depth", **OPTIONS)


@pytest.mark.parametrize("reference", ["hf:", "hf:dino", "hf:a/b/c", "hf:/b", "hf:a/"])
def test_a_reference_that_is_none_is_told(reference: str) -> None:
    with pytest.raises(InvalidValue, match="organisation/name"):
        load(reference)


@pytest.mark.parametrize(
    ("config", "error", "says"),
    [
        (b'{"architectures": ["BertModel"]}', Mismatch, "holds a BertModel, which nothing here opens"),
        (b"{}", Mismatch, "holds a network without a name"),
        (b"{", Unreadable, "is no checkpoint that can be loaded"),
        (b"3", Unreadable, "is no checkpoint that can be loaded"),
    ],
)
def test_a_repository_that_nothing_opens_is_told(hub: Hub, config: bytes, error: type[OcellaError], says: str) -> None:
    hub.repositories["somebody/dino"].files["config.json"] = config
    with pytest.raises(error, match=says):
        load("hf:somebody/dino", **OPTIONS)


def test_a_pickle_is_neither_fetched_nor_read_without_leave(
    hub: Hub, dino: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.repositories["somebody/dino"].files = as_pickle(contents(dino), tmp_path)
    for words in (["pull", "hf:somebody/dino"], ["predict", str(tmp_path), "--model", "hf:somebody/dino"]):
        write_bytes(tmp_path / "a.jpg", encode_jpeg(picture(40, 60)))
        assert main(words) == Refused.exit_code
        said = capsys.readouterr().err
        assert "only as pytorch_model.bin, a pickle" in said
        assert "--allow-pickle" in said
    assert "pytorch_model.bin" not in hub.fetched
    assert main(["pull", "hf:somebody/dino", "--allow-pickle"]) == 0
    assert hub.fetched.count("pytorch_model.bin") == 1
    with pytest.raises(Refused, match="only as pytorch_model"):
        load("hf:somebody/dino", **OPTIONS)
    model: Any = load("hf:somebody/dino", pickle=True, **OPTIONS)
    known: Any = load(dino, **OPTIONS)
    image = picture(40, 60)
    found, same = (m.predict([image], CAT, threshold=0.01)[0] for m in (model, known))
    assert found.xyxy.tolist() == same.xyxy.tolist()


class Bad:
    """Runs a command when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.folder / "was here"),)


def test_a_pickle_that_runs_code_runs_none_even_with_leave(dino: Path, tmp_path: Path) -> None:
    folder = tmp_path / "brought"
    folder.mkdir()
    for name, data in as_pickle(contents(dino), tmp_path).items():
        (folder / name).write_bytes(data)
    with pytest.raises(Refused, match=r"only as pytorch_model\.bin, a pickle"):
        load(folder, **OPTIONS)
    assert isinstance(load(folder, pickle=True, **OPTIONS), Detector)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Bad(tmp_path)}, protocol=2))
    with pytest.raises(Unreadable):
        load(folder, pickle=True, **OPTIONS)
    assert not (tmp_path / "was here").exists()


def test_weights_in_parts_are_fetched_whole(hub: Hub, tmp_path: Path, dino: Path) -> None:
    import transformers

    network = transformers.GroundingDinoForObjectDetection.from_pretrained(str(dino))
    network.save_pretrained(tmp_path / "parts", max_shard_size="300KB")
    files = {**contents(dino), **contents(tmp_path / "parts")}
    del files["model.safetensors"]
    hub.repositories["somebody/dino"].files = files
    parts = [name for name in files if name.startswith("model-")]
    assert len(parts) > 1
    hub.codes[parts[-1]] = 410
    with pytest.raises(NotFound):
        load("hf:somebody/dino", **OPTIONS)
    hub.codes.clear()
    assert isinstance(load("hf:somebody/dino", **OPTIONS), Detector)
    assert [hub.fetched.count(p) for p in parts[:-1]] == [1] * (len(parts) - 1)
