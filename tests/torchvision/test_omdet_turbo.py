"""OmDet-Turbo beside the library's own processor, whose suppression of duplicates needs torchvision."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.omdet_turbo import make
from tests.checkpoints.parts import picture, shake
from transformers.image_transforms import center_to_corners_format, corners_to_center_format

import ocella
from ocella.models.checkpoints.timm_backbone import written_out
from ocella.models.zoo.omdet_turbo import OmDetTurbo
from ocella.ops.boxes import area
from ocella.types import Image, Ontology

SIZES = [(48, 64), (200, 150), (100, 300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-omdet-turbo")
    make(made, "omdet-turbo-swin-tiny")
    widened(transformers.OmDetTurboForObjectDetection.from_pretrained(made)).save_pretrained(made)
    return made


@pytest.fixture(scope="module")
def detector(folder: Path) -> OmDetTurbo:
    model = ocella.load(folder, device="cpu", threads=1)
    assert isinstance(model, OmDetTurbo)
    return model


def widened(network: Any) -> Any:
    """With boxes so wide that many are duplicates."""
    with torch.no_grad():
        for head in network.decoder.decoder_bbox_head:
            head.layers[-1].bias[2:] += 3
    return network


def reference(network: Any, folder: Path, image: Image, texts: list[str], threshold: float) -> tuple[Any, Any, Any]:
    """Boxes, scores and labels by the library, where a box is of the class that it is most likely to be, and is cut at the
    image's border before duplicates are looked for: the library cuts after that.
    """
    words = transformers.CLIPTokenizer.from_pretrained(folder)
    images = transformers.models.detr.image_processing_pil_detr.DetrImageProcessorPil.from_pretrained(folder)
    processor = transformers.OmDetTurboProcessor(images, words)
    inputs = processor(image.pixels, text=texts, return_tensors="pt")
    with torch.inference_mode():
        out = network(**inputs)
    best = out.decoder_class_logits.max(dim=-1, keepdim=True).values
    out.decoder_class_logits = out.decoder_class_logits.masked_fill(out.decoder_class_logits < best, -torch.inf)
    corners = center_to_corners_format(out.decoder_coord_logits).clamp(0, 1)
    out.decoder_coord_logits = corners_to_center_format(corners)
    (found,) = processor.post_process_grounded_object_detection(
        out, text_labels=[texts], target_sizes=[image.size_hw], threshold=threshold, nms_threshold=0.5
    )
    seen = area(found["boxes"].numpy()) > 0
    return found["boxes"].numpy()[seen], found["scores"].numpy()[seen], np.array(found["text_labels"])[seen]


def assert_same(
    network: Any, folder: Path, detector: OmDetTurbo, image: Image, texts: list[str], threshold: float
) -> None:
    boxes, scores, labels = reference(network, folder, image, texts, threshold)
    (found,) = detector.predict([image], Ontology.of(*texts), threshold=threshold)
    assert network.config.num_queries > len(found) == len(boxes) >= 2
    theirs, ours = np.argsort(-scores), np.argsort(-found.confidence)
    np.testing.assert_allclose(found.confidence[ours], scores[theirs], atol=1e-4)
    np.testing.assert_allclose(found.xyxy[ours], boxes[theirs], atol=1e-4 * max(image.size_hw))
    assert np.array(found.names)[ours].tolist() == labels[theirs].tolist()


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("texts", [["dog"], ["a cat", "dog", "red hat"]], ids=len)
@pytest.mark.parametrize("threshold", [0.0, 0.3])
def test_detections_are_the_processors(
    folder: Path, detector: OmDetTurbo, size_hw: tuple[int, int], texts: list[str], threshold: float
) -> None:
    network = transformers.OmDetTurboForObjectDetection.from_pretrained(folder).eval()
    assert_same(network, folder, detector, picture(*size_hw), texts, threshold)


def test_a_backbone_of_timm_is_opened_as_the_published_weights_name_it(folder: Path, tmp_path: Path) -> None:
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings |= {
        "backbone": "swin_tiny_patch4_window7_224", "use_timm_backbone": True, "backbone_config": None,
        "backbone_kwargs": {"always_partition": True, "img_size": 64, "out_indices": [1, 2, 3]},
        "apply_layernorm_after_vision_backbone": True, "encoder_in_channels": [192, 384, 768],
    }  # fmt: skip
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    config = written_out(tmp_path)["config"]
    network = widened(shake(transformers.OmDetTurboForObjectDetection(config)))
    network.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    model = ocella.load("omdet-turbo-swin-tiny", weights=tmp_path, device="cpu", threads=1)
    assert isinstance(model, OmDetTurbo)
    assert type(model._opened.network.vision_backbone.vision_backbone).__name__ == "TimmBackbone"
    assert_same(network, tmp_path, model, picture(100, 60), ["a cat", "dog"], 0.0)
