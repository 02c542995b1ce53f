"""MM-Grounding-DINO on small random checkpoints, beside the library's own preparation and post-processing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.mm_grounding_dino import make
from tests.checkpoints.parts import picture

import ocella
from ocella.models.detection.grounding_detection import GroundingDetector
from ocella.models.entry import LoadOptions
from ocella.models.zoo.mm_grounding_dino import UNITS
from ocella.ops.boxes import clip
from ocella.ops.iou import iou
from ocella.types import ClassDef, Image, Ontology

NAMES = ("mm-grounding-dino-tiny-o365v1-goldg-v3det", "mm-grounding-dino-large-o365v2-oiv6-goldg")
PETS = Ontology((ClassDef("cat", ("a cat", "Red cat")), ClassDef("dog")))


@pytest.fixture(scope="module", params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(request.param)
    make(made, request.param)
    return made


@pytest.fixture(scope="module")
def detector(folder: Path) -> GroundingDetector:
    model = ocella.load("mm-grounding-dino-tiny", weights=folder, device="cpu")
    assert isinstance(model, GroundingDetector)
    return model


def reference(folder: Path, image: Image, texts: list[str]) -> tuple[Any, Any]:
    """Boxes of all queries in pixels and their scores for each text, by the library alone."""
    processor = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.MMGroundingDinoForObjectDetection.from_pretrained(folder).eval()
    inputs = processor(images=image.pixels, text=[texts], return_tensors="pt")
    with torch.inference_mode():
        outputs = network(**inputs)
        found = processor.post_process_grounded_object_detection(
            outputs, inputs["input_ids"], threshold=-1.0, target_sizes=[image.size_hw]
        )[0]
    tokens = outputs.logits[0].sigmoid().numpy()
    ids = inputs["input_ids"][0].tolist()
    owner = np.cumsum([i == 1012 for i in ids])
    inner = ~np.isin(ids, [101, 102, 1012])
    columns = [np.flatnonzero((owner == i) & inner) for i in range(len(texts))]
    return found["boxes"].numpy(), np.stack([tokens[:, c].max(axis=1) for c in columns], axis=1)


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (300, 100)])
def test_boxes_and_scores_are_the_librarys(folder: Path, detector: GroundingDetector, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    boxes, scores = reference(folder, image, ["a cat", "red cat", "dog"])
    boxes = clip(boxes, size_hw)
    by_class = np.stack([scores[:, :2].max(axis=1), scores[:, 2]], axis=1)
    confidence, class_id = by_class.max(axis=1), by_class.argmax(axis=1)
    found = detector.predict([image], PETS, threshold=0)[0]
    assert found.classes == ("cat", "dog")
    assert len(found) >= 3
    same = (
        (np.abs(boxes[:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * max(size_hw))
        & (np.abs(confidence[:, None] - found.confidence[None]) < 1e-4)
        & (class_id[:, None] == found.class_id[None])
    )
    assert same.any(axis=0).all(), "every box that was found is one of the library's"
    for lost in np.flatnonzero(~same.any(axis=1)):
        rivals = found[(found.class_id == class_id[lost]) & (found.confidence >= confidence[lost] - 1e-6)]
        assert iou(boxes[lost : lost + 1], rivals.xyxy).max(initial=0) > 0.6, "only duplicates are left out"


def test_heads_of_the_layers_are_their_own(folder: Path) -> None:
    network = UNITS[0].build(LoadOptions(weights=folder, device="cpu"))._opened.network  # type: ignore[attr-defined]  # a test looks inside
    first, last = network.bbox_embed[0].layers[0].weight, network.bbox_embed[1].layers[0].weight
    assert not torch.equal(first, last)
    assert torch.equal(last, network.model.decoder.bbox_embed[1].layers[0].weight)


def test_a_folder_is_opened_by_its_architecture(folder: Path) -> None:
    model = ocella.load(folder, device="cpu")
    assert isinstance(model, GroundingDetector)
    assert model.card.name == folder.name
    assert not model.card.commercial_use


def test_names() -> None:
    assert [u.card.system for u in UNITS] == ["MM-Grounding-DINO"] * 3 + ["LLMDet"] * 3
    assert {"mm-grounding-dino-tiny", "mm-grounding-dino-base", "mm-grounding-dino-large"} == {
        a for u in UNITS for a in u.card.aliases
    }
