"""BLIP on small checkpoints, beside the library's own processor and generation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.blip import make
from tests.checkpoints.parts import picture
from tests.models.vlm_reference import auto, check_batch
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

import ocella

NAMES = {
    "blip-vqa-base": "BlipForQuestionAnswering",
    "blip-image-captioning-base": "BlipForConditionalGeneration",
}


@pytest.fixture(scope="module", params=NAMES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Any]:
    folder = tmp_path_factory.mktemp(request.param)
    options = make(folder, request.param)
    return request.param, folder, ocella.load(request.param, device="cpu", **options)


def library(name: str, folder: Path, image: Any, prompt: str) -> tuple[str, float]:
    """What the library says after the prompt, and the mean probability of it."""
    words = transformers.AutoTokenizer.from_pretrained(folder)
    processor = transformers.BlipProcessor(BlipImageProcessorPil.from_pretrained(folder), words)
    inputs = processor(images=image.pixels, text=prompt, return_tensors="pt")
    network = auto(folder, NAMES[name])
    out = network.generate(**inputs, max_new_tokens=8, return_dict_in_generate=True, output_logits=True)
    new = out.sequences[0, -len(out.logits) :]
    sure = [float(step[0].softmax(-1)[token]) for step, token in zip(out.logits, new, strict=True)]
    return words.decode(new, skip_special_tokens=True).strip(), float(np.mean(sure))


@pytest.mark.parametrize("size_hw", [(64, 64), (100, 60), (40, 200)])
def test_words_are_the_librarys(made: tuple[str, Path, Any], size_hw: tuple[int, int]) -> None:
    name, folder, model = made
    image = picture(*size_hw)
    prompt = "what is this ?" if "vqa" in name else "a photo of"
    with torch.inference_mode():
        text, sure = library(name, folder, image, prompt)
    (told,) = model.predict([image], prompt, max_tokens=8)
    assert told.text == text
    assert told.confidence == pytest.approx(sure, abs=1e-4)


def test_a_question_is_no_beginning_of_a_caption(made: tuple[str, Path, Any]) -> None:
    name, _, model = made
    if "vqa" in name:
        return
    image = picture(64, 64)
    asked, told, begun = (
        model.predict([image], p, max_tokens=8)[0] for p in ("What is it?", "Describe this image.", "a photo of")
    )
    assert asked.confidence == told.confidence != begun.confidence


def test_batch_equals_singles(made: tuple[str, Path, Any]) -> None:
    check_batch(made[2], [picture(64, 64), picture(100, 60, 1), picture(30, 64, 2)])
