"""EoMT on small random checkpoints, beside the library's own pipeline."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.eomt import NAMES, make
from tests.checkpoints.parts import picture

import ocella
from ocella.models.checkpoints.class_lists import class_list
from ocella.models.zoo.eomt import EomtInstances, EomtMap, EomtSegments
from ocella.types import Detections, Image

SIZES = [(48, 64), (200, 150), (30, 20), (97, 301)]
CARDS = ("ade20k-semantic-eomt-large-512", "coco-instance-eomt-large-640", "coco-panoptic-eomt-large-640")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {n: tmp_path_factory.mktemp(n) for n in CARDS}
    for name, folder in made.items():
        make(folder, name)
    return made


@pytest.fixture(scope="module")
def models(folders: dict[str, Path]) -> dict[str, Any]:
    loaded = {n: ocella.load(n, weights=f, device="cpu", threads=1) for n, f in folders.items()}
    assert [type(m) for m in loaded.values()] == [EomtMap, EomtInstances, EomtSegments]
    return loaded


def library(folder: Path, image: Image) -> tuple[Any, Any]:
    """The library's preparation, and what its network says."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    network = transformers.EomtForUniversalSegmentation.from_pretrained(folder).eval()
    with torch.inference_mode():
        return processor, network(**processor(image.pixels, return_tensors="pt"))


@pytest.mark.parametrize("size_hw", SIZES)
def test_maps_are_the_librarys(folders: dict[str, Path], models: dict[str, Any], size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor, out = library(folders[CARDS[0]], image)
    theirs = processor.post_process_semantic_segmentation(out, target_sizes=[size_hw])[0].numpy()
    (found,) = models[CARDS[0]].predict([image])
    assert np.array_equal(found.class_id, theirs)
    assert len(np.unique(theirs)) > 1


def rows(found: Detections) -> set[tuple[str, bytes]]:
    """Name and mask of each object."""
    assert found.masks is not None
    return {(n, m.tobytes()) for n, m in zip(found.names, found.masks.dense(), strict=True)}


@pytest.mark.parametrize("size_hw", SIZES)
def test_instances_are_the_librarys(folders: dict[str, Path], models: dict[str, Any], size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor, out = library(folders[CARDS[1]], image)
    everything = processor.post_process_instance_segmentation(out, target_sizes=[size_hw], threshold=0.3)[0]
    info = sorted(everything["segments_info"], key=lambda s: -s["score"])
    (found,) = models[CARDS[1]].predict([image], threshold=0.3)
    assert len(found) == len(info) > 1
    np.testing.assert_allclose(found.confidence, [s["score"] for s in info], atol=1e-4)
    assert sorted(found.names) == sorted(NAMES[s["label_id"]] for s in info)
    top = everything["segmentation"] == max(s["id"] for s in info)  # the last is drawn over the others
    assert top.numpy().tobytes() in {mask for _, mask in rows(found)}


@pytest.mark.parametrize("size_hw", SIZES)
def test_segments_are_the_librarys(folders: dict[str, Path], models: dict[str, Any], size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor, out = library(folders[CARDS[2]], image)
    theirs = processor.post_process_panoptic_segmentation(out, target_sizes=[size_hw], stuff_classes=[2])[0]
    (found,) = models[CARDS[2]].predict([image])
    info, drawn = theirs["segments_info"], theirs["segmentation"]
    assert len(found) == len(info) > 0
    assert rows(found) == {(NAMES[s["label_id"]], (drawn == s["id"]).numpy().tobytes()) for s in info}
    np.testing.assert_allclose(found.confidence, sorted((s["score"] for s in info), reverse=True), atol=1e-4)
    assert found.masks is not None
    assert found.masks.dense().sum(axis=0).max() <= 1, "no two segments overlap"


def test_a_published_checkpoint_without_names_gets_those_of_its_data(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = folders[CARDS[1]]
    config = transformers.EomtConfig.from_pretrained(folder)
    config.num_labels = 80
    transformers.EomtForUniversalSegmentation(config).save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text((folder / "preprocessor_config.json").read_text())
    assert json.loads((tmp_path / "config.json").read_text())["id2label"]["7"] == "LABEL_7"
    named = ocella.load(CARDS[1], weights=tmp_path, device="cpu", threads=1)
    assert named.card.classes == class_list("coco")
    brought = ocella.load(tmp_path, task="detect", device="cpu", threads=1)
    assert brought.card.classes[7] == "LABEL_7", "what a person brings is not renamed"


def test_lists_are_as_long_as_their_data_sets() -> None:
    for name, length in (("coco", 80), ("coco-panoptic", 133), ("ade20k", 150)):
        assert len(set(class_list(name))) == length


@pytest.mark.parametrize("name", CARDS)
def test_a_line_of_pixels_is_looked_at(models: dict[str, Any], name: str) -> None:
    (found,) = models[name].predict([picture(1, 5000)])
    assert found.classes == tuple(NAMES.values())
