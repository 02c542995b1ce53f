"""OneFormer on a small random checkpoint, beside the library's own pipeline."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.oneformer import NAMES, make
from tests.checkpoints.parts import picture
from transformers.models.oneformer.image_processing_pil_oneformer import OneFormerImageProcessorPil

import ocella
from ocella.models.zoo.oneformer import OneFormer

SIZES = [(48, 64), (200, 150), (30, 20), (97, 301)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-oneformer")
    make(made, "oneformer-ade20k-swin-tiny")
    return made


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> OneFormer:
    """Loads although its list of classes lies in another repository, which is not asked for."""
    model = ocella.load("oneformer", weights=folder, device="cpu", threads=1)
    assert isinstance(model, OneFormer)
    assert model.card.classes == tuple(NAMES.values())
    return model


@pytest.mark.parametrize("size_hw", SIZES)
def test_maps_are_the_librarys(folder: Path, segmenter: OneFormer, size_hw: tuple[int, int], tmp_path: Path) -> None:
    image = picture(*size_hw)
    things = {str(i): {"isthing": i % 2, "name": n} for i, n in NAMES.items()}
    (tmp_path / "classes.json").write_text(json.dumps(things), encoding="utf-8")
    images = OneFormerImageProcessorPil.from_pretrained(folder, class_info_file="classes.json", repo_path=str(tmp_path))
    processor = transformers.OneFormerProcessor(images, transformers.AutoTokenizer.from_pretrained(folder))
    network = transformers.OneFormerForUniversalSegmentation.from_pretrained(folder).eval()
    inputs = processor(images=image.pixels, task_inputs=["semantic"], return_tensors="pt")
    with torch.inference_mode():
        out = network(**{k: inputs[k] for k in ("pixel_values", "pixel_mask", "task_inputs")})
    theirs = processor.post_process_semantic_segmentation(out, target_sizes=[size_hw])[0].numpy()
    (found,) = segmenter.predict([image])
    assert np.array_equal(found.class_id, theirs)


def test_maps_say_several_things(segmenter: OneFormer) -> None:
    found = segmenter.predict([picture(*size_hw) for size_hw in SIZES])
    assert sum(len(np.unique(f.class_id)) > 1 for f in found) >= 2


def test_company_changes_nothing(segmenter: OneFormer) -> None:
    images = [picture(48, 64), picture(90, 70, 1), picture(48, 64, 2)]
    segmenter.batch = 3
    together = segmenter.predict(images)
    segmenter.batch = 1
    for one, image in zip(together, images, strict=True):
        assert (segmenter.predict([image])[0].class_id == one.class_id).mean() > 0.999


def test_a_line_of_pixels_has_a_map(segmenter: OneFormer) -> None:
    assert segmenter.predict([picture(1, 5000)])[0].class_id.shape == (1, 5000)
