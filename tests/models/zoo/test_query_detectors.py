"""DETR, RT-DETR, D-FINE and RF-DETR on small random checkpoints, beside their library's own pipelines."""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.query_detectors import LABELS

import ocella
from ocella.errors import Mismatch, MissingExtra, NoMatch
from ocella.models.detection.detr_family import QueryDetector
from ocella.models.detection.detr_prepare import prepare_unblurred
from ocella.models.entry import zoo
from ocella.ops.boxes import area, clip
from ocella.ops.nms import nms
from ocella.types import ClassDef, Detections, Image, Ontology

NETWORKS = {
    "detr-resnet-50": ("detr", "DetrForObjectDetection", "DetrImageProcessorPil"),
    "rt-detr-v2-r18vd": ("rt_detr", "RTDetrV2ForObjectDetection", "RTDetrImageProcessorPil"),
    "rt-detr-r18vd": ("rt_detr", "RTDetrForObjectDetection", "RTDetrImageProcessorPil"),
    "dfine-nano-coco": ("d_fine", "DFineForObjectDetection", "RTDetrImageProcessorPil"),
    "rf-detr-nano": ("rf_detr", "RfDetrForObjectDetection", ""),
}
every_card = pytest.mark.parametrize("name", NETWORKS)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    made = {name: tmp_path_factory.mktemp(name) for name in (*NETWORKS, "rf-detr-seg-nano")}
    for name, folder in made.items():
        module = NETWORKS.get(name, ("rf_detr",))[0]
        import_module(f"tests.checkpoints.{module}").make(folder, name)
    return made


def load(name: str, folder: Path, **options: Any) -> QueryDetector:
    model = ocella.load(name, weights=folder, device="cpu", threads=1, **options)
    assert isinstance(model, QueryDetector)
    return model


def librarys(name: str, folder: Path, image: Image) -> dict[str, npt.NDArray[Any]]:
    """Boxes, scores and labels of the library's processor, network and post-processing, at threshold 0."""
    _, kind, processor = NETWORKS[name]
    network = getattr(transformers, kind).from_pretrained(folder).eval()
    if processor:
        images = getattr(transformers, processor).from_pretrained(folder)
        pixels, more = images(image.pixels, return_tensors="pt")["pixel_values"], {}
    else:  # its processor needs torchvision: the whole of it is compared in the environment that has it
        images, more = transformers.DeformableDetrImageProcessorPil(), {"top_k": network.config.num_queries}
        settings = {"size": {"height": 64, "width": 64}}
        pixels = torch.from_numpy(prepare_unblurred(image.pixels, settings))[None]
    with torch.inference_mode():
        out = network(pixel_values=pixels)
        found = images.post_process_object_detection(out, threshold=0.0, target_sizes=[image.size_hw], **more)[0]
    return {key: tensor.numpy() for key, tensor in found.items()}


