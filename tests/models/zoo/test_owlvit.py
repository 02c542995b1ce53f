"""OWL-ViT on a small random checkpoint, beside the library's own preparation and post-processing."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from PIL import Image as Pillow
from tests.checkpoints.owlvit import make
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue, NotFound
from ocella.models.detection.owl_detection import pick
from ocella.models.zoo.owlvit import OwlVit
from ocella.ops.boxes import area, clip
from ocella.ops.iou import iou
from ocella.types import ClassDef, Detections, Image, Ontology

PETS = Ontology((ClassDef("cat", ("a cat", "Red cat")), ClassDef("dog")))
SIZES = [(48, 64), (200, 150), (30, 20)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-owlvit")
    make(made, "owlvit-base-patch32")
    return made


@pytest.fixture(scope="module")
def detector(folder: Path) -> OwlVit:
    model = ocella.load("owl-vit", weights=folder, device="cpu")
    assert isinstance(model, OwlVit)
    return model


@pytest.fixture(scope="module")
def library(folder: Path) -> tuple[Any, Any]:
    processor = transformers.AutoProcessor.from_pretrained(folder)
    return processor, transformers.OwlViTForObjectDetection.from_pretrained(folder).eval()


def save(folder: Path, name: str, image: Image) -> str:
    Pillow.fromarray(image.pixels).save(folder / name)
    return str(folder / name)


def assert_same(
    found: Detections, boxes: npt.NDArray[np.float32], confidence: npt.NDArray[np.float32], size: int
) -> None:
    """All that was found is the library's, and only duplicates of the library's are left out."""
    same = (np.abs(boxes[:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * size) & (
        np.abs(confidence[:, None] - found.confidence[None]) < 1e-4
    )
    assert len(found) >= 2
    assert same.any(axis=0).all(), "every box that was found is one of the library's"
    for lost in np.flatnonzero(~same.any(axis=1) & (area(boxes) > 0)):
        rivals = found[found.confidence >= confidence[lost] - 1e-6]
        assert iou(boxes[lost : lost + 1], rivals.xyxy).max(initial=0) > 0.6, "only duplicates are left out"


@pytest.mark.parametrize("size_hw", SIZES)
def test_boxes_and_scores_of_texts_are_the_librarys(
    library: tuple[Any, Any], detector: OwlVit, size_hw: tuple[int, int]
) -> None:
    image, texts = picture(*size_hw), ["a cat", "red cat"]
    processor, network = library
    inputs = processor(text=[texts], images=image.pixels, return_tensors="pt")
    with torch.inference_mode():
        theirs = processor.post_process_grounded_object_detection(
            network(**inputs), threshold=0.0, target_sizes=[size_hw], text_labels=[texts]
        )[0]
    (found,) = detector.predict([image], Ontology((PETS.classes[0],)), threshold=0)
    assert_same(found, clip(theirs["boxes"].numpy(), size_hw), theirs["scores"].numpy(), max(size_hw))
    for confidence, prompt in zip(found.confidence, found.data["prompt"], strict=True):
        row = int(np.abs(theirs["scores"].numpy() - confidence).argmin())
        assert prompt.lower() == theirs["text_labels"][row]


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("example_hw", [(64, 64), (40, 90)])
def test_boxes_and_scores_of_an_example_are_the_librarys(
    library: tuple[Any, Any], detector: OwlVit, tmp_path: Path, size_hw: tuple[int, int], example_hw: tuple[int, int]
) -> None:
    image, example = picture(*size_hw), picture(*example_hw, 7)
    processor, network = library
    inputs = processor(images=image.pixels, query_images=example.pixels, return_tensors="pt")
    with torch.inference_mode():
        outputs = network.image_guided_detection(**inputs)
        theirs = processor.post_process_image_guided_detection(
            outputs, threshold=0.0, nms_threshold=1.0, target_sizes=torch.tensor([size_hw])
        )[0]
    most = float(outputs.logits.sigmoid().max())
    confidence = theirs["scores"].numpy() * 0.9 * (most + 1e-6) + 0.1 * (most + 1e-6)  # undo the stretch for display
    shown = Ontology((ClassDef("bolt", exemplars=(save(tmp_path, "a.png", example),)),))
    (found,) = detector.predict([image], shown, threshold=0.1 * most)
    assert found.classes == ("bolt",)
    assert_same(found, clip(theirs["boxes"].numpy(), size_hw), confidence, max(size_hw))


def test_several_examples_are_one_query_their_mean(detector: OwlVit, tmp_path: Path) -> None:
    image = picture(96, 64)
    files = [save(tmp_path, f"{i}.png", picture(64, 64, 20 + i)) for i in range(3)]
    units = [detector._encode_examples([f]) for f in files]
    torch.testing.assert_close(detector._encode_examples(files), torch.stack(units).mean(dim=0))
    (found,) = detector.predict([image], Ontology((ClassDef("bolt", exemplars=tuple(files)),)), threshold=0)
    scores, _ = detector._forward([image], torch.stack(units).mean(dim=0))
    assert found.confidence.max() == pytest.approx(scores.max(), abs=1e-6)
    assert set(found.data["prompt"]) == {", ".join(files)}


def test_a_box_says_what_of_an_example_is_meant(detector: OwlVit, tmp_path: Path) -> None:
    file = save(tmp_path, "a.png", picture(64, 80, 9))
    whole, same = (detector._encode_examples([file + part]) for part in ("", "#xywh=0,0,80,64"))
    torch.testing.assert_close(whole, same)
    boxes = [f"{file}#xywh={x},{y},30,30" for x in (0, 20, 40) for y in (0, 20, 34)]
    parts = torch.cat([detector._encode_examples([b]) for b in boxes])
    assert len(torch.unique(parts, dim=0)) > 2
    with pytest.raises(InvalidValue, match="sees nothing in the box"):
        detector._encode_examples([f"{file}#xywh=0,0,6,6"])


def test_of_patches_on_the_thing_the_one_unlike_the_rest_is_picked() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 5], [20, 20, 30, 30]], np.float32)
    vectors = np.array([[1, 0], [0, 1], [0, 9], [1, 0]], np.float32)
    thing = np.array([0, 0, 10, 10], np.float32)
    assert pick(boxes, vectors, thing) == 0  # 1 is more like the mean; 2 overlaps by half; 3 is elsewhere
    assert pick(boxes, vectors[[1, 0, 2, 3]], thing) == 1
    assert pick(boxes, vectors, np.array([50, 50, 60, 60], np.float32)) is None


def test_words_and_examples_share_one_look_and_do_not_compete(detector: OwlVit, tmp_path: Path) -> None:
    image = picture(96, 64)
    bolt = ClassDef("bolt", exemplars=(save(tmp_path, "a.png", picture(64, 64, 7)),))
    (words,) = detector.predict([image], PETS, threshold=0)
    (shown,) = detector.predict([image], Ontology((bolt,)), threshold=0)
    looks: list[int] = []
    detector._opened.network.owlvit.vision_model.register_forward_hook(lambda *_: looks.append(1))
    mixed = Ontology((PETS.classes[0], bolt, PETS.classes[1]))
    detector.predict([], mixed)
    looks.clear()
    (found,) = detector.predict([image], mixed, threshold=0)
    assert len(looks) == 1
    assert found.classes == ("cat", "bolt", "dog")
    np.testing.assert_allclose(found.xyxy[found.class_id == 1], shown.xyxy, atol=1e-4)
    np.testing.assert_allclose(found.xyxy[found.class_id != 1], words.xyxy, atol=1e-4)


def test_texts_and_examples_are_read_once_an_ontology(detector: OwlVit, tmp_path: Path) -> None:
    file = Path(save(tmp_path, "a.png", picture(64, 64, 8)))
    ontology = Ontology((ClassDef("bolt", exemplars=(str(file),)),))
    first = detector.predict([picture(48, 64)], ontology)
    file.unlink()
    assert detector.predict([picture(48, 64)], ontology) == first


@pytest.mark.parametrize(
    ("exemplar", "error", "words"),
    [
        ("none.png", NotFound, "none.png"),
        ("a.png#xywh=1,2,3", InvalidValue, "four numbers"),
        ("a.png#xywh=1,2,3,x", InvalidValue, "four numbers"),
        ("a.png#xywh=60,0,10,10", InvalidValue, "inside the image of 64 x 48"),
        ("a.png#xywh=5,5,0,10", InvalidValue, "inside the image of 64 x 48"),
    ],
)
def test_examples_that_cannot_be(
    detector: OwlVit, tmp_path: Path, exemplar: str, error: type[Exception], words: str
) -> None:
    save(tmp_path, "a.png", picture(48, 64))
    with pytest.raises(error, match=words):
        detector.predict([], Ontology((ClassDef("bolt", exemplars=(str(tmp_path / exemplar),)),)))


def test_words_do_not_rival_examples(detector: OwlVit) -> None:
    with pytest.raises(InvalidValue, match="words cannot rival"):
        detector.predict([], Ontology((ClassDef("bolt", negatives=("nut",), exemplars=("a.png",)),)))


def test_the_card_names_its_successor(detector: OwlVit) -> None:
    assert detector.card.superseded_by in {c.name for c in ocella.list_models(task="detect")}
    assert detector.card.prompts == ("text", "image")
