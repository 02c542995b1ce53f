"""PaliGemma on a small checkpoint, beside the library's own processor and generation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.paligemma import make
from tests.checkpoints.parts import picture
from tests.models.vlm_reference import auto, check_batch, check_says, first_scores, library_says
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

import ocella
from ocella.errors import InvalidValue
from ocella.models.language.boxes import paligemma_boxes
from ocella.models.language.generate import Said
from ocella.models.zoo.paligemma import task_prompt
from ocella.types import ClassDef, Ontology


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("paligemma")
    make(made, "paligemma2-3b-mix-224")
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return ocella.load("paligemma2-3b-mix-224", weights=folder, device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = tmp_path_factory.mktemp("paligemma-detect")
    name = "paligemma2-3b-mix-224-detect"
    return ocella.load(name, device="cpu", **make(made, name))


@pytest.mark.parametrize("size_hw", [(64, 64), (100, 60), (40, 200)])
def test_words_are_the_librarys(folder: Path, model: Any, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    words = transformers.AutoTokenizer.from_pretrained(folder)
    images = SiglipImageProcessorPil.from_pretrained(folder)
    images.image_seq_length = 16
    processor = transformers.PaliGemmaProcessor(images, words)
    inputs = processor(images=image.pixels, text="<image>answer en What is this?", return_tensors="np")
    given = {k: torch.from_numpy(np.asarray(v)) for k, v in inputs.items() if k != "labels"}
    network, speaker = auto(folder, "PaliGemmaForConditionalGeneration"), model._speaker
    with torch.inference_mode():
        ours = speaker._inputs(speaker._see(image), "What is this?")
    assert ours["input_ids"].tolist() == inputs["input_ids"].tolist()
    np.testing.assert_allclose(first_scores(speaker.opened.network, ours), first_scores(network, given), atol=1e-4)
    check_says(model, image, "What is this?", library_says(network, given, words, new_only=False))


def test_batch_equals_singles(model: Any) -> None:
    check_batch(model, [picture(64, 64), picture(100, 60, 1), picture(30, 64, 2)])


@pytest.mark.parametrize(
    ("prompt", "read"),
    [
        ("What is this?", "answer en What is this?"),
        ("caption en", "caption en"),
        ("detect cat ; dog", "detect cat ; dog"),
        ("Answer de Was ist das?", "Answer de Was ist das?"),
    ],
)
def test_a_prompt_is_put_in_the_models_form(prompt: str, read: str) -> None:
    assert task_prompt(prompt) == read


@pytest.mark.parametrize("size_hw", [(64, 64), (128, 64), (50, 100)])
def test_boxes_are_of_the_image(detector: Any, size_hw: tuple[int, int]) -> None:
    """The checkpoint says y1 x1 y2 x2: 256 128 512 768 Cat ; 0 1 100 1023 red dog."""
    (found,) = detector.predict([picture(*size_hw)], Ontology.of("cat", "red dog", "hat"))
    height, width = size_hw
    boxes = {n: b.tolist() for n, b in zip(found.names, found.xyxy, strict=True)}
    assert boxes.keys() == {"cat", "red dog"}
    np.testing.assert_allclose(boxes["cat"], [width / 8, height / 4, width * 3 / 4, height / 2], atol=1e-3)
    np.testing.assert_allclose(boxes["red dog"], [width / 1024, 0, width * 1023 / 1024, height * 100 / 1024], atol=1e-3)
    assert set(found.data["score_kind"]) == {"token-probability"}


def test_a_threshold_speaks_of_the_words_of_the_box(detector: Any) -> None:
    (found,) = detector.predict([picture(64, 64)], Ontology.of("cat", "red dog"))
    least = float(found.confidence.min())
    assert least < found.confidence.max() < 1
    (sure,) = detector.predict([picture(64, 64)], Ontology.of("cat", "red dog"), threshold=least + 1e-4)
    assert len(sure) == 1


def test_a_phrase_that_was_not_asked_for_is_left_out(detector: Any) -> None:
    (found,) = detector.predict([picture(64, 64)], Ontology.of("dog", "cats"))
    assert len(found) == 0
    assert found.classes == ("dog", "cats")


def test_prompts_of_one_class_and_negatives(detector: Any) -> None:
    pets = Ontology((ClassDef("pet", ("cat", "red dog")),))
    (found,) = detector.predict([picture(64, 64)], pets)
    assert found.names == ["pet", "pet"]
    (other,) = detector.predict([picture(64, 64)], Ontology((ClassDef("pet", ("cat",), ("red dog",)),)))
    assert other.names == ["pet"], "the negative's box is elsewhere"


@pytest.mark.parametrize("prompt", ["cat ; dog", "<loc0001>", 'the "cat"'])
def test_prompts_that_would_break_the_question(detector: Any, prompt: str) -> None:
    with pytest.raises(InvalidValue, match="may hold none of"):
        detector.predict([picture(64, 64)], Ontology.of(prompt))


def test_what_is_no_box_is_passed_over() -> None:
    pieces = ("<loc0001>", "<loc0002>", " cat", " ; ", "<loc0000>", "<loc0000>", "<loc0512>", "<loc1023>", " dog")
    said = Said("", pieces, np.linspace(0.1, 0.9, 9, dtype=np.float32))
    (box,) = paligemma_boxes(said)
    assert (box.phrase, box.corners) == ("dog", (0, 0, 1023 / 1024, 0.5))
    assert box.confidence == pytest.approx((0.5 + 0.6 + 0.7 + 0.8) / 4)


def test_half_precision_speaks_too(folder: Path) -> None:
    model: Any = ocella.load("paligemma2-3b-mix-224", weights=folder, device="cpu")
    assert model._speaker.opened.dtype == torch.bfloat16
    (told,) = model.predict([picture(40, 60)], "What is this?", max_tokens=4)
    assert told.confidence > 0
