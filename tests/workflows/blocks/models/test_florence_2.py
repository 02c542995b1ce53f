"""Florence-2 in a workflow: its own words, and places as the library's processor reads them."""

import json
import re
from typing import Any

import numpy as np
import pytest
import transformers
from tests.checkpoints.parts import picture
from tests.workflows.leasing import by_hand, folder_of, services
from tests.workflows.running import run_step
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from ocella.errors import InvalidValue, InvalidWorkflow, Mismatch
from ocella.types import Detections

NAME, FAMILY = "florence-2-base", "florence2"
DETECTS, READS = "florence-2-base-detect", "florence-2-base-ocr"
SAID = {
    DETECTS: "cat<loc_100><loc_200><loc_500><loc_750><loc_10><loc_11><loc_90><loc_91>hat<loc_1><loc_2><loc_3><loc_4>",
    READS: "STOP<loc_100><loc_200><loc_400><loc_201><loc_402><loc_300><loc_102><loc_303>"
    "Go on<loc_500><loc_600><loc_700><loc_601><loc_702><loc_699><loc_501><loc_703>",
}
"""What two of the small checkpoints say, whatever they are shown."""
IMAGE = picture(48, 64)
FIRST = "<loc_125><loc_250><loc_500><loc_750>"
"""The box 8, 12, 32, 36 of that image in thousandths of its sides."""
SECOND = "<loc_0><loc_0><loc_750><loc_999>"


def ask(like: str = "", **fields: Any) -> Any:
    values = {"images": IMAGE, **{k: fields.pop(k) for k in ("grounding_detection",) if k in fields}}
    return run_step("florence_2", values, services(NAME, FAMILY, like), **fields)


def alone(words: str) -> str:
    """The answer of the model without a workflow."""
    (answer,) = by_hand(NAME, FAMILY).predict([IMAGE], words)
    return str(answer.text)


def library(like: str, task: str) -> dict[str, Any]:
    """What the library's processor reads in the scripted answer, in pixels of the image."""
    folder = folder_of(NAME, FAMILY, like)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    images = CLIPImageProcessorPil.from_pretrained(folder)
    images.image_seq_length = 5
    processor.image_processor = images
    read: dict[str, Any] = processor.post_process_generation(SAID[like], task=task, image_size=(64, 48))[task]
    return read


def found(*rows: tuple[list[float], float]) -> Detections:
    boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
    sure = np.array([confidence for _, confidence in rows], np.float32)
    return Detections(boxes, sure, np.zeros(len(rows), np.int64), ("thing",)).on(IMAGE)


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("caption", "<CAPTION>"),
        ("detailed-caption", "<DETAILED_CAPTION>"),
        ("more-detailed-caption", "<MORE_DETAILED_CAPTION>"),
        ("ocr", "<OCR>"),
        ("custom", "Who is it?"),
    ],
)
def test_words_are_the_models(task: str, words: str) -> None:
    prompt = {"prompt": words} if task == "custom" else {}
    assert ask(task_type=task, **prompt) == {"raw_output": alone(words), "parsed_output": None, "classes": []}


def test_the_older_version_names_the_model_otherwise() -> None:
    fields = {"task_type": "caption", "model_version": NAME}
    said = run_step("roboflow_core/florence_2@v1", {"images": IMAGE}, services(NAME, FAMILY), **fields)
    assert said["raw_output"] == alone("<CAPTION>")


@pytest.mark.parametrize(
    ("task", "key", "fields"),
    [
        ("object-detection", "<OD>", {}),
        ("object-detection-and-caption", "<DENSE_REGION_CAPTION>", {}),
        ("phrase-grounded-object-detection", "<OD>", {"prompt": "a cat with a hat"}),
    ],
)
def test_boxes_are_those_that_the_library_reads(task: str, key: str, fields: dict[str, Any]) -> None:
    said = ask(DETECTS, task_type=task, **fields)
    read, ours = library(DETECTS, key), said["parsed_output"]
    np.testing.assert_allclose(ours["bboxes"], read["bboxes"], atol=1)
    assert ours["labels"] == said["classes"] == read["labels"] == ["cat", "cat", "hat"]
    assert json.loads(said["raw_output"]) == ours


