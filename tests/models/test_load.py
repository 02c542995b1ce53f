import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocella.errors import InvalidValue, Mismatch, NotFound, Unreadable
from ocella.models.compose import Grounded
from ocella.models.load import find_entry, list_models, load
from ocella.models.starter import starter_file
from ocella.models.tasks import Detector, TextReader

OPTIONS: dict[str, Any] = {"device": "cpu", "threads": 1}


def student(folder: Path, **changes: Any) -> Path:
    """A student's folder: the starter network under other class names."""
    names = tuple(f"thing {i}" for i in range(80))
    card = replace(find_entry("nanodet-g").card, name="mine", classes=names, data={"architecture": "nanodet-g"})
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps({**card.to_json(), **changes}), encoding="utf-8")
    shutil.copy(starter_file("nanodet-g.onnx"), folder / "model.onnx")
    return folder


def test_by_name_and_by_alias() -> None:
    assert load("nanodet-g", **OPTIONS).card.name == "nanodet-g"
    reader = load("rapidocr", **OPTIONS)
    assert isinstance(reader, TextReader)
    assert reader.card.name == "pp-ocr"


def test_a_student_s_folder_as_text_and_as_path(tmp_path: Path) -> None:
    folder = student(tmp_path / "student")
    for name in (folder, str(folder)):
        model = load(name, **OPTIONS)
        assert isinstance(model, Detector)
        assert model.classes[79] == "thing 79"
        assert model.card.name == "mine"


def test_a_detector_and_a_segmenter_joined() -> None:
    model = load("nanodet-g+person-segmentation", **OPTIONS)
    assert isinstance(model, Grounded)
    assert model.classes == ("person",)
    assert model.card.name == "nanodet-g+person-segmentation"


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("nanodet", NotFound, r"There is no model 'nanodet'\. Did you mean 'nanodet-g'"),
        ("", NotFound, "'' is no model: expected a name"),
        ("no/such/folder", NotFound, r"'no/such/folder' is no model: expected a name from"),
        (
            "efficientnet-lite0+nanodet-g",
            Mismatch,
            r"must join a detector and a model for one of .*, got classify\+detect",
        ),
        ("nanodet-g+sem", NotFound, "There is no model 'sem'"),
        ("openai-compatible", InvalidValue, "needs the address and the name of the model"),
    ],
)
def test_what_is_no_model_is_said(name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load(name, **OPTIONS)


def test_an_unknown_option_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        load("nanodet-g", colour="red")


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="or a folder with card"):
        load(tmp_path)


def test_a_student_without_weights_did_not_finish(tmp_path: Path) -> None:
    folder = student(tmp_path / "student")
    (folder / "model.onnx").unlink()
    with pytest.raises(NotFound, match=r"has a card but no model\.onnx\. The training did not finish"):
        load(folder)


def test_damaged_weights_are_unreadable(tmp_path: Path) -> None:
    folder = student(tmp_path / "student")
    (folder / "model.onnx").write_bytes(b"not a network")
    with pytest.raises(Unreadable, match="is not an ONNX file that can be run"):
        load(folder)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"name": "x"}', '{"name": "x", "data": {"architecture": "nanodet-g"}}']
)
def test_a_damaged_card_is_unreadable(tmp_path: Path, text: str) -> None:
    folder = student(tmp_path / "student")
    (folder / "card.json").write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match="is not a model card"):
        load(folder)


def test_a_student_of_an_unknown_architecture_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no model 'nanodet-x'"):
        load(student(tmp_path / "student", data={"architecture": "nanodet-x"}))


@pytest.mark.parametrize(
    ("asked", "has", "lacks"),
    [
        ({"task": "detect"}, "nanodet-g", "movenet-multipose"),
        ({"open_vocabulary": True}, "conse-efficientnet-lite0", "nanodet-g"),
        ({"open_vocabulary": False}, "nanodet-g", "conse-efficientnet-lite0"),
        ({"license": "commercial"}, "nanodet-g", "openai-compatible"),
        ({"task": "classify", "open_vocabulary": False}, "efficientnet-lite0", "conse-efficientnet-lite0"),
    ],
)
def test_lists_by_condition(asked: dict[str, Any], has: str, lacks: str) -> None:
    names = {c.name for c in list_models(**asked)}
    assert has in names
    assert lacks not in names


def test_a_condition_that_nothing_meets_gives_nothing() -> None:
    assert list_models(task="telepathy") == []