def is_in(found: Detections, theirs: dict[str, npt.NDArray[Any]], size_hw: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Whether each row of the library's that is in the image is found, and which of ours are the library's."""
    names = np.array([LABELS[int(i)] for i in theirs["labels"]])
    boxes = clip(theirs["boxes"], size_hw)
    rows = (area(boxes) > 0) & (names != "N/A")
    same = (
        (np.abs(boxes[rows][:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * max(size_hw))
        & (np.abs(theirs["scores"][rows][:, None] - found.confidence[None]) < 1e-4)
        & (names[rows][:, None] == np.array(found.names)[None])
    )
    assert same.any(axis=1).all(), "all that the library finds is found"
    return np.asarray(same.any(axis=0))


@every_card
@pytest.mark.parametrize("size_hw", [(48, 64), (150, 90), (30, 200)])
def test_boxes_and_scores_are_the_librarys(folders: Mapping[str, Path], name: str, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    theirs = librarys(name, folders[name], image)
    (found,) = load(name, folders[name]).predict([image], threshold=0)
    assert len(found) >= 5
    matched = is_in(found, theirs, size_hw)
    least = theirs["scores"].min() if "resnet" not in name else 1.0
    assert (found.confidence[~matched] <= least + 1e-4).all(), "free places took the library's rows"


@every_card
def test_without_free_places_it_is_the_same_list(folders: Mapping[str, Path], name: str, tmp_path: Path) -> None:
    for file in folders[name].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"] = {i: f"thing {i}" for i in LABELS}
    (tmp_path / "config.json").write_text(json.dumps(config))
    image = picture(48, 64)
    theirs = librarys(name, tmp_path, image)
    (found,) = load(name, tmp_path).predict([image], threshold=0)
    inside = area(clip(theirs["boxes"], (48, 64))) > 0
    assert found.class_id.tolist() == theirs["labels"][inside].tolist()
    np.testing.assert_allclose(found.confidence, theirs["scores"][inside], atol=1e-4)
    np.testing.assert_allclose(found.xyxy, clip(theirs["boxes"][inside], (48, 64)), atol=64e-4)


@every_card
def test_free_places_are_no_classes_and_words_are_matched(folders: Mapping[str, Path], name: str) -> None:
    model = load(name, folders[name])
    assert model.classes == ("person", "cat", "dog", "red car")
    image = picture(48, 64)
    (own,) = model.predict([image], threshold=0.05)
    asked = Ontology((ClassDef("animal", ("dog", "kitten")), ClassDef("human", ("man",), threshold=1.0)))
    (found,) = model.predict([image], asked, threshold=0.05)
    assert found.classes == ("animal", "human")
    rows = own[np.array([n in ("dog", "cat") for n in own.names], bool)]
    assert len(found) == len(nms(rows.xyxy, rows.confidence))  # two known classes became one, so boxes on each other do
    with pytest.raises(NoMatch, match="no image was touched"):
        model.predict([], Ontology.of("zxqv gadget"))


@every_card
def test_batch_equals_singles(folders: Mapping[str, Path], name: str) -> None:
    model = load(name, folders[name], batch=3)
    images = [picture(48, 64), picture(96, 128, 1), picture(64, 64, 2), picture(48, 64, 3)]
    for one, many in zip(
        [model.predict([i], threshold=0)[0] for i in images], model.predict(images, threshold=0), strict=True
    ):
        np.testing.assert_allclose(many.xyxy, one.xyxy, atol=5e-3)
        np.testing.assert_allclose(many.confidence, one.confidence, atol=1e-4)
        assert many.class_id.tolist() == one.class_id.tolist()


def test_outlines_are_the_networks_grown_to_the_image(folders: Mapping[str, Path]) -> None:
    image, folder = picture(90, 50), folders["rf-detr-seg-nano"]
    model = load("rf-detr-seg-nano", folder)
    network = transformers.RfDetrForInstanceSegmentation.from_pretrained(folder).eval()
    settings = {"size": {"height": 64, "width": 64}}
    with torch.inference_mode():
        out = network(pixel_values=torch.from_numpy(prepare_unblurred(image.pixels, settings))[None])
    grown = torch.nn.functional.interpolate(out.pred_masks, size=(90, 50), mode="bilinear", align_corners=False)[0] > 0
    (found,) = model.predict([image], threshold=0)
    assert found.masks is not None
    assert found.masks.size_hw == (90, 50)
    assert len(found) >= 5
    scores = out.logits[0].sigmoid().numpy()
    for i, name in enumerate(found.names):
        label = next(n for n, known in LABELS.items() if known == name)
        query = np.abs(scores[:, label] - found.confidence[i]).argmin()
        assert (found.masks[i].dense()[0] == grown[query].numpy()).mean() > 0.999
    (few,) = model.predict([image], Ontology.of("person"), threshold=0)
    assert few.masks is not None
    assert few.masks.area.tolist() == found.masks[np.array(found.names) == "person"].area.tolist()


def test_a_brought_checkpoint_is_opened_by_its_architecture(folders: Mapping[str, Path]) -> None:
    for name, folder in folders.items():
        model = ocella.load(folder, device="cpu")
        assert model.card.system == zoo.get(name).card.system
        assert model.card.name == folder.name
        assert not model.card.commercial_use
        assert model.card.classes == ("person", "cat", "dog", "red car")


def test_a_checkpoint_of_another_kind_is_refused(folders: Mapping[str, Path]) -> None:
    with pytest.raises(Mismatch, match=r"must hold a checkpoint of the type detr, but holds one of rf_detr"):
        load("detr-resnet-50", folders["rf-detr-nano"])


def test_a_backbone_of_timm_asks_for_the_extra(folders: Mapping[str, Path], tmp_path: Path) -> None:
    for file in folders["detr-resnet-50"].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"use_timm_backbone": True, "backbone": "resnet50", "backbone_config": None}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(MissingExtra, match=r"backbone of this checkpoint needs the extra 'timm'"):
        load("detr-resnet-50", tmp_path)
