"""OmDet-Turbo on a small random checkpoint, beside the library's network and the rules of its post-processing.

The library's own processor needs torchvision for the last step, suppression of duplicates, so that step is left out here.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.omdet_turbo import make
from tests.checkpoints.parts import picture
from transformers.image_transforms import center_to_corners_format
from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

import ocella
from ocella.errors import InvalidValue
from ocella.models.checkpoints.timm_backbone import written_out
from ocella.models.zoo.omdet_turbo import OmDetTurbo
from ocella.ops.boxes import area, clip
from ocella.ops.iou import iou
from ocella.types import ClassDef, Image, Ontology

Floats = npt.NDArray[np.float32]
PETS = Ontology((ClassDef("cat", ("a cat", "Red cat")), ClassDef("dog")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-omdet-turbo")
    make(made, "omdet-turbo-swin-tiny")
    return made


@pytest.fixture(scope="module")
def detector(folder: Path) -> OmDetTurbo:
    model = ocella.load(folder, device="cpu")
    assert isinstance(model, OmDetTurbo)
    return model


def reference(folder: Path, images: Sequence[Image], texts: list[str]) -> list[tuple[Floats, Floats]]:
    """Boxes of all queries in pixels and their scores for each text, of each image, by the library alone."""
    words = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.OmDetTurboForObjectDetection.from_pretrained(folder).eval()
    how = {"padding": "max_length", "truncation": True, "max_length": 77, "return_tensors": "pt"}
    task = words([f"Detect {', '.join(texts)}."] * len(images), **how)
    classes = words(texts * len(images), **how)
    pixels = DetrImageProcessorPil.from_pretrained(folder)([i.pixels for i in images], return_tensors="pt")
    with torch.inference_mode():
        out = network(
            pixel_values=pixels["pixel_values"],
            classes_input_ids=classes["input_ids"],
            classes_attention_mask=classes["attention_mask"],
            tasks_input_ids=task["input_ids"],
            tasks_attention_mask=task["attention_mask"],
            classes_structure=torch.tensor([len(texts)] * len(images)),
        )
    scores = out.decoder_class_logits.sigmoid().numpy()
    boxes = center_to_corners_format(out.decoder_coord_logits).numpy()
    return [(b * np.tile(i.size_hw[::-1], 2), s) for i, b, s in zip(images, boxes, scores, strict=True)]


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (100, 300)])
def test_boxes_and_scores_are_the_librarys(folder: Path, detector: OmDetTurbo, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    ((boxes, scores),) = reference(folder, [image], ["a cat", "red cat", "dog"])
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
    for lost in np.flatnonzero(~same.any(axis=1) & (area(boxes) > 0)):
        rivals = found[(found.class_id == class_id[lost]) & (found.confidence >= confidence[lost] - 1e-6)]
        assert iou(boxes[lost : lost + 1], rivals.xyxy).max(initial=0) > 0.5, "only duplicates are left out"


def test_a_batch_is_the_librarys_too(folder: Path, detector: OmDetTurbo) -> None:
    images = [picture(48, 64), picture(96, 60, 1), picture(64, 64, 2)]
    theirs = reference(folder, images, ["dog"])
    detector.batch = 2
    together = detector.predict(images, Ontology.of("dog"), threshold=0)
    detector.batch = 1
    for found, (_, scores) in zip(together, theirs, strict=True):
        assert found.confidence.max() == pytest.approx(scores.max(), abs=1e-5)


def test_a_task_that_does_not_fit_is_cut_and_every_class_still_looked_for(folder: Path, detector: OmDetTurbo) -> None:
    texts = [f"red cat {a} {b}" for a in "abcdef" for b in "uvwxyz"]
    ((_, scores),) = reference(folder, [picture(48, 64)], texts)
    found = detector.predict([picture(48, 64)], Ontology.of(*texts), threshold=0)[0]
    assert found.confidence.max() == pytest.approx(scores.max(), abs=1e-5)
    assert found.classes == tuple(texts)


def test_the_published_settings_are_read_without_asking_the_hub(folder: Path, tmp_path: Path) -> None:
    named = {"backbone": "swin_tiny_patch4_window7_224", "use_timm_backbone": True, "backbone_config": None}
    extra = {"backbone_kwargs": {"always_partition": True, "img_size": 640, "out_indices": [1, 2, 3]}}
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**settings, **named, **extra}), encoding="utf-8")
    config = written_out(tmp_path)["config"]
    assert config.backbone_config.backbone == named["backbone"]
    assert config.timm_kwargs == {"always_partition": True, "img_size": 640}
    assert config.class_embed_dim == 64
    assert written_out(folder) == {}


def test_prompts_of_one_class_are_one_class(detector: OmDetTurbo) -> None:
    image = picture(48, 64)
    strict = Ontology((PETS.classes[0], ClassDef("dog", threshold=1.0)))
    found = detector.predict([image], strict, threshold=0)[0]
    assert set(found.names) == {"cat"}
    assert set(found.data["prompt"]) <= {"a cat", "Red cat"}


@pytest.mark.parametrize(
    ("ontology", "words"),
    [
        (None, "give classes"),
        (Ontology.of("!!"), "must have letters"),
        (Ontology((ClassDef("bolt", exemplars=("a.png",)),)), "have example images"),
        (Ontology.of("red cat " * 40), "at most 77 fit"),
    ],
)
def test_prompts_that_cannot_be(detector: OmDetTurbo, ontology: Ontology | None, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        detector.predict([picture(48, 64)], ontology)
