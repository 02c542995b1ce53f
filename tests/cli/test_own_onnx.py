"""A person's own ONNX file on the command line: its list of classes, or an ontology where it names them itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.onnx_files import constant_file
from tests.small_models import paint

from ocella.cli.main import main
from ocella.datasets import Dataset

Capture = pytest.CaptureFixture[str]


def head() -> np.ndarray:
    """An ant of 12..20 and 14..18 in an input of 32 x 32, so 48..80 and 24..40 of a picture of 64 x 128."""
    out = np.zeros((1, 6, 21), np.float32)
    out[0, :, 3] = 16, 16, 8, 4, 0.9, 0.1
    return out


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "photo.png"
    paint(path, grey=90)
    return path


def predicted(capsys: Capture, *given: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["predict", *given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (label,) = told["images"].values()
    return dict(label)


def test_classes_are_the_list_of_a_file_that_names_none(tmp_path: Path, photo: Path, capsys: Capture) -> None:
    file = constant_file(tmp_path / "my.onnx", {"output0": head()})
    label = predicted(capsys, str(photo), "--model", str(file), "--task", "detect", "--classes", "ant, bee")
    assert (label["classes"], label["class_id"]) == (["ant", "bee"], [0])


def test_classes_are_what_to_look_for_where_the_file_names_its_own(
    tmp_path: Path, photo: Path, capsys: Capture
) -> None:
    said = {"names": "{0: 'ant', 1: 'bee'}", "task": "detect"}
    file = constant_file(tmp_path / "my.onnx", {"output0": head()}, metadata=said)
    label = predicted(capsys, str(photo), "--model", str(file), "--classes", "insect=bee|ant")
    assert (label["classes"], label["class_id"]) == (["insect"], [0])
    assert predicted(capsys, str(photo), "--model", str(file))["classes"] == ["ant", "bee"]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--task", "detect"], 2, "give them in order"),
        (["--task", "detect", "--classes", "ant=small ant, bee"], 2, "its own list, in order and without prompts"),
        (["--classes", "ant, bee"], 2, "needs a task"),
        (["--task", "detect", "--classes", "ant"], 7, "have room for 2 classes"),
        (["--task", "detect", "--classes", "ant, bee", "--layout", "detr"], 7, "of no layout known"),
        (["--task", "detect", "--classes", "ant, bee", "--runtime", "torch"], 2, "runtime must be auto or one of"),
        (["--task", "detect", "--classes", "ant, bee", "--dtype", "float16"], 2, "dtype must be"),
        (["--task", "detect", "--classes", "ant, bee", "--license", "commercial"], 10, "may not be used commercially"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, photo: Path, capsys: Capture, options: list[str], code: int, message: str
) -> None:
    file = constant_file(tmp_path / "my.onnx", {"output0": head()})
    assert main(["predict", str(photo), "--model", str(file), *options]) == code
    assert message in capsys.readouterr().err


def test_a_torch_file_is_answered_with_the_way_out(tmp_path: Path, photo: Path, capsys: Capture) -> None:
    (tmp_path / "best.pt").write_bytes(b"PK")
    assert main(["predict", str(photo), "--model", str(tmp_path / "best.pt")]) == 2
    assert "yolo export model=best.pt format=onnx opset=17 simplify=True" in capsys.readouterr().err


def test_a_file_labels_a_folder(tmp_path: Path, photo: Path) -> None:
    file = constant_file(tmp_path / "my.onnx", {"output0": head()})
    out = tmp_path / "labels"
    given = ["label", str(photo.parent), "--out", str(out), "--model", str(file), "--task", "detect"]
    assert main([*given, "--classes", "ant, bee"]) == 0
    data = Dataset.open(out)
    assert data.classes == ("ant", "bee")
    assert [a.value.names for s in data.samples for a in s.annotations] == [["ant"]]  # type: ignore[union-attr]  # boxes
