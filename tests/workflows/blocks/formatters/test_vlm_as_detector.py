"""Boxes in the texts of language models: every family's way of counting by hand, Florence-2 against supervision."""

import json
from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Answer, Detections, Image
from ocella.workflows.blocks.formatters._boxes_text import upload_size

PHOTO = Image(np.zeros((100, 200, 3), np.uint8))
WIDE = Image(np.zeros((1024, 4096, 3), np.uint8))
"""Sent to OpenAI at half its size."""


def read(answer: Any, model: str = "google-gemini", image: Image = PHOTO, **fields: Any) -> Any:
    text = answer if isinstance(answer, str | Answer) else json.dumps(answer)
    more = {"classes": ["cat", "dog"], "model_type": model, "task_type": "object-detection"} | fields
    return run_step("vlm_as_detector", {"image": image, "vlm_output": text}, **more)


NAMED = {"x_min": 0.1, "y_min": 0.2, "x_max": 0.5, "y_max": 0.8, "class_name": "dog", "confidence": 0.75}
OF_1000 = {"x_min": 100, "y_min": 200, "x_max": 500, "y_max": 800, "label": "dog"}


@pytest.mark.parametrize(
    ("model", "image", "entry", "box"),
    [
        ("google-gemini", PHOTO, {"box_2d": [200, 100, 800, 500], "label": "dog"}, [20, 20, 100, 80]),
        ("google-gemini", PHOTO, NAMED, [20, 20, 100, 80]),
        ("openai", PHOTO, NAMED, [20, 20, 100, 80]),
        ("openai", PHOTO, {"box_2d": [10, 20, 30, 40], "label": "dog"}, [10, 20, 30, 40]),
        ("openai", WIDE, {"box_2d": [10, 20, 30, 40], "label": "dog"}, [20, 40, 60, 80]),
        ("anthropic-claude", PHOTO, NAMED, [20, 20, 100, 80]),
        ("anthropic-claude", PHOTO, {"box_2d": [10, 20, 30, 40], "label": "dog"}, [10, 20, 30, 40]),
        ("spacexai", PHOTO, {"box_2d": [10, 20, 50, 80], "label": "dog"}, [20, 20, 100, 80]),
        ("qwen", PHOTO, {"bbox_2d": [100, 200, 500, 800], "description": "dog"}, [20, 20, 100, 80]),
        ("zai", PHOTO, {"box_2d": [100, 200, 500, 800], "label": "dog"}, [20, 20, 100, 80]),
        ("zai-flash", PHOTO, {"bbox_2d": [100, 200, 500, 800], "label": "dog"}, [20, 20, 100, 80]),
        ("muse", PHOTO, OF_1000, [20, 20, 100, 80]),
        ("muse", PHOTO, OF_1000 | {"x_max": 1500}, [20, 20, 200, 80]),
    ],
)
def test_boxes_come_in_pixels_of_the_image(model: str, image: Image, entry: dict[str, Any], box: list[int]) -> None:
    for answer in ([entry], {"detections": [entry]}):
        found = read(answer, model, image)
        assert found["error_status"] is False
        objects: Detections = found["predictions"]
        assert objects.xyxy.tolist() == [box]
        assert objects.names == ["dog"]
        assert objects.confidence.tolist() == [entry.get("confidence", 1.0)]
        assert (objects.classes, objects.size_hw) == (("cat", "dog"), image.size_hw)


def test_a_tall_image_is_sent_to_claude_as_its_documentation_says() -> None:
    assert upload_size(1568, 1568) == (1568, 1568)  # 56 x 56 tiles
    width, height = upload_size(4000, 3000)
    assert -(-width // 28) * -(-height // 28) <= 4784 < -(-(width + 28) // 28) * -(-(height + 21) // 28)
    assert width / height == pytest.approx(4 / 3, rel=0.01)
    assert upload_size(3000, 4000) == (height, width)
    assert max(upload_size(9000, 90)) <= 2576


def test_other_classes_follow_and_bad_entries_are_left_out() -> None:
    entries = [{"box_2d": [0, 0, 500, 500], "label": "owl"}, {"label": "dog"}, {"box_2d": [0, 0, "a", 1]}, 5]
    found = read(entries)["predictions"]
    assert (found.names, found.classes) == (["owl"], ("cat", "dog", "owl"))


def test_no_objects_keep_their_classes() -> None:
    answers: tuple[Any, ...] = ([], {"detections": []})
    for answer in answers:
        found = read(answer)
        assert found["error_status"] is False
        assert len(found["predictions"]) == 0
        assert found["predictions"].classes == ("cat", "dog")


@pytest.mark.parametrize("text", ["Two dogs.", '{"dogs": 2}', '[{"label": "dog"}]', '{"detections": 5}'])
def test_what_cannot_be_read_is_an_error_status(text: str) -> None:
    found = read(text)
    assert (found["error_status"], found["predictions"]) == (True, None)


FLORENCE = {
    "object-detection": ("<OD>", {"bboxes": [[10.5, 20, 30, 40], [0, 0, 5, 5]], "labels": ["dog", "owl"]}),
    "open-vocabulary-object-detection": (
        "<OPEN_VOCABULARY_DETECTION>",
        {"bboxes": [[10.5, 20, 30, 40]], "bboxes_labels": ["dog"], "polygons": [], "polygons_labels": []},
    ),
    "object-detection-and-caption": ("<DENSE_REGION_CAPTION>", {"bboxes": [[1, 2, 3, 4]], "labels": ["a brown dog"]}),
    "phrase-grounded-object-detection": (
        "<CAPTION_TO_PHRASE_GROUNDING>",
        {"bboxes": [[1, 2, 3, 4]], "labels": ["a dog"]},
    ),
    "region-proposal": ("<REGION_PROPOSAL>", {"bboxes": [[1, 2, 3, 4]], "labels": [""]}),
    "ocr-with-text-detection": (
        "<OCR_WITH_REGION>",
        {"quad_boxes": [[1, 2, 9, 3, 8, 7, 2, 6]], "labels": ["EXIT"]},
    ),
}


@pytest.mark.parametrize("task", FLORENCE)
def test_answers_of_florence_as_supervision_reads_them(task: str) -> None:
    sv = pytest.importorskip("supervision")
    name, answer = FLORENCE[task]
    theirs = sv.Detections.from_vlm(sv.VLM.FLORENCE_2, {name: answer}, resolution_wh=(200, 100))
    labels = ["roi"] if task == "region-proposal" else [str(n) for n in theirs.data["class_name"]]
    for form in (answer, {name: answer}):
        found = read(form, "florence-2", task_type=task, classes=None)["predictions"]
        assert np.array_equal(found.xyxy, theirs.xyxy)
        assert found.names == labels
        assert found.confidence.tolist() == [1.0] * len(theirs)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model_type": "gpt"}, "'openai', 'google-gemini'"),
        ({"task_type": "region-proposal"}, "Only florence-2 has other tasks"),
        ({"classes": None}, "a list of classes for google-gemini"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        read([], **fields)


def test_the_older_version_is_the_same() -> None:
    more: dict[str, Any] = {"classes": ["dog"], "model_type": "google-gemini", "task_type": "object-detection"}
    values = {"image": PHOTO, "vlm_output": json.dumps({"detections": [NAMED]})}
    found = run_step("roboflow_core/vlm_as_detector@v1", values, **more)
    assert found["predictions"].xyxy.tolist() == [[20, 20, 100, 80]]
