"""Every command once on small data, in the order of the road."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.small_models import paint

import ocella
from ocella.cli.command import commands
from ocella.cli.main import main
from ocella.datasets import Dataset, Sample
from ocella.types import Annotation, Detections, Source

Capture = pytest.CaptureFixture[str]
CLASSES = ("red", "blue")


@contextmanager
def one_json(capsys: Capture) -> Iterator[dict[str, Any]]:
    """What a command printed in the block: one JSON object on one line, and no word on the error stream."""
    capsys.readouterr()
    told: dict[str, Any] = {}
    yield told
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert said.err == ""
    told |= json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def coloured(root: Path, n: int = 10) -> Path:
    """People's labels of one block a picture, most of them for training; blue ones only there."""
    rng = np.random.default_rng(0)
    samples = []
    for i in range(n):
        x, y = int(rng.integers(4, 50)), int(rng.integers(4, 30))
        name, is_val = CLASSES[i % 2 if i < n - 3 else 0], i >= n - 3
        paint(root / "images" / f"{i}.png", (name, x, y, x + 36, y + 28), grey=90 + 5 * i)
        box = np.array([[x, y, x + 36, y + 28]], np.float32)
        value = Detections(box, np.ones(1, np.float32), np.array([CLASSES.index(name)]), CLASSES)
        row = Annotation(value, Source("person", "someone"), ("accepted",))
        split: Any = "val" if is_val else "train"
        samples.append(Sample(f"images/{i}.png", (64, 96), f"{i:064}", split, annotations=(row,)))
    Dataset(root, "detect", CLASSES, tuple(samples)).save()
    return root


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set and a student of it."""
    base = tmp_path_factory.mktemp("road")
    data = coloured(base / "data")
    given = ["train", str(data), "--out", str(base / "student"), "--epochs", "1", "--input-size", "64x96"]
    assert main(given) == 0
    return base


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for i in range(6):
        paint(tmp_path / "in" / f"{i}.png", ("red", 4 * i, 3 * i, 40 + 9 * i, 30 + 5 * i), grey=30 * i)
    return tmp_path / "in"


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{ocella.__version__}\n"


@pytest.mark.parametrize("name", [c.name for c in commands])
def test_every_command_has_help(name: str, capsys: Capture) -> None:
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"ocella {name}" in text
    assert re.search(r"--json\s+One JSON object", text)


def test_the_list_of_commands(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^  {c.name} ", text, re.MULTILINE) for c in commands)


def test_label_clean_undo_split_convert(pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    data = str(tmp_path / "data")
    with one_json(capsys) as told:
        assert main(["label", str(pictures), "--out", data, "--classes", "car, dog", "--json"]) == 0
    assert (told["images"], told["new"], told["model"]) == (6, 6, "nanodet-g")
    assert list(told["counts"]) == ["car", "dog"]
    with one_json(capsys) as told:
        assert main(["clean", data, "--json"]) == 0
    assert told["applied"] is True
    applied = Path(data, ".ocella", "before-clean.json").exists()
    assert applied == bool(told["findings"])
    assert Path(data, "clean-report.html").is_file()
    with one_json(capsys) as told:
        assert main(["undo", data, "--json"]) == (0 if applied else 3)
    with one_json(capsys) as told:
        assert main(["split", data, "--val", "0.34", "--json"]) == 0
    assert sum(told["counts"].values()) == 6
    with one_json(capsys) as told:
        assert main(["convert", data, str(tmp_path / "yolo"), "--to", "yolo", "--accept-losses", "--json"]) == 0
    assert told["format"] == "yolo"
    with one_json(capsys) as told:
        assert main(["convert", str(tmp_path / "yolo"), str(tmp_path / "back"), "--json"]) == 0
    assert told["images"] == 6


def test_train_tells_and_a_second_time_is_done(road: Path, capsys: Capture) -> None:
    given = ["train", str(road / "data"), "--out", str(road / "student"), "--epochs", "1", "--input-size", "64x96"]
    with one_json(capsys) as told:
        assert main([*given, "--json"]) == 0
    assert told["card"]["classes"] == list(CLASSES)
    assert (road / "student" / "report.html").is_file()
    with one_json(capsys) as told:
        assert main([*given, "--seed", "1", "--json"]) == 7
    assert told["error"]["type"] == "Mismatch"


def test_prove(road: Path, capsys: Capture) -> None:
    """Also with a class that the validation images do not show, which has no average precision."""
    with one_json(capsys) as told:
        assert main(["prove", str(road / "student"), "--data", str(road / "data"), "--json"]) == 0
    assert told["truth"] == "people's labels"
    assert [r["role"] for r in told["rows"]] == ["untrained start", "student"]
    assert told["per_class"]["blue"]["ap50"] is None
    assert json.loads((road / "student" / "proof.json").read_text(encoding="utf-8")) == told
    assert main(["prove", str(road / "student"), "--data", str(road / "data")]) == 0
    assert "nothing to measure" in capsys.readouterr().out


def test_predict_by_a_student(road: Path, pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    (pictures / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    out = tmp_path / "found"
    with one_json(capsys) as told:
        assert main(["predict", str(pictures), "--model", str(road / "student"), "--out", str(out), "--json"]) == 0
    assert sorted(told["images"]) == [f"{i}.png" for i in range(6)]
    assert [a["name"] for a in told["set_aside"]] == ["broken.png"]
    assert all(v["classes"] == list(CLASSES) for v in told["images"].values())
    assert len(list((out / "pictures").iterdir())) == 6
    assert main(["predict", str(pictures), "--model", str(road / "student")]) == 0
    assert "Set aside: broken.png" in capsys.readouterr().out


def test_a_student_trained_anew_is_another_model(road: Path, pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    """A student of the same name with other weights does not get the labels that the first one made."""
    out, student = tmp_path / "out", tmp_path / "student"
    for part in ("card.json", "model.onnx"):
        (student / part).parent.mkdir(exist_ok=True)
        (student / part).write_bytes((road / "student" / part).read_bytes())
    label = ["label", str(pictures), "--out", str(out), "--model", str(student), "--json"]
    for new in (6, 0):
        with one_json(capsys) as told:
            assert main(label) == 0
        assert told["new"] == new
    import onnx

    other = onnx.load(student / "model.onnx")
    other.doc_string = "trained anew"
    onnx.save(other, student / "model.onnx")
    with one_json(capsys) as told:
        assert main(label) == 0
    assert told["new"] == 6


def test_models(capsys: Capture) -> None:
    with one_json(capsys) as told:
        assert main(["models", "--task", "detect", "--license", "commercial", "--json"]) == 0
    assert {"nanodet-g"} <= {m["name"] for m in told["models"]}
    assert {m["task"] for m in told["models"]} == {"detect"}
    assert main(["models", "nanodet-g", "detic"]) == 0
    told_all = capsys.readouterr().out
    assert "nanodet-g  [detect, coco]" in told_all
    assert "instead, out of the box: owlv2-base-patch16-ensemble" in told_all
    assert main(["models", "CLIP", "--json"]) == 0
    assert {m["system"] for m in json.loads(capsys.readouterr().out)["models"]} == {"CLIP"}
    assert main(["models", "nanodett"]) == 3
    assert "Did you mean 'nanodet-g'" in capsys.readouterr().err
    assert main(["models", "--task", "vlm", "--fixed-classes"]) == 0
    assert "No model fits" in capsys.readouterr().out


def test_distill(pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    """The whole road is shown elsewhere; here, that it refuses before any work."""
    with one_json(capsys) as told:
        code = main(["distill", str(pictures), "--classes", "xylophone", "--out", str(tmp_path / "out"), "--json"])
    assert code == 4
    assert told["error"]["type"] == "NoMatch"
