"""LLaVA-1.5 on a small checkpoint, beside the library's own processor and generation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from tests.checkpoints.llava import make
from tests.checkpoints.parts import picture
from tests.models.vlm_reference import auto, check_batch, check_says, count_looks, first_scores, library_says
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

import ocella
from ocella.errors import Unreadable
from ocella.models.language.generate import Said
from ocella.models.zoo.llava import read
from ocella.types import Image, Ontology

SIZES = [(64, 64), (100, 60), (40, 200)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("llava")
    make(made, "llava-1.5-7b")
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return ocella.load("llava-1.5-7b", weights=folder, device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = tmp_path_factory.mktemp("llava-detect")
    return ocella.load("llava-1.5-7b-detect", device="cpu", **make(made, "llava-1.5-7b-detect"))


def inputs_of(folder: Path, image: Image, prompt: str) -> tuple[Any, Any]:
    words = transformers.AutoTokenizer.from_pretrained(folder)
    images = LlavaImageProcessorPil.from_pretrained(folder, do_pad=True)
    processor = transformers.LlavaProcessor(
        images, words, patch_size=16, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    return processor(images=image.pixels, text=f"USER: <image>\n{prompt} ASSISTANT:", return_tensors="pt"), words


@pytest.mark.parametrize("size_hw", SIZES)
def test_words_are_the_librarys(folder: Path, model: Any, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    inputs, words = inputs_of(folder, image, "What is this?")
    network = auto(folder, "LlavaForConditionalGeneration")
    speaker = model._speaker
    ours = speaker._inputs(speaker._see(image), "What is this?")
    np.testing.assert_allclose(
        first_scores(speaker.opened.network, ours).detach(), first_scores(network, inputs), atol=1e-4
    )
    check_says(model, image, "What is this?", library_says(network, inputs, words, new_only=False))


def test_batch_equals_singles(model: Any) -> None:
    check_batch(model, [picture(64, 64), picture(100, 60, 1), picture(30, 64, 2)])


def test_the_image_is_read_once_for_all_prompts(detector: Any) -> None:
    seen = count_looks(detector._speaker)
    detector.predict([picture(40, 60), picture(60, 40)], Ontology.of("cat", "dog", "hat"))
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("size_hw", "box"), [((60, 60), [15, 18, 45, 30]), ((40, 60), [15, 8, 45, 20]), ((60, 40), [5, 18, 35, 30])]
)
def test_boxes_are_of_the_image_and_not_of_the_square(detector: Any, size_hw: tuple[int, int], box: list[int]) -> None:
    (found,) = detector.predict([picture(*size_hw)], Ontology.of("cat"))
    np.testing.assert_allclose(found.xyxy, [box], atol=1e-4)
    assert found.names == ["cat"]
    assert 0.5 < found.confidence[0] < 1
    assert found.data["score_kind"].tolist() == ["token-probability"]


def said(text: str) -> Said:
    return Said(text, (text,), np.array([0.5], np.float32))


def test_an_answer_without_a_box_finds_nothing() -> None:
    assert read(said("There is none."), ("cat",), (40, 60)) == []


@pytest.mark.parametrize("text", ["[0.1, 0.2, 0.3", "[0.1, 0.2, 0.3]", "[0.1, 0.2, 0.3, 0.4] [0.5"])
def test_an_answer_that_is_cut_off_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"cut off or broken|four numbers|more than one"):
        read(said(text), ("cat",), (40, 60))


def test_half_precision_speaks_too(folder: Path) -> None:
    import torch

    model: Any = ocella.load("llava-1.5-7b", weights=folder, device="cpu")
    assert model._speaker.opened.dtype == torch.bfloat16
    (told,) = model.predict([picture(40, 60)], "What is this?", max_tokens=4)
    assert told.confidence > 0
