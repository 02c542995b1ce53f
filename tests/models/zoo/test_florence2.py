"""Florence-2 on small checkpoints, beside the library's own processor, generation and reading of places."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.florence2 import make
from tests.checkpoints.parts import picture
from tests.models.vlm_reference import auto, check_batch, check_says, count_looks, library_says

import ocella
from ocella.models.zoo.florence2 import TASKS, task_text
from ocella.ops.boxes import clip
from ocella.types import Ontology


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("florence")
    make(made, "florence-2-base")
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return ocella.load("florence-2-base", weights=folder, device="cpu")


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = tmp_path_factory.mktemp("florence-detect")
    return ocella.load("florence-2-base-detect", device="cpu", **make(made, "florence-2-base-detect"))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = tmp_path_factory.mktemp("florence-ocr")
    return ocella.load("florence-2-base-ocr", device="cpu", **make(made, "florence-2-base-ocr"))


def processor_of(folder: Path) -> Any:
    """The library's; its images by Pillow, in every environment."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    made = transformers.AutoProcessor.from_pretrained(folder)
    images = CLIPImageProcessorPil.from_pretrained(folder)
    images.image_seq_length = 5
    made.image_processor = images
    return made


@pytest.mark.parametrize("size_hw", [(64, 64), (100, 60), (40, 200)])
@pytest.mark.parametrize("prompt", ["<DETAILED_CAPTION>", "What is this?"])
def test_words_are_the_librarys(folder: Path, model: Any, size_hw: tuple[int, int], prompt: str) -> None:
    image = picture(*size_hw)
    processor = processor_of(folder)
    inputs = dict(processor(images=image.pixels, text=prompt, return_tensors="pt"))
    network, speaker = auto(folder, "Florence2ForConditionalGeneration"), model._speaker
    with torch.inference_mode():
        ours = speaker._inputs(speaker._see(image), prompt)
        start = torch.full((1, 1), network.config.text_config.decoder_start_token_id)
        theirs = network(**inputs, decoder_input_ids=start).logits
        np.testing.assert_allclose(
            speaker.opened.network(**speaker._arguments(ours), decoder_input_ids=start).logits, theirs, atol=1e-4
        )
    check_says(model, image, prompt, library_says(network, inputs, processor.tokenizer, new_only=False))


def test_batch_equals_singles(model: Any) -> None:
    check_batch(model, [picture(64, 64), picture(100, 60, 1), picture(30, 64, 2)])


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("<CAPTION>", TASKS["<CAPTION>"]),
        ("detailed caption", TASKS["<DETAILED_CAPTION>"]),
        ("OCR with region", TASKS["<OCR_WITH_REGION>"]),
        ("What is it?", "What is it?"),
    ],
)
def test_tasks_by_name(prompt: str, text: str) -> None:
    assert task_text(prompt) == text


def test_tasks_are_the_librarys(folder: Path) -> None:
    assert processor_of(folder).task_prompts_without_inputs == TASKS


@pytest.mark.parametrize("size_hw", [(64, 64), (200, 100), (50, 333)])
def test_boxes_are_those_that_the_library_reads(folder: Path, detector: Any, size_hw: tuple[int, int]) -> None:
    height, width = size_hw
    text = "cat<loc_100><loc_200><loc_500><loc_750><loc_10><loc_11><loc_90><loc_91>hat<loc_1><loc_2><loc_3><loc_4>"
    task = "<OPEN_VOCABULARY_DETECTION>"
    read = processor_of(folder).post_process_generation(text, task=task, image_size=(width, height))[task]
    theirs = [b for b, label in zip(read["bboxes"], read["bboxes_labels"], strict=True) if label == "cat"]
    assert len(theirs) == 2
    (found,) = detector.predict([picture(*size_hw)], Ontology.of("cat"))
    assert found.names == ["cat", "cat"]
    ours = found.xyxy[np.argsort(-found.area)]
    np.testing.assert_array_equal(np.floor(ours), clip(np.array(theirs, np.float32), size_hw))
    assert set(found.data["score_kind"]) == {"token-probability"}


def test_the_question_is_the_librarys(folder: Path, detector: Any) -> None:
    image = picture(64, 64)
    processor = processor_of(folder)
    expected = processor._construct_prompts("<OPEN_VOCABULARY_DETECTION>red dog")
    ((question, _),) = detector._encode(("red dog",))
    assert [question] == expected
    assert processor(images=image.pixels, text="<OPEN_VOCABULARY_DETECTION>red dog")["input_ids"]


def test_the_image_is_read_once_for_all_prompts(detector: Any) -> None:
    seen = count_looks(detector._speaker)
    (found,) = detector.predict([picture(40, 60)], Ontology.of("cat", "dog", "hat"))
    assert len(seen) == 1
    assert set(found.names) == {"cat", "hat"}


@pytest.mark.parametrize("size_hw", [(64, 64), (200, 100)])
def test_lines_are_those_that_the_library_reads(folder: Path, reader: Any, size_hw: tuple[int, int]) -> None:
    height, width = size_hw
    text = (
        "STOP<loc_100><loc_200><loc_400><loc_201><loc_402><loc_300><loc_102><loc_303>"
        "Go on<loc_500><loc_600><loc_700><loc_601><loc_702><loc_699><loc_501><loc_703>"
    )
    task = "<OCR_WITH_REGION>"
    read = processor_of(folder).post_process_generation(text, task=task, image_size=(width, height))[task]
    (found,) = reader.predict([picture(*size_hw)])
    assert list(found.texts) == read["labels"] == ["STOP", "Go on"]
    np.testing.assert_array_equal(np.floor(found.polygons.reshape(-1, 8)), read["quad_boxes"])
    assert ((found.confidence > 0.5) & (found.confidence <= 1)).all()
