"""Models of Roboflow Universe, from a stand-in for its registry and its store of files."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.hub_stand_in import Asked, Reply, Server, everything_in, forget_settings, ocella, serving
from tests.onnx_files import constant_file

from ocella import environment
from ocella.cli.main import main
from ocella.errors import Busy, InvalidValue, Mismatch, NotFound, OcellaError, Refused, Unreadable
from ocella.models.entry import LoadOptions
from ocella.models.hub.roboflow_universe import fetch_universe
from ocella.models.load import load
from ocella.models.tasks import Detector
from ocella.types import Image

KEY = "rf_a_key_of_nobody"
REFERENCE = "somebody/ants/3"
NAME = f"roboflow:{REFERENCE}"
HEAD = np.zeros((1, 6, 21), np.float32)
HEAD[0, :, 3] = 16, 16, 8, 4, 0.9, 0.1
INFERENCE = {
    "network_input": {
        "training_input_size": {"height": 32, "width": 32}, "dynamic_spatial_size_supported": False, "color_mode": "rgb",
        "resize_mode": "stretch", "input_channels": 3, "scaling_factor": 255, "normalization": None,
    },
    "post_processing": {"type": "nms", "fused": False},
}  # fmt: skip


class Registry(Server):
    """`/models/v1/external/weights`, for one key, in pages of one package each."""

    def __init__(self, store: Server, folder: Path) -> None:
        super().__init__()
        self.store = store
        self.code = 0
        constant_file(folder / "weights.onnx", {"output0": HEAD})
        self.package = {
            "weights.onnx": (folder / "weights.onnx").read_bytes(),
            "class_names.txt": b"ant\nbee\n",
            "inference_config.json": json.dumps(INFERENCE).encode(),
        }
        self.hashes: dict[str, str] = {}
        self.known: Any = {"modelArchitecture": "yolov8", "taskType": "object-detection", "modelId": "ants/3"}
        self.kinds = ["trt-model-package-v1", "onnx-model-package-v1"]

    def reply(self, asked: Asked) -> Reply:
        if asked.authorization != f"Bearer {KEY}":
            return Reply(code=401)
        if self.code or asked.path != "/models/v1/external/weights":
            return Reply(code=self.code or 404)
        pages = [self.page(number, kind) for number, kind in enumerate(self.kinds)]
        shown = pages[sum(a.path == asked.path for a in self.requests[:-1]) % len(pages)]
        return Reply(json.dumps({"status": "ok", "modelMetadata": shown}).encode())

    def page(self, number: int, kind: str) -> Mapping[str, Any]:
        files = []
        for name, data in self.package.items():
            self.store.files[f"/{number}/{name}"] = data
            md5 = self.hashes.get(name) or hashlib.md5(data, usedforsecurity=False).hexdigest()
            files.append({"fileHandle": name, "downloadUrl": f"{self.store.address}/{number}/{name}", "md5Hash": md5})
        package = {
            "type": "external-model-package-v1", "packageId": f"p{number}", "packageFiles": files,
            "packageManifest": {"type": kind, "backendType": "onnx", "quantization": "fp32", "opset": 17},
        }  # fmt: skip
        more = {"nextPage": f"p{number}"} if number + 1 < len(self.kinds) else {}
        return {**self.known, "type": "external-model-metadata-v1", "modelPackages": [package], **more}


@pytest.fixture
def store() -> Iterator[Server]:
    server = Server()
    with serving(server):
        yield server


@pytest.fixture
def registry(store: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    forget_settings(monkeypatch)
    server = Registry(store, tmp_path)
    for name, value in settings(server, tmp_path).items():
        monkeypatch.setenv(name, value)
    with serving(server):
        yield server


def settings(server: Server, folder: Path) -> dict[str, str]:
    return {"OCELLA_ROBOFLOW_URL": server.address, "ROBOFLOW_API_KEY": KEY, "OCELLA_CACHE": str(folder / "cache")}


def fetch(reference: str = REFERENCE) -> Path:
    return fetch_universe(reference, LoadOptions())


def test_a_model_is_fetched_once_and_runs(registry: Registry, store: Server) -> None:
    model = load(NAME, device="cpu", threads=1)
    assert isinstance(model, Detector)
    assert model.classes == ("ant", "bee")
    (found,) = model.predict([Image(np.full((64, 128, 3), 90, np.uint8))])
    assert found.names == ["ant"]
    folder = fetch()
    assert sorted(f.name for f in folder.iterdir()) == [
        "class_names.txt", "inference_config.json", "model_config.json", "weights.onnx",
    ]  # fmt: skip
    assert sorted(store.fetched) == ["class_names.txt", "inference_config.json", "weights.onnx"]
    assert {a.path.split("/")[1] for a in store.requests} == {"1"}  # the second page's, which is ONNX
    assert len(registry.requests) == 2


def test_the_key_goes_to_the_registry_alone_and_is_not_kept(registry: Registry, store: Server, tmp_path: Path) -> None:
    store.codes["class_names.txt"] = 403
    variables: dict[str, Any] = settings(registry, tmp_path)
    done = ocella("pull", NAME, **variables)
    assert done.returncode == Refused.exit_code
    assert KEY not in done.stdout + done.stderr
    assert {a.authorization for a in store.requests} == {""}
    assert all(KEY not in a.path for a in registry.requests)
    store.codes.clear()
    fetch()
    assert KEY.encode() not in everything_in(tmp_path)
    assert KEY not in repr(environment.read())


def test_a_broken_connection_goes_on(registry: Registry, store: Server) -> None:
    store.cuts["weights.onnx"] = [100]
    weights = (fetch() / "weights.onnx").read_bytes()
    assert weights == registry.package["weights.onnx"]
    assert [a.range for a in store.requests if a.path.endswith("weights.onnx")] == ["", "bytes=100-"]


@pytest.mark.parametrize(
    ("what", "error", "says"),
    [
        ("no key", Refused, "set ROBOFLOW_API_KEY"),
        ("wrong key", Refused, "the key in ROBOFLOW_API_KEY is wrong"),
        (403, Refused, "or its workspace may not use this model"),
        (404, NotFound, "has no model 'roboflow:somebody/ants/3' for your key"),
        (429, Busy, "too many requests"),
        (500, NotFound, "answered 500"),
        ("down", NotFound, "where there is a network"),
        ("offline", NotFound, "forbids to fetch it"),
        ("no onnx", NotFound, r"has no package with weights\.onnx"),
        ("no model", Unreadable, "no description of a model"),
        ("a path", Unreadable, "no plain file name"),
        ("wrong hash", Mismatch, "must have the MD5"),
    ],
)
def test_what_goes_wrong_says_what_to_do(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str | int, error: type[OcellaError], says: str,
) -> None:  # fmt: skip
    match what:
        case int():
            registry.code = what
        case "no key":
            monkeypatch.delenv("ROBOFLOW_API_KEY")
        case "wrong key":
            monkeypatch.setenv("ROBOFLOW_API_KEY", "rf_wrong")
        case "down":
            monkeypatch.setenv("OCELLA_ROBOFLOW_URL", "http://127.0.0.1:9")
        case "offline":
            monkeypatch.setenv("OCELLA_OFFLINE", "1")
        case "no onnx":
            registry.kinds = ["trt-model-package-v1"]
        case "no model":
            registry.known, registry.kinds = {}, ["onnx-model-package-v1"]
        case "a path":
            registry.package["../../evil.txt"] = b""
        case "wrong hash":
            registry.hashes["class_names.txt"] = "0" * 32
    with pytest.raises(error, match=says) as caught:
        fetch()
    assert KEY not in str(caught.value)
    assert not (tmp_path / "cache" / "ocella" / "roboflow" / "somebody--ants--3").exists()
    assert not (tmp_path / "cache" / "ocella" / "locks").exists()


@pytest.mark.parametrize("reference", ["", "ants", "a/b/c/d", "a/b/latest", "../b/3", "a/b/3?x=1", "a b/c/1"])
def test_a_reference_that_is_none_is_told(reference: str) -> None:
    with pytest.raises(InvalidValue, match="workspace/project/version"):
        fetch(reference)


def test_a_workspace_and_a_model_s_name_are_a_reference_too(registry: Registry) -> None:
    assert fetch("somebody/ant-finder").name == "somebody--ant-finder"
    assert registry.requests


def test_it_is_held_to_what_was_fetched_first(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    folder = fetch()
    (folder / "class_names.txt").write_bytes(b"bee\nant\n")
    with pytest.raises(Mismatch, match=f"ocella pull {NAME} --again"):
        fetch()
    assert main(["pull", NAME, "--again"]) == 0
    assert fetch() == folder
    registry.package["class_names.txt"] = b"wasp\nant\n"
    assert main(["pull", NAME]) == 0  # as long as it is here, nothing is asked
    assert main(["pull", NAME, "--again"]) == Mismatch.exit_code
    assert "class_names.txt: expected SHA-256" in capsys.readouterr().err
    assert (folder / "class_names.txt").read_bytes() == b"ant\nbee\n"
    assert main(["pull", NAME, "--accept-new"]) == 0
    assert (fetch() / "class_names.txt").read_bytes() == b"wasp\nant\n"


def test_it_is_carried_to_a_machine_without_a_network(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["pull", NAME, "--into", str(tmp_path / "stick")]) == 0
    asked = len(registry.requests)
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "there"))
    monkeypatch.setenv("OCELLA_OFFLINE", "1")
    assert main(["pull", "--from", str(tmp_path / "stick")]) == 0
    model = load(NAME, device="cpu", threads=1)
    assert isinstance(model, Detector)
    assert model.classes == ("ant", "bee")
    assert len(registry.requests) == asked
