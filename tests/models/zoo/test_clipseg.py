"""CLIPSeg on a small random checkpoint, beside the library's own model and preparation."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.clipseg import make
from tests.checkpoints.parts import picture
from torch.nn.functional import interpolate

import ocella
from ocella.errors import InvalidValue
from ocella.models.prompt_table import PromptTable
from ocella.models.segmentation.class_map import best_prompt
from ocella.models.zoo.clipseg import Clipseg
from ocella.types import ClassDef, Ontology

SIZES = [(48, 64), (200, 150), (30, 20), (97, 301)]
PLACES = Ontology((ClassDef("pet", ("a cat", "red dog")), ClassDef("sky", negatives=("tree",)), ClassDef("grass")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-clipseg")
    make(made, "clipseg-rd64-refined")
    return made


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> Clipseg:
    model = ocella.load("clipseg", weights=folder, device="cpu", threads=1)
    assert isinstance(model, Clipseg)
    return model


@pytest.mark.parametrize("size_hw", SIZES)
def test_logits_and_maps_are_the_librarys(folder: Path, segmenter: Clipseg, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.CLIPSegForImageSegmentation.from_pretrained(folder).eval()
    texts = ["a cat", "red dog", "sky", "tree", "grass"]
    inputs = processor(text=texts, images=[image.pixels] * 5, padding=True, return_tensors="pt")
    with torch.inference_mode():
        logits = network(**inputs).logits
    table = PromptTable.of(PLACES)
    assert table.texts == tuple(texts)
    (ours,) = segmenter.look([image], segmenter._encode(texts))
    np.testing.assert_allclose(ours, logits, atol=1e-4)
    full = interpolate(logits[None], size_hw, mode="bilinear", align_corners=False)[0].sigmoid()
    for threshold in (0.0, 0.45, 0.6):
        pixels = full.reshape(5, -1).T.numpy()
        confidence, class_id = table.assign(pixels, table.floors(threshold))
        expected = np.where(confidence >= 0, class_id, -1).reshape(size_hw)
        (found,) = segmenter.predict([image], PLACES, threshold=threshold)
        assert found.classes == ("pet", "sky", "grass")
        assert (found.class_id == expected).mean() > 0.999, "pixels at a threshold up to rounding"
    (found,) = segmenter.predict([image], PLACES, threshold=0.45)
    assert len(np.unique(found.class_id)) > 1


def test_prompts_negatives_and_thresholds() -> None:
    logits = torch.tensor([[[2.0, -2, 0, 0]], [[1.0, 1, 1, -1]], [[0.0, 0, 3, -3]]])
    two = Ontology((ClassDef("a"), ClassDef("b", negatives=("c",), threshold=0.6)))
    table = PromptTable.of(two)
    assert best_prompt(logits, table, table.floors(0.3), (1, 4)).tolist() == [[0, 1, 0, 0]]
    assert best_prompt(logits, table, table.floors(0.7), (1, 4)).tolist() == [[0, 1, -1, -1]]


def test_an_image_and_a_text_are_encoded_once(segmenter: Clipseg) -> None:
    calls: list[str] = []
    parts = {"image": segmenter._opened.network.clip.vision_model, "text": segmenter._opened.network.clip.text_model}
    hooks = [part.register_forward_hook(lambda *_, name=name: calls.append(name)) for name, part in parts.items()]
    many = Ontology.of(*(f"thing {i}" for i in range(40)))
    segmenter.predict([picture(48, 64), picture(30, 40)], many)
    segmenter.predict([picture(48, 64)], many)
    for hook in hooks:
        hook.remove()
    assert sorted(calls) == ["image", "image", "image", "text"]


@pytest.mark.parametrize(
    ("ontology", "words"),
    [
        (None, "give classes"),
        (Ontology.of("!!"), "must have letters"),
        (Ontology.of("a very long description of a thing"), "at most 16 fit"),
    ],
)
def test_prompts_that_cannot_be(segmenter: Clipseg, ontology: Ontology | None, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        segmenter.predict([picture(48, 64)], ontology)