def test_boxes_of_classes() -> None:
    said = ask(DETECTS, classes=["cat", "hat"])
    read, ours = library(DETECTS, "<OPEN_VOCABULARY_DETECTION>"), said["parsed_output"]
    np.testing.assert_allclose(ours["bboxes"], read["bboxes"], atol=1)
    assert ours["bboxes_labels"] == read["bboxes_labels"] == ["cat", "cat", "hat"]
    assert said["classes"] == ["cat", "hat"]


def test_text_with_its_places() -> None:
    said = ask(READS, task_type="ocr-with-text-detection")
    read = library(READS, "<OCR_WITH_REGION>")
    assert said["classes"] == said["parsed_output"]["labels"] == read["labels"] == ["STOP", "Go on"]
    np.testing.assert_allclose(said["parsed_output"]["quad_boxes"], read["quad_boxes"], atol=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"task_type": "phrase-grounded-instance-segmentation", "prompt": "a sign"},
        {"task_type": "detection-grounded-instance-segmentation", "grounding_detection": [8, 12, 32, 36]},
    ],
    ids=["phrase", "region"],
)
def test_outlines_are_the_middles_of_thousandths(fields: dict[str, Any]) -> None:
    said = ask(READS, **fields)["parsed_output"]
    numbers = np.array([int(n) for n in re.findall(r"<loc_(\d+)>", SAID[READS])]).reshape(2, 4, 2)
    wanted = (numbers + 0.5) / 1000 * [64, 48]
    assert said["labels"] == ["STOP", "Go on"]
    np.testing.assert_allclose(np.array(said["polygons"]).reshape(2, 4, 2), wanted, atol=1e-6)


def test_its_boxes_can_be_read_as_objects() -> None:
    said = ask(DETECTS, classes=["cat", "hat"])
    fields = {
        "classes": ["cat", "hat"],
        "model_type": "florence-2",
        "task_type": "open-vocabulary-object-detection",
        "vlm_output": said["raw_output"],
    }
    read = run_step("vlm_as_detector", {"image": IMAGE}, **fields)["predictions"]
    assert read.names == ["cat", "cat", "hat"]
    np.testing.assert_allclose(read.xyxy[0], [6.4, 9.6, 32, 36], atol=0.1)


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("detection-grounded-classification", "What is the region {}?"),
        ("detection-grounded-caption", "What does the region {} describe?"),
        ("detection-grounded-ocr", "What text is in the region {}?"),
    ],
)
@pytest.mark.parametrize("box", [[8, 12, 32, 36], [0.125, 0.25, 0.5, 0.75]], ids=["pixels", "shares"])
def test_a_region_as_numbers(task: str, words: str, box: list[float]) -> None:
    said = ask(task_type=task, grounding_detection=box)
    assert said["raw_output"] == alone(words.replace("{}", FIRST))


@pytest.mark.parametrize(
    ("mode", "place"),
    [
        ("first", FIRST), ("last", SECOND), ("biggest", SECOND), ("smallest", FIRST), ("most-confident", FIRST),
        ("least-confident", SECOND),
    ],
)  # fmt: skip
def test_a_region_of_an_object(mode: str, place: str) -> None:
    objects = found(([8, 12, 32, 36], 0.9), ([0, 0, 48, 48], 0.3))
    said = ask(task_type="detection-grounded-caption", grounding_detection=objects, grounding_selection_mode=mode)
    assert said["raw_output"] == alone(f"What does the region {place} describe?")


def test_without_an_object_there_is_no_answer() -> None:
    said = ask(task_type="detection-grounded-caption", grounding_detection=found())
    assert said == {"raw_output": None, "parsed_output": None, "classes": None}


@pytest.mark.parametrize(
    ("task", "field"),
    [
        ("open-vocabulary-object-detection", "classes"),
        ("phrase-grounded-object-detection", "prompt"),
        ("custom", "prompt"),
        ("detection-grounded-ocr", "grounding_detection"),
    ],
)
def test_what_a_task_needs(task: str, field: str) -> None:
    with pytest.raises(InvalidWorkflow, match=field):
        ask(task_type=task)


def test_what_is_refused() -> None:
    with pytest.raises(InvalidValue, match="four"):
        ask(task_type="detection-grounded-ocr", grounding_detection=[1, 2, 3])
    with pytest.raises(Mismatch, match="'vlm'"):
        ask(task_type="caption", model_id="nanodet-g")
