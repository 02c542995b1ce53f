"""SegFormer on a small random checkpoint, beside the library's own pipeline."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.segformer import make

import ocella
from ocella.errors import NoMatch, Refused
from ocella.models.zoo.segformer import Segformer
from ocella.types import Ontology

SIZES = [(48, 64), (200, 150), (30, 20)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-segformer")
    make(made, "segformer-b0-finetuned-ade-512-512")
    return made


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> Segformer:
    model = ocella.load("segformer", weights=folder, device="cpu", threads=1)
    assert isinstance(model, Segformer)
    assert model.card.classes == ("wall", "building", "sky", "tree"), "a place left free is no class"
    return model


@pytest.mark.parametrize("size_hw", SIZES)
def test_maps_are_the_librarys(folder: Path, segmenter: Segformer, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    network = transformers.SegformerForSemanticSegmentation.from_pretrained(folder).eval()
    with torch.inference_mode():
        out = network(**processor(image.pixels, return_tensors="pt"))
        out.logits[:, 3] = -1e4
    theirs = processor.post_process_semantic_segmentation(out, target_sizes=[size_hw])[0].numpy()
    (found,) = segmenter.predict([image])
    assert np.array_equal(np.array([0, 1, 2, 4])[found.class_id], theirs)
    assert len(np.unique(found.class_id)) > 1


def test_an_ontology_renames_and_leaves_out(segmenter: Segformer) -> None:
    image = picture(48, 64)
    (whole,) = segmenter.predict([image])
    kept = whole.classes[int(np.bincount(whole.class_id.ravel()).argmax())]
    (found,) = segmenter.predict([image], Ontology.of(kept))
    assert found.classes == (kept,)
    assert np.array_equal(found.class_id == 0, whole.class_id == whole.classes.index(kept))
    assert (found.class_id[whole.class_id != whole.classes.index(kept)] == -1).all()
    with pytest.raises(NoMatch):
        segmenter.predict([image], Ontology.of("zxqv gadget"))


def test_a_checkpoint_that_a_person_brings_has_its_own_names(folder: Path) -> None:
    brought = ocella.load(folder, device="cpu", threads=1)
    assert isinstance(brought, Segformer)
    assert brought.card.classes == ("wall", "building", "sky", "tree")


def test_weights_that_may_not_be_sold_are_not_loaded_for_that(folder: Path) -> None:
    with pytest.raises(Refused, match="non-commercial"):
        ocella.load("segformer", weights=folder, device="cpu", license="commercial")
