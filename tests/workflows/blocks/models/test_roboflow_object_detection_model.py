"""Objects in photographs with real weights beside what a person drew, and what each field does by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.models.photos import outline, photo
from tests.workflows.blocks.models.yolo_file import SIDE, Row, yolo_file
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow, Mismatch, NotFound
from ocella.types import Image, Ontology, Origin
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session

ROWS: list[Row] = [
    (2, 2, 12, 12, 0.9, 0),
    (2, 2, 12, 8, 0.8, 0),  # 60 of 100 square pixels are common: 0.6
    (2, 2, 12, 7, 0.7, 1),  # 0.5 with the first, of another class
    (20, 20, 30, 30, 0.3, 1),
]
BLANK = Image(np.zeros((SIDE, SIDE, 3), np.uint8))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return yolo_file(tmp_path_factory.mktemp("yolo"), ROWS)


def sure(file: str, name: str = "object_detection_model", **fields: Any) -> list[float]:
    found = run_step(name, {"images": BLANK}, services(), **{"model_id": file, "confidence_mode": "custom", **fields})
    return [round(float(c), 2) for c in found["predictions"].confidence]


@pytest.mark.parametrize(
    ("name", "class_name"), [("astronaut.png", "person"), ("cat.png", "cat"), ("coffee.png", "cup")]
)
def test_real_weights_find_what_a_person_drew(name: str, class_name: str) -> None:
    found = run_step(
        "roboflow_core/roboflow_object_detection_model@v3",
        {"images": photo(name)},
        services(),
        model_id="nanodet-g",
        confidence_mode="custom",
        custom_confidence=0.25,
        class_filter=[class_name],
    )["predictions"]
    ys, xs = np.nonzero(outline(name))
    left, top, right, bottom = found.xyxy[0]
    common = max(0, min(right, xs.max() + 1) - max(left, xs.min())) * max(
        0, min(bottom, ys.max() + 1) - max(top, ys.min())
    )
    both = (right - left) * (bottom - top) + (np.ptp(xs) + 1) * (np.ptp(ys) + 1) - common
    assert common / both > 0.6
    assert set(found.names) == {class_name}
    assert found.size_hw == photo(name).size_hw


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"custom_confidence": 0.25}, [0.9, 0.7, 0.3]),
        ({"custom_confidence": 0.25, "iou_threshold": 0.65}, [0.9, 0.8, 0.7, 0.3]),
        ({"custom_confidence": 0.25, "class_agnostic_nms": True}, [0.9, 0.3]),
        ({}, [0.9, 0.7]),
        ({"custom_confidence": 0.75, "iou_threshold": 1}, [0.9, 0.8]),
        ({"custom_confidence": 0.25, "max_detections": 2}, [0.9, 0.7]),
        ({"custom_confidence": 0.25, "class_filter": ["dog"]}, [0.7, 0.3]),
        ({"custom_confidence": 0.25, "class_filter": ["dog", "horse"]}, [0.7, 0.3]),
        ({"custom_confidence": 0.95}, []),
        ({"custom_confidence": 0.25, "class_filter": []}, []),
    ],
)
def test_fields(file: str, fields: dict[str, Any], expected: list[float]) -> None:
    assert sure(file, **fields) == expected


@pytest.mark.parametrize("mode", ["best", "default"])
def test_the_confidence_of_the_model_itself(file: str, mode: str) -> None:
    assert sure(file, confidence_mode=mode) == [0.9, 0.7, 0.3]  # 0.25, as its exporters have it


@pytest.mark.parametrize(
    "name",
    [
        "roboflow_core/roboflow_object_detection_model@v1",
        "roboflow_core/roboflow_object_detection_model@v2",
        "RoboflowObjectDetectionModel",
        "ObjectDetectionModel",
    ],
)
@pytest.mark.parametrize(("given", "expected"), [({}, [0.9, 0.7]), ({"confidence": 0.25}, [0.9, 0.7, 0.3])])
def test_older_versions_have_one_confidence(
    file: str, name: str, given: dict[str, float], expected: list[float]
) -> None:
    found = run_step(
        name, {"image": BLANK}, services(), model_id=file, disable_active_learning=True, max_candidates=100, **given
    )
    assert [round(float(c), 2) for c in found["predictions"].confidence] == expected


def test_each_object_run_and_image_has_its_place_and_name(file: str) -> None:
    crop = Image(BLANK.pixels, Origin("street", (100.0, 50.0), (1.0, 1.0), (500, 600)))
    found = run_step("object_detection_model", {"images": crop}, services(), model_id=file)
    predictions = found["predictions"]
    assert (predictions.origin, predictions.size_hw) == (crop.origin, (SIDE, SIDE))
    ids = predictions.data["detection_id"].tolist()
    assert len(set(ids)) == len(ids) == 3
    assert found["model_id"] == file
    assert len(found["inference_id"]) == 32


def test_images_go_together_and_one_that_has_nothing_is_empty() -> None:
    definition = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"}
        ],
        "outputs": [{"type": "JsonField", "name": "found", "selector": "$steps.find.predictions"}],
    }
    blank = Image(np.full((60, 80, 3), 127, np.uint8))
    with Session(compile_workflow(definition), services()) as session:
        rows = session.run({"image": [photo("cat.png"), blank]}).rows
    assert "cat" in rows[0]["found"].names
    assert (len(rows[1]["found"]), len(rows[1]["found"].classes)) == (0, 80)


def test_a_model_that_takes_any_words_looks_for_the_filter() -> None:
    name, family = "owlvit-base-patch32", "owlvit"
    model = by_hand(name, family)
    wanted = model.predict([photo("cat.png")], Ontology.of("cat", "dog"), threshold=0.0)[0]
    found = run_step(
        "object_detection_model",
        {"images": photo("cat.png")},
        services(name, family),
        model_id=name,
        class_filter=["cat", "dog"],
        confidence=0.0,
    )["predictions"]
    np.testing.assert_allclose(found.xyxy, wanted.xyxy[:300], atol=1e-3)
    assert found.classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        ({"class_filter": ["cats"]}, InvalidValue, "knows no class 'cats'. Did you mean 'cat'"),
        ({"model_id": "efficientnet-lite0"}, Mismatch, "is for 'classify', but .* takes models for 'detect'"),
        ({"model_id": "yolov8n-640"}, NotFound, r"yolo export model=yolov8n\.pt format=onnx .* imgsz=640"),
        ({"model_id": "no-such-model"}, NotFound, "There is no model 'no-such-model'"),
        ({"model_id": "owlvit-base-patch32"}, InvalidValue, "name it in class_filter"),
        ({"confidence_mode": "custom", "custom_confidence": 2}, InvalidWorkflow, "custom_confidence"),
        ({"max_detections": 0}, InvalidWorkflow, "max_detections"),
    ],
)
def test_what_cannot_be(file: str, fields: dict[str, Any], kind: type[Exception], message: str) -> None:
    family = ("owlvit-base-patch32", "owlvit") if "owlvit" in fields.get("model_id", "") else ()
    with pytest.raises(kind, match=message):
        run_step(
            "roboflow_object_detection_model", {"images": BLANK}, services(*family), **{"model_id": file, **fields}
        )


def test_a_folder_that_is_there_is_a_model(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is no model: expected a name from"):
        run_step("object_detection_model", {"images": BLANK}, services(), model_id=str(tmp_path))
