"""Grounding DINO on a small random checkpoint, beside the library's own preparation and post-processing."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.grounding_dino import make
from tests.checkpoints.parts import bert_tokenizer, picture

import ocella
from ocella.errors import InvalidValue, Mismatch, NotFound, Unreadable
from ocella.models.detection.grounding_detection import GroundingDetector, fitted_hw, prepare
from ocella.models.detection.grounding_text import captions, phrase
from ocella.models.entry import LoadOptions
from ocella.models.zoo.grounding_dino import UNITS
from ocella.ops.boxes import clip
from ocella.ops.iou import iou
from ocella.types import ClassDef, Image, Ontology

PETS = Ontology((ClassDef("cat", ("a cat", "Red cat")), ClassDef("dog")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-grounding-dino")
    make(made, "grounding-dino-tiny")
    return made


@pytest.fixture(scope="module")
def detector(folder: Path) -> GroundingDetector:
    model = ocella.load("grounding-dino-tiny", weights=folder, device="cpu")
    assert isinstance(model, GroundingDetector)
    return model


def reference(folder: Path, image: Image, texts: list[str]) -> tuple[Any, Any]:
    """Boxes of all queries in pixels and their scores for each text, by the library alone."""
    processor = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.GroundingDinoForObjectDetection.from_pretrained(folder).eval()
    inputs = processor(images=image.pixels, text=". ".join(texts) + ".", return_tensors="pt")
    with torch.inference_mode():
        outputs = network(**inputs)
        found = processor.post_process_grounded_object_detection(
            outputs, inputs["input_ids"], threshold=-1.0, text_threshold=0.25, target_sizes=[image.size_hw]
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
    assert set(found.data["prompt"][found.class_id == 0]) <= {"a cat", "Red cat"}, "as the person put it"
    same = (
        (np.abs(boxes[:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * max(size_hw))
        & (np.abs(confidence[:, None] - found.confidence[None]) < 1e-4)
        & (class_id[:, None] == found.class_id[None])
    )
    assert same.any(axis=0).all(), "every box that was found is one of the library's"
    for lost in np.flatnonzero(~same.any(axis=1)):
        rivals = found[(found.class_id == class_id[lost]) & (found.confidence >= confidence[lost] - 1e-6)]
        assert iou(boxes[lost : lost + 1], rivals.xyxy).max(initial=0) > 0.6, "only duplicates are left out"


def test_batch_equals_singles(detector: GroundingDetector) -> None:
    images = [picture(48, 64), picture(96, 128, 1), picture(64, 64, 2), picture(48, 64, 3)]
    singles = [detector.predict([i], PETS, threshold=0.3)[0] for i in images]
    detector.batch = 3
    together = detector.predict(images, PETS, threshold=0.3)
    detector.batch = 1
    assert detector.predict([], PETS) == []
    for one, many in zip(singles, together, strict=True):
        np.testing.assert_allclose(many.xyxy, one.xyxy, atol=1e-3)
        np.testing.assert_allclose(many.confidence, one.confidence, atol=1e-5)


def test_the_prompt_that_won_is_told(folder: Path, detector: GroundingDetector) -> None:
    image = picture(200, 150)
    _, scores = reference(folder, image, ["a cat", "red cat", "dog"])
    found = detector.predict([image], PETS, threshold=0)[0]
    for confidence, prompt in zip(found.confidence, found.data["prompt"], strict=True):
        row, column = np.argwhere(np.abs(scores - confidence) < 1e-5)[0]
        assert prompt == ("a cat", "Red cat", "dog")[column], row


def test_a_class_threshold_goes_before_the_models(detector: GroundingDetector) -> None:
    image = picture(48, 64)
    free = detector.predict([image], PETS, threshold=0)[0]
    least = float(np.median(free.confidence))
    strict = Ontology((PETS.classes[0], ClassDef("dog", threshold=1.0)))
    found = detector.predict([image], strict, threshold=least)[0]
    assert len(found)
    assert set(found.names) == {"cat"}
    assert (found.confidence >= np.float32(least)).all()


def test_what_is_more_of_a_negative_is_left_out(detector: GroundingDetector) -> None:
    image = picture(48, 64)
    plain = detector.predict([image], Ontology.of("cat"), threshold=0)[0]
    both = detector.predict([image], Ontology.of("cat", "dog"), threshold=0)[0]
    negated = detector.predict([image], Ontology((ClassDef("cat", negatives=("dog",)),)), threshold=0)[0]
    np.testing.assert_allclose(negated.confidence, both[both.class_id == 0].confidence, atol=1e-6)
    assert 0 < len(negated) < len(plain)


TABLE = [
    (["cat"], [(0, 1, 2)]),
    (["a cat", "dog"], [(0, 1, 3), (1, 4, 5)]),
    (["a cat", "cat", "photo of a cat"], [(0, 1, 3), (1, 4, 5), (2, 6, 10)]),
    (["hard-hat", "zebra"], [(0, 1, 4), (1, 5, 10)]),
]


@pytest.mark.parametrize(("prompts", "spans"), TABLE)
def test_spans_point_at_the_tokens_of_their_prompt(prompts: list[str], spans: list[tuple[int, int, int]]) -> None:
    words = bert_tokenizer()
    (made,) = captions([phrase(p) for p in prompts], words, 64)
    assert list(made.spans) == spans
    assert list(made.input_ids) == words(". ".join(prompts) + ".")["input_ids"]
    for number, start, end in made.spans:
        assert words.decode(made.input_ids[start:end]).replace(" - ", "-") == prompts[number]


def test_text_that_does_not_fit_goes_in_several_passes(detector: GroundingDetector) -> None:
    words = bert_tokenizer()
    phrases = [f"{a} {b}" for a in ("cat", "dog", "red", "hat") for b in ("cat", "dog", "red")]
    made = captions(phrases, words, 24)
    assert len(made) == 2
    assert [n for c in made for n, _, _ in c.spans] == list(range(12))
    assert all(len(c.input_ids) <= 24 for c in made)
    image = picture(48, 64)
    found = detector.predict([image], Ontology.of(*phrases), threshold=0)[0]
    second = detector.predict([image], Ontology.of(*(phrases[n] for n, _, _ in made[1].spans)), threshold=0)[0]
    late = found[found.class_id >= made[1].spans[0][0]]
    assert len(late)
    np.testing.assert_allclose(late.confidence[0], second.confidence[0], atol=1e-6)


@pytest.mark.parametrize(
    ("prompt", "read"),
    [("A  Cat", "a cat"), ("St. Bernard", "st bernard"), ("what is it?", "what is it"), ("hard-hat.", "hard-hat")],
)
def test_prompts_are_put_in_the_models_form(prompt: str, read: str) -> None:
    assert phrase(prompt) == read


@pytest.mark.parametrize(
    ("ontology", "words"),
    [
        (None, "give classes"),
        (Ontology.of("..."), "must have letters"),
        (Ontology((ClassDef("a", ("Cat",)), ClassDef("b", ("cat",)))), "nothing tells them apart"),
        (Ontology((ClassDef("a", ("cat",), ("Cat.",)),)), "one of its negatives"),
        (Ontology.of("a photo of the red cat " * 4), "Shorten it"),
        (Ontology.of("猫"), "English"),
        (Ontology((ClassDef("bolt", exemplars=("a.png",)),)), r"reads words, but the classes bolt have example images"),
    ],
)
def test_prompts_that_cannot_be(detector: GroundingDetector, ontology: Ontology | None, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        detector.predict([picture(48, 64)], ontology)


@pytest.mark.parametrize("size_hw", [(48, 64), (64, 48), (64, 64), (200, 150), (480, 640), (100, 700), (33, 1000)])
def test_preparation_is_the_librarys(size_hw: tuple[int, int]) -> None:
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import GroundingDinoImageProcessorPil

    image = picture(*size_hw)
    settings = {"size": {"shortest_edge": 80, "longest_edge": 133}}
    theirs = GroundingDinoImageProcessorPil(**settings)(image.pixels, return_tensors="np")["pixel_values"][0]
    ours = prepare(image.pixels, settings)
    assert ours.shape[1:] == fitted_hw(size_hw, settings)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_card_says_where_the_weights_are_from(folder: Path, detector: GroundingDetector) -> None:
    assert detector.card.checkpoint == f"folder {folder.name}"
    assert detector.card.open_vocabulary
    assert detector.classes == ()
    assert detector.matches(PETS) == ()


def test_folders_that_are_no_such_checkpoint(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="ocella pull grounding-dino-tiny"):
        UNITS[0].build(LoadOptions(weights=tmp_path / "nothing"))
    (tmp_path / "config.json").write_text('{"model_type": "owlv2"}', encoding="utf-8")
    with pytest.raises(Mismatch, match="type grounding-dino, but holds one of owlv2"):
        UNITS[0].build(LoadOptions(weights=tmp_path))
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "processor_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(Unreadable, match="can be loaded"):
        UNITS[0].build(LoadOptions(weights=tmp_path))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(Unreadable, match="can be loaded"):
        UNITS[0].build(LoadOptions(weights=tmp_path))


def test_weights_that_lack_tensors_are_refused(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    tensors = load_file(folder / "model.safetensors")
    kept = {k: v for k, v in tensors.items() if "decoder" not in k}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(Unreadable, match="lack"):
        UNITS[0].build(LoadOptions(weights=tmp_path))


def test_without_the_extra_the_error_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['transformers'] = None\n"
        "import ocella; from ocella.errors import MissingExtra\n"
        "assert any(c.name == 'grounding-dino-tiny' for c in ocella.list_models(open_vocabulary=True))\n"
        "assert not {'torch', 'huggingface_hub'} & set(sys.modules)\n"
        "try: ocella.load('grounding-dino-tiny')\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'ocella[torch]'" in done.stdout
