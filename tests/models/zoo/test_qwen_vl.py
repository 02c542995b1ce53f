"""Qwen-VL on small checkpoints, beside the library's own generation; its processor needs torchvision, so its parts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.qwen_vl import make
from tests.models.vlm_reference import auto, check_batch, check_says, first_scores, library_says
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil, smart_resize

import ocella
from ocella.errors import Unreadable
from ocella.models.language.boxes import json_boxes
from ocella.models.zoo.qwen_vl import fitted_hw
from ocella.types import Image, Ontology

NETWORKS = {
    "qwen3-vl-2b-instruct": "Qwen3VLForConditionalGeneration",
    "qwen2.5-vl-3b-instruct": "Qwen2_5_VLForConditionalGeneration",
}
PETS = Ontology.of("cat", "red dog")


@pytest.fixture(scope="module", params=NETWORKS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Any]:
    folder = tmp_path_factory.mktemp("qwen")
    options = make(folder, request.param)
    return request.param, folder, ocella.load(request.param, device="cpu", **options)


@pytest.fixture(scope="module", params=["qwen3-vl-2b-instruct-detect", "qwen2.5-vl-7b-instruct-detect"])
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("qwen-detect")
    return ocella.load(request.param, device="cpu", **make(folder, request.param))


def inputs_of(name: str, folder: Path, image: Image, prompt: str) -> tuple[Any, Any]:
    """By the library's tokenizer, image processor and the text that the published chat template gives."""
    words = transformers.AutoTokenizer.from_pretrained(folder)
    seen = Qwen2VLImageProcessorPil.from_pretrained(folder)(image.pixels, return_tensors="pt")
    system = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n" if name.startswith("qwen2.5") else ""
    places = "<|image_pad|>" * (int(seen["image_grid_thw"].prod()) // 4)
    user = f"<|im_start|>user\n<|vision_start|>{places}<|vision_end|>{prompt}<|im_end|>\n<|im_start|>assistant\n"
    text = words(system + user, return_tensors="pt")
    kinds = (text["input_ids"] == words.convert_tokens_to_ids("<|image_pad|>")).int()
    return {**text, **seen, "mm_token_type_ids": kinds}, words


@pytest.mark.parametrize("size_hw", [(64, 64), (100, 60), (40, 300)])
def test_words_are_the_librarys(made: tuple[str, Path, Any], size_hw: tuple[int, int]) -> None:
    name, folder, model = made
    image = picture(*size_hw)
    inputs, words = inputs_of(name, folder, image, "What is this?")
    network, speaker = auto(folder, NETWORKS[name]), model._speaker
    with torch.inference_mode():
        ours = speaker._inputs(speaker._see(image), "What is this?")
    assert ours["input_ids"].tolist() == inputs["input_ids"].tolist()
    np.testing.assert_allclose(first_scores(speaker.opened.network, ours), first_scores(network, inputs), atol=1e-4)
    check_says(model, image, "What is this?", library_says(network, inputs, words, new_only=False))


def test_batch_equals_singles(made: tuple[str, Path, Any]) -> None:
    check_batch(made[2], [picture(64, 64), picture(100, 60, 1), picture(64, 64, 2)])


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 300), (500, 2), (48, 64), (480, 640), (3000, 4000), (33, 1000)])
@pytest.mark.parametrize(("cell", "least", "most"), [(32, 65536, 1310720), (28, 3136, 1003520)])
def test_the_size_shown_is_the_librarys(size_hw: tuple[int, int], cell: int, least: int, most: int) -> None:
    height, width = size_hw
    if max(size_hw) > 200 * min(size_hw):
        height, width = (2 * s if s == min(size_hw) else s for s in size_hw)
    expected = smart_resize(height, width, factor=cell, min_pixels=least, max_pixels=most)
    assert fitted_hw(size_hw, cell, {"shortest_edge": least, "longest_edge": most}) == tuple(expected)


def test_boxes_are_of_the_image(detector: Any) -> None:
    images = [picture(80, 60), picture(60, 90, 1)]
    for image, found in zip(images, detector.predict(images, PETS), strict=True):
        if detector.card.system == "Qwen3-VL":
            expected, name = np.array([0.1, 0.2, 0.5, 0.75]), "cat"
        else:
            height, width = smart_resize(*image.size_hw, factor=28, min_pixels=32 * 32, max_pixels=96 * 96)
            expected, name = np.array([14 / width, 28 / height, 56 / width, 42 / height]), "red dog"
        scale = np.array([image.width, image.height] * 2)
        np.testing.assert_allclose(found.xyxy, [np.minimum(expected, 1) * scale], atol=1e-3)
        assert found.names == [name]
        assert found.data["score_kind"].tolist() == ["token-probability"]


def test_all_prompts_go_in_one_question(detector: Any) -> None:
    ((question, prompts),) = detector._encode(("cat", "red dog"))
    assert "cat, red dog" in question
    assert prompts == ("cat", "red dog")


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("There are no cats.", []),
        ("[]", []),
        ('```json\n[{"bbox_2d": [0, 10, 500, 1000], "label": "cat"}]\n```', [("cat", (0, 0.01, 0.5, 1))]),
        ('{"bbox_2d": [0, 10, 500, 1000], "label": "cat"}', [("cat", (0, 0.01, 0.5, 1))]),
    ],
)
def test_json_is_read(text: str, boxes: list[Any]) -> None:
    assert [(b.phrase, b.corners) for b in json_boxes(text, (1000, 1000), 0.5)] == boxes


@pytest.mark.parametrize(
    "text",
    [
        '[{"bbox_2d": [0, 10, 500, 1000], "label": "cat"}, {"bbox_2d": [1',
        '[{"bbox_2d": [0, 10, 500], "label": "cat"}]',
        '[{"bbox_2d": [0, 10, 500, 1e9], "label": "cat"}]',
        '[{"bbox_2d": "none", "label": "cat"}]',
        '[{"bbox_2d": [0, 1, 2, 3], "label": "cat", "label": "dog"}]',
        '[{"bbox_2d": [0, 1, 2, 3], "label": "cat"}] [{"bbox_2d": [',
        '["cat"]',
    ],
)
def test_half_an_answer_is_no_answer(text: str) -> None:
    with pytest.raises(Unreadable, match=r"cut off or broken|four numbers|more than one"):
        json_boxes(text, (1000, 1000), 0.5)


def test_half_precision_speaks_too(made: tuple[str, Path, Any]) -> None:
    name, folder, _ = made
    model: Any = ocella.load(name, weights=folder, device="cpu")
    assert model._speaker.opened.dtype == torch.bfloat16
    (told,) = model.predict([picture(40, 60)], "What is this?", max_tokens=4)
    assert told.confidence > 0
