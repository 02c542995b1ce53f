"""Kosmos-2 on a small checkpoint, beside the library's own processor, generation and reading of boxes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.kosmos2 import CELLS, make
from tests.checkpoints.parts import picture
from tests.models.vlm_reference import auto, check_batch, check_says, count_looks, library_says
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.kosmos2.processing_kosmos2 import clean_text_and_extract_entities_with_bboxes

import ocella
from ocella.models.language.boxes import kosmos_boxes
from ocella.models.language.generate import Said
from ocella.types import Image, Ontology


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("kosmos")
    make(made, "kosmos-2-patch14-224")
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return ocella.load("kosmos-2-patch14-224", weights=folder, device="cpu")


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = tmp_path_factory.mktemp("kosmos-detect")
    name = "kosmos-2-patch14-224-detect"
    return ocella.load(name, device="cpu", **make(made, name))


def inputs_of(folder: Path, image: Image, prompt: str) -> tuple[dict[str, Any], Any]:
    words = transformers.AutoTokenizer.from_pretrained(folder)
    images = CLIPImageProcessorPil.from_pretrained(folder, size={"height": 64, "width": 64}, do_center_crop=False)
    processor = transformers.Kosmos2Processor(images, words, num_patch_index_tokens=CELLS**2)
    return dict(processor(images=image.pixels, text=prompt, num_image_tokens=8, return_tensors="pt")), words


@pytest.mark.parametrize("size_hw", [(64, 64), (100, 60), (40, 200)])
def test_words_are_the_librarys(folder: Path, model: Any, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    inputs, words = inputs_of(folder, image, "Question: What is this? Answer:")
    network, speaker = auto(folder, "Kosmos2ForConditionalGeneration"), model._speaker
    with torch.inference_mode():
        ours = speaker._inputs(speaker._see(image), "What is this?")
        theirs = network(**inputs).logits[0, -1]
        np.testing.assert_allclose(speaker.opened.network(**ours).logits[0, -1], theirs, atol=1e-4)
    for name in ("input_ids", "attention_mask", "image_embeds_position_mask"):
        assert ours[name].tolist() == inputs[name].tolist(), name
    seen = network.get_image_features(inputs["pixel_values"]).pooler_output
    given = {k: v for k, v in inputs.items() if k != "pixel_values"} | {"image_embeds": seen.detach()}
    check_says(model, image, "What is this?", library_says(network.text_model, given, words, new_only=False))


def test_batch_equals_singles(model: Any) -> None:
    check_batch(model, [picture(64, 64), picture(100, 60, 1), picture(30, 64, 2)])


@pytest.mark.parametrize("size_hw", [(64, 64), (128, 64), (50, 100)])
def test_boxes_are_those_that_the_library_reads(detector: Any, size_hw: tuple[int, int]) -> None:
    text = (
        "<grounding><phrase> cat</phrase><object><patch_index_0100><patch_index_0500></delimiter_of_multi_objects/>"
        "<patch_index_0007><patch_index_0012></object>"
    )
    _, ((_, _, expected),) = clean_text_and_extract_entities_with_bboxes(text)
    (found,) = detector.predict([picture(*size_hw)], Ontology.of("cat"))
    scale = np.array([size_hw[1], size_hw[0]] * 2)
    np.testing.assert_allclose(np.sort(found.xyxy, axis=0), np.sort(np.array(expected) * scale, axis=0), atol=1e-4)
    assert found.names == ["cat", "cat"]
    assert set(found.data["score_kind"]) == {"token-probability"}


def test_the_phrase_is_asked_for_as_the_library_does(folder: Path, detector: Any) -> None:
    image = picture(64, 64)
    inputs, _ = inputs_of(folder, image, "<grounding><phrase> red dog</phrase>")
    ((question, prompts),) = detector._encode(("red dog",))
    assert prompts == ("red dog",)
    speaker = detector._speaker
    with torch.inference_mode():
        assert speaker._inputs(speaker._see(image), question)["input_ids"].tolist() == inputs["input_ids"].tolist()


def test_the_image_is_read_once_for_all_prompts(detector: Any) -> None:
    seen = count_looks(detector._speaker)
    (found,) = detector.predict([picture(40, 60)], Ontology.of("cat", "dog", "hat"))
    assert len(seen) == 1
    assert set(found.names) == {"cat", "dog", "hat"}


def said(*pieces: str, cut_off: bool = False) -> Said:
    return Said("", pieces, np.full(len(pieces), 0.5, np.float32), cut_off)


def test_a_phrase_without_a_box_finds_nothing(detector: Any) -> None:
    dialect = detector._dialect
    chatter = said(" is", " sitting", "<patch_index_0001>", "<patch_index_0500>", cut_off=True)
    assert dialect.ended(chatter)
    assert dialect.read(chatter, ("cat",), (64, 64)) == []
    assert not dialect.ended(said("<object>", "<patch_index_0001>", cut_off=True))


@pytest.mark.parametrize(("first", "last"), [(0, 1023), (5, 5), (5, 9), (3, 35), (40, 999)])
def test_cells_are_read_as_the_library_does(first: int, last: int) -> None:
    text = f"<phrase> a</phrase><object><patch_index_{first:04d}><patch_index_{last:04d}></object>"
    _, ((_, _, expected),) = clean_text_and_extract_entities_with_bboxes(text)
    (box,) = kosmos_boxes(said("<object>", f"<patch_index_{first:04d}>", f"<patch_index_{last:04d}>"), "a", 32)
    np.testing.assert_allclose([box.corners], expected)
