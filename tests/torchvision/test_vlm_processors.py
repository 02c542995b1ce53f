"""Qwen-VL and SmolVLM2 beside their library's whole processors, which need torchvision for videos. Their images are
prepared by the library's PIL classes, because resizing with torchvision rounds some pixels otherwise.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.models.vlm_reference import auto, check_says, first_scores, library_says
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import DEFAULT_CHAT_TEMPLATE

import ocella
from ocella.types import Image

QWEN_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for c in m.content %}{% if c.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ c.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant{{ '\\n' }}"  # a bare line break at the end of a template is dropped
)
PROMPT = "What is this?"


def qwen(folder: Path, kind: str) -> Any:
    images = Qwen2VLImageProcessorPil.from_pretrained(folder)
    frames = getattr(transformers, "Qwen3VLVideoProcessor" if kind == "Qwen3VL" else "Qwen2VLVideoProcessor")()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    return getattr(transformers, f"{kind}Processor")(images, words, frames, chat_template=QWEN_TEMPLATE)


def smolvlm(folder: Path, kind: str) -> Any:
    images = Idefics3ImageProcessorPil.from_pretrained(folder)
    words = transformers.AutoTokenizer.from_pretrained(folder)
    frames = transformers.SmolVLMVideoProcessor()
    made = getattr(transformers, f"{kind}Processor")
    return made(images, words, frames, image_seq_len=4, chat_template=DEFAULT_CHAT_TEMPLATE)


MODELS = {
    "qwen3-vl-2b-instruct": ("qwen_vl", qwen, "Qwen3VL"),
    "qwen2.5-vl-3b-instruct": ("qwen_vl", qwen, "Qwen2_5_VL"),
    "smolvlm2-256m-video-instruct": ("smolvlm", smolvlm, "SmolVLM"),
}


def inputs_of(processor: Any, name: str, image: Image) -> Any:
    """What the library makes of a picture and a question."""
    content = [{"type": "image"}, {"type": "text", "text": PROMPT}]
    told: list[dict[str, Any]] = [{"role": "user", "content": content}]
    if name.startswith("qwen2.5"):
        told.insert(0, {"role": "system", "content": [{"type": "text", "text": "You are a helpful assistant."}]})
    text = processor.apply_chat_template(told, add_generation_prompt=True)
    return processor(text=[text], images=[image.pixels.copy()], return_tensors="pt")


@pytest.fixture(scope="module", params=MODELS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Any]:
    folder = tmp_path_factory.mktemp(request.param)
    options = import_module(f"tests.checkpoints.{MODELS[request.param][0]}").make(folder, request.param)
    return request.param, folder, ocella.load(request.param, device="cpu", threads=1, **options)


@pytest.mark.parametrize("size_hw", [(64, 64), (100, 60), (40, 200)])
def test_words_and_scores_are_the_processors(made: tuple[str, Path, Any], size_hw: tuple[int, int]) -> None:
    name, folder, model = made
    _, processor_of, kind = MODELS[name]
    image, processor, speaker = picture(*size_hw), processor_of(folder, kind), model._speaker
    inputs = inputs_of(processor, name, image)
    with torch.inference_mode():
        ours = speaker._inputs(speaker._see(image), PROMPT)
    assert ours["input_ids"].tolist() == inputs["input_ids"].tolist()
    np.testing.assert_allclose(ours["pixel_values"], inputs["pixel_values"], atol=1e-4)
    network = auto(folder, f"{kind}ForConditionalGeneration")
    np.testing.assert_allclose(first_scores(speaker.opened.network, ours), first_scores(network, inputs), atol=1e-4)
    said = library_says(network, inputs, processor.tokenizer, new_only=False)
    check_says(model, image, PROMPT, said)
