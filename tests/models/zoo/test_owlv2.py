"""OWLv2 on a small random checkpoint, beside the library's own preparation and post-processing."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from PIL import Image as Pillow
from tests.checkpoints.owlv2 import make
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue
from ocella.models.zoo.owlv2 import Owlv2, prepare
from ocella.ops.boxes import area, clip
from ocella.ops.iou import iou
from ocella.types import ClassDef, Ontology

PETS = Ontology((ClassDef("cat", ("a cat", "Red cat")), ClassDef("dog")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-owlv2")
    make(made, "owlv2-base-patch16-ensemble")
    return made


@pytest.fixture(scope="module")
def detector(folder: Path) -> Owlv2:
    model = ocella.load("owlv2", weights=folder, device="cpu")
    assert isinstance(model, Owlv2)
    return model


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (30, 20)])
def test_boxes_and_scores_are_the_librarys(folder: Path, detector: Owlv2, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.Owlv2ForObjectDetection.from_pretrained(folder).eval()
    texts = ["a cat", "red cat", "dog"]
    inputs = processor(text=[texts], images=image.pixels, return_tensors="pt")
    with torch.inference_mode():
        theirs = processor.post_process_grounded_object_detection(
            network(**inputs), threshold=0.0, target_sizes=[size_hw], text_labels=[texts]
        )[0]
    boxes, confidence = clip(theirs["boxes"].numpy(), size_hw), theirs["scores"].numpy()
    class_id = np.array([0 if text.endswith("cat") else 1 for text in theirs["text_labels"]])
    found = detector.predict([image], PETS, threshold=0)[0]
    assert found.classes == ("cat", "dog")
    assert len(found) >= 2
    same = (
        (np.abs(boxes[:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * max(size_hw))
        & (np.abs(confidence[:, None] - found.confidence[None]) < 1e-4)
        & (class_id[:, None] == found.class_id[None])
    )
    assert same.any(axis=0).all(), "every box that was found is one of the library's"
    for lost in np.flatnonzero(~same.any(axis=1) & (area(boxes) > 0)):
        rivals = found[(found.class_id == class_id[lost]) & (found.confidence >= confidence[lost] - 1e-6)]
        assert iou(boxes[lost : lost + 1], rivals.xyxy).max(initial=0) > 0.6, "only duplicates are left out"


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150), (30, 20)])
@pytest.mark.parametrize("example_hw", [(64, 64), (40, 90)])
def test_boxes_and_scores_of_an_example_are_the_librarys(
    folder: Path, detector: Owlv2, tmp_path: Path, size_hw: tuple[int, int], example_hw: tuple[int, int]
) -> None:
    image, example = picture(*size_hw), picture(*example_hw, 7)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.Owlv2ForObjectDetection.from_pretrained(folder).eval()
    inputs = processor(images=image.pixels, query_images=example.pixels, return_tensors="pt")
    with torch.inference_mode():
        outputs = network.image_guided_detection(**inputs)
        theirs = processor.post_process_image_guided_detection(
            outputs, threshold=0.0, nms_threshold=1.0, target_sizes=torch.tensor([size_hw])
        )[0]
    most = float(outputs.logits.sigmoid().max())
    confidence = theirs["scores"].numpy() * 0.9 * (most + 1e-6) + 0.1 * (most + 1e-6)  # undo the stretch for display
    Pillow.fromarray(example.pixels).save(tmp_path / "a.png")
    shown = Ontology((ClassDef("bolt", exemplars=(str(tmp_path / "a.png"),)),))
    (found,) = detector.predict([image], shown, threshold=0.1 * most)
    boxes = clip(theirs["boxes"].numpy(), size_hw)
    same = (np.abs(boxes[:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * max(size_hw)) & (
        np.abs(confidence[:, None] - found.confidence[None]) < 1e-4
    )
    assert len(found) >= 2
    assert same.any(axis=0).all(), "every box that was found is one of the library's"
    for lost in np.flatnonzero(~same.any(axis=1) & (area(boxes) > 0)):
        rivals = found[found.confidence >= confidence[lost] - 1e-6]
        assert iou(boxes[lost : lost + 1], rivals.xyxy).max(initial=0) > 0.6, "only duplicates are left out"


def test_a_box_in_an_example_is_in_its_own_pixels(detector: Owlv2, tmp_path: Path) -> None:
    wide = picture(40, 90, 3)
    square = np.zeros((90, 90, 3), np.uint8)
    square[:40] = wide.pixels
    for name, pixels in (("wide.png", wide.pixels), ("square.png", square)):
        Pillow.fromarray(pixels).save(tmp_path / name)
    ours, same = (detector._encode_examples([f"{tmp_path}/{n}#xywh=30,5,40,30"]) for n in ("wide.png", "square.png"))
    torch.testing.assert_close(ours, same)


def test_batch_equals_singles(detector: Owlv2) -> None:
    images = [picture(48, 64), picture(96, 128, 1), picture(64, 64, 2)]
    singles = [detector.predict([i], PETS, threshold=0.2)[0] for i in images]
    detector.batch = 2
    together = detector.predict(images, PETS, threshold=0.2)
    detector.batch = 1
    assert detector.predict([], PETS) == []
    for one, many in zip(singles, together, strict=True):
        np.testing.assert_allclose(many.xyxy, one.xyxy, atol=1e-3)
        np.testing.assert_allclose(many.confidence, one.confidence, atol=1e-5)


def test_prompts_of_one_class_are_one_class(detector: Owlv2) -> None:
    image = picture(48, 64)
    three = detector.predict([image], Ontology.of("a cat", "red cat", "dog"), threshold=0)[0]
    two = detector.predict([image], PETS, threshold=0)[0]
    assert three.confidence.max() == pytest.approx(two.confidence.max(), abs=1e-6)
    strict = Ontology((PETS.classes[0], ClassDef("dog", threshold=1.0)))
    assert set(detector.predict([image], strict, threshold=0)[0].names) == {"cat"}


@pytest.mark.parametrize(
    ("ontology", "words"),
    [
        (None, "give classes"),
        (Ontology.of("!!"), "must have letters"),
        (Ontology.of("a very long description of a thing"), "at most 16 fit"),
        (Ontology((ClassDef("a", ("Cat",)), ClassDef("b", ("cat",)))), "nothing tells them apart"),
    ],
)
def test_prompts_that_cannot_be(detector: Owlv2, ontology: Ontology | None, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        detector.predict([picture(48, 64)], ontology)


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_is_a_confidence(detector: Owlv2, threshold: float) -> None:
    with pytest.raises(InvalidValue, match=r"within 0\.\.1"):
        detector.predict([picture(48, 64)], PETS, threshold=threshold)


@pytest.mark.parametrize("size_hw", [(48, 64), (64, 64), (20, 11), (300, 200), (97, 501), (2, 1)])
def test_preparation_is_the_librarys(size_hw: tuple[int, int]) -> None:
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    image = picture(*size_hw)
    settings = {"size": {"height": 60, "width": 60}}
    theirs = Owlv2ImageProcessorPil(**settings)(image.pixels, return_tensors="np")["pixel_values"][0]
    np.testing.assert_allclose(prepare(image.pixels, settings), theirs, atol=2e-5)
