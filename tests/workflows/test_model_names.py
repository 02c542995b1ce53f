from pathlib import Path

import pytest

from ocella.errors import InvalidValue, NotFound
from ocella.models.load import find_entry
from ocella.workflows import model_names
from ocella.workflows.model_names import model_name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("nanodet-g", "nanodet-g"),
        (" nanodet-g ", "nanodet-g"),
        ("rfdetr-nano", "rf-detr-nano"),
        ("rfdetr-seg-2xlarge", "rf-detr-seg-xxlarge"),
        ("nanodet-g+person-segmentation", "nanodet-g+person-segmentation"),
        ("clip/ViT-B-16", "clip-vit-base-patch16"),
        ("sam2/hiera_b_plus", "sam2.1-hiera-base-plus"),
        ("qwen25-vl-7b", "qwen2.5-vl-7b-instruct"),
        ("resnet50", "resnet-50"),
        ("depth-anything-v2/small", "depth-anything-v2-small"),
        ("hf:org/name@main", "hf:org/name@main"),
        ("roboflow:me/cats/3", "roboflow:me/cats/3"),
        ("cats/3", "roboflow:cats/3"),
        ("me/cats/3", "roboflow:me/cats/3"),
        ("me/cats-slug", "roboflow:me/cats-slug"),
        ("./my.onnx", "./my.onnx"),
        ("folder/my.onnx", "folder/my.onnx"),
        ("/models/student", "/models/student"),
        ("my.pt", "my.pt"),
    ],
)
def test_names_of_others(written: str, expected: str) -> None:
    assert model_name(written) == expected


def test_a_folder_that_is_there_goes_before_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cats" / "3").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert model_name("cats/3") == "cats/3"


def test_every_name_that_is_known_leads_to_a_model() -> None:
    assert [n for n in model_names._NAMES.values() if find_entry(n).name != n] == []


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ("yolov8n-640", "yolo export model=yolov8n.pt format=onnx opset=17 simplify=True imgsz=640"),
        ("yolov8m-seg-640", "model=yolov8m-seg.pt"),
        ("yolov8x-1280-pose", "model=yolov8x-pose.pt"),
        ("yolov11s-640", "model=yolo11s.pt"),
        ("yolo11l-seg-640", "model=yolo11l-seg.pt"),
        ("yolo26n-640", "model=yolo26n.pt"),
        ("yolov10b-640", "model=yolov10b.pt"),
        ("yolo-nas-s-640", "model=yolo-nas-s.pt"),
    ],
)
def test_weights_that_may_not_be_shipped(written: str, command: str) -> None:
    with pytest.raises(NotFound) as caught:
        model_name(written)
    assert command in str(caught.value)
    assert '.onnx". ' in str(caught.value)


def test_what_is_nothing() -> None:
    with pytest.raises(InvalidValue, match="model_id is empty"):
        model_name(" ")
    with pytest.raises(NotFound, match="Did you mean 'nanodet-g'"):
        model_name("nanodet-k")
