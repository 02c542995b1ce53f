"""SmolVLM on a small random checkpoint, beside the library's own processor and generation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.smolvlm import make
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import DEFAULT_CHAT_TEMPLATE

import ocella
from ocella.errors import InvalidValue
from ocella.models.language.generate import Asked
from ocella.models.language.speaker import SpokenAnswers
from ocella.types import Image

NAMES = ("smolvlm2-256m-video-instruct", "smolvlm-256m-instruct")
SIZES = [(64, 64), (100, 60), (40, 300)]


@pytest.fixture(scope="module", params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(request.param)
    make(made, request.param)
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> SpokenAnswers:
    name = next(n for n in NAMES if folder.name.startswith(n))
    loaded = ocella.load(name, weights=folder, device="cpu")
    assert isinstance(loaded, SpokenAnswers)
    return loaded


def reference(folder: Path, image: Image, prompt: str) -> tuple[Any, Any, str, Any]:
    """Inputs, first scores, text and probabilities by the library alone."""
    words = transformers.AutoTokenizer.from_pretrained(folder)
    processor = transformers.Idefics3Processor(
        Idefics3ImageProcessorPil.from_pretrained(folder), words, image_seq_len=4, chat_template=DEFAULT_CHAT_TEMPLATE
    )
    content = [{"type": "image"}, {"type": "text", "text": prompt}]
    told = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    inputs = processor(text=told, images=[image.pixels], return_tensors="pt")
    network = transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()
    with torch.inference_mode():
        out = network.generate(
            **inputs, max_new_tokens=8, do_sample=False, return_dict_in_generate=True, output_logits=True
        )
    new = out.sequences[0, inputs["input_ids"].shape[1] :]
    sure = [float(step[0].softmax(-1)[token]) for step, token in zip(out.logits, new, strict=True)]
    return inputs, out.logits[0][0], words.decode(new, skip_special_tokens=True).strip(), sure


@pytest.mark.parametrize("size_hw", SIZES)
def test_words_are_the_librarys(folder: Path, model: SpokenAnswers, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    inputs, first, text, sure = reference(folder, image, "What is this?")
    speaker: Any = model._speaker
    with torch.inference_mode():
        ours = speaker._inputs(speaker._see(image), "What is this?")
        assert ours["input_ids"].tolist() == inputs["input_ids"].tolist()
        np.testing.assert_allclose(ours["pixel_values"], inputs["pixel_values"], atol=1e-5)
        logits = speaker.opened.network(**ours).logits[0, -1]
    np.testing.assert_allclose(logits, first, atol=1e-4)
    (told,) = model.predict([image], "What is this?", max_tokens=8)
    assert told.text == text
    assert told.confidence == pytest.approx(float(np.mean(sure)), abs=1e-4)
    assert told.score_kind == "token-probability"


def test_batch_equals_singles(model: SpokenAnswers) -> None:
    images = [picture(64, 64), picture(100, 60, 1), picture(64, 64, 2), picture(64, 64, 3)]
    singles = [model.predict([i], "What is this?", max_tokens=8)[0] for i in images]
    model._speaker.batch = 4
    together = model.predict(images, "What is this?", max_tokens=8)
    model._speaker.batch = 1
    assert [a.text for a in together] == [a.text for a in singles]
    assert [a.confidence for a in together] == pytest.approx([a.confidence for a in singles], abs=1e-4)


@pytest.mark.parametrize(
    ("prompt", "options", "words"),
    [
        ("  ", {}, "The prompt is empty"),
        ("What?", {"max_token": 4}, "has no option 'max_token'. Options of an answer: max_tokens, temperature"),
        ("What?", {"max_tokens": 0}, "max_tokens must be a whole number of at least 1, got 0"),
        ("What?", {"temperature": 3}, "temperature must be within 0..2, got 3"),
    ],
)
def test_what_cannot_be_asked(model: SpokenAnswers, prompt: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        model.predict([picture(30, 30)], prompt, **options)


def test_a_temperature_draws_words_and_a_seed_repeats_them(model: SpokenAnswers) -> None:
    image = picture(64, 64)
    draws = [model.predict([image], "What?", max_tokens=8, temperature=2, seed=seed)[0].text for seed in (1, 1, 2, 3)]
    assert draws[0] == draws[1]
    assert len(set(draws)) > 1


def test_json_is_asked_for_in_words() -> None:
    assert Asked(json=True).worded("What?") == "What?\nAnswer with JSON and nothing else."
    form = Asked(schema={"type": "object"}).worded("What?")
    assert form == 'What?\nAnswer with JSON of this schema and nothing else: {"type": "object"}'
    assert Asked().worded("What?") == "What?"


def test_the_wish_for_json_is_not_part_of_the_prompt_that_is_kept(model: SpokenAnswers) -> None:
    plain, wished = (model.predict([picture(20, 20)], "What?", max_tokens=4, json=j)[0] for j in (False, True))
    assert plain.prompt == wished.prompt == "What?"
    assert plain.confidence != wished.confidence


def test_a_brought_checkpoint_opens(folder: Path) -> None:
    opened = ocella.load(folder, device="cpu")
    assert isinstance(opened, SpokenAnswers)
    assert opened.card.checkpoint == f"folder {folder.name}"
