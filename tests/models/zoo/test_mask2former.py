"""Mask2Former on small random checkpoints, beside the library's own pipeline."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.mask2former import NAMES, make
from tests.checkpoints.parts import picture

import ocella
from ocella.models.zoo.mask2former import Mask2FormerInstances, Mask2FormerMap
from ocella.ops.masks import boxes_of
from ocella.types import Image, Ontology

SIZES = [(48, 64), (200, 150), (30, 20), (97, 301)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {n: tmp_path_factory.mktemp(n) for n in ("coco-instance", "ade-semantic")}
    for name, folder in made.items():
        make(folder, f"mask2former-swin-tiny-{name}")
    return made


@pytest.fixture(scope="module")
def instances(folders: dict[str, Path]) -> Mask2FormerInstances:
    model = ocella.load("mask2former", weights=folders["coco-instance"], device="cpu", threads=1)
    assert isinstance(model, Mask2FormerInstances)
    return model


@pytest.fixture(scope="module")
def mapper(folders: dict[str, Path]) -> Mask2FormerMap:
    model = ocella.load("mask2former-semantic", weights=folders["ade-semantic"], device="cpu", threads=1)
    assert isinstance(model, Mask2FormerMap)
    return model


def library(folder: Path, image: Image) -> tuple[Any, Any]:
    """The library's preparation, and what its network says."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    network = transformers.Mask2FormerForUniversalSegmentation.from_pretrained(folder).eval()
    with torch.inference_mode():
        return processor, network(**processor(image.pixels, return_tensors="pt"))


@pytest.mark.parametrize("size_hw", SIZES)
def test_instances_are_the_librarys(
    folders: dict[str, Path], instances: Mask2FormerInstances, size_hw: tuple[int, int]
) -> None:
    image = picture(*size_hw)
    processor, out = library(folders["coco-instance"], image)
    theirs = processor.post_process_instance_segmentation(
        out, threshold=0.05, target_sizes=[size_hw], return_binary_maps=True
    )[0]
    (found,) = instances.predict([image], threshold=0.05)
    assert found.masks is not None
    info = sorted(theirs["segments_info"], key=lambda s: -s["score"])
    assert len(found) == len(info) > 1
    np.testing.assert_allclose(found.confidence, [s["score"] for s in info], atol=1e-4)
    assert np.array_equal(found.xyxy, boxes_of(found.masks))
    ours = {(n, m.tobytes()) for n, m in zip(found.names, found.masks.dense(), strict=True)}
    assert ours == {(NAMES[s["label_id"]], (theirs["segmentation"][s["id"]] > 0).numpy().tobytes()) for s in info}


@pytest.mark.parametrize("size_hw", SIZES)
def test_maps_are_the_librarys(folders: dict[str, Path], mapper: Mask2FormerMap, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor, out = library(folders["ade-semantic"], image)
    theirs = processor.post_process_semantic_segmentation(out, target_sizes=[size_hw])[0].numpy()
    (found,) = mapper.predict([image])
    assert np.array_equal(found.class_id, theirs)
    assert len(np.unique(theirs)) > 1


def test_company_changes_nothing(instances: Mask2FormerInstances, mapper: Mask2FormerMap) -> None:
    images = [picture(48, 64), picture(90, 70, 1), picture(48, 64, 2)]
    instances.batch = mapper.batch = 3
    objects, maps = instances.predict(images, threshold=0.05), mapper.predict(images)
    instances.batch = mapper.batch = 1
    for found, image in zip(objects, images, strict=True):
        (alone,) = instances.predict([image], threshold=0.05)
        assert found.names == alone.names
        np.testing.assert_allclose(found.confidence, alone.confidence, atol=1e-4)
    for one, image in zip(maps, images, strict=True):
        assert (mapper.predict([image])[0].class_id == one.class_id).mean() > 0.999


def test_an_ontology_keeps_its_classes(instances: Mask2FormerInstances) -> None:
    image = picture(200, 150)
    (everything,) = instances.predict([image], threshold=0.05)
    (people,) = instances.predict([image], Ontology.of("dog", "person"), threshold=0.05)
    assert people.classes == ("dog", "person")
    assert sorted(people.names) == sorted(n for n in everything.names if n in ("dog", "person"))
    assert people.masks is not None
    assert len(people.masks) == len(people)


def test_a_line_of_pixels_has_a_map(mapper: Mask2FormerMap) -> None:
    assert mapper.predict([picture(1, 5000)])[0].class_id.shape == (1, 5000)
