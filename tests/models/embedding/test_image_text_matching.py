"""BLIP's two heads beside the library's own pipeline, and ALBEF's beside numbers of its authors' code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints import albef, blip_itm
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue, Mismatch, NotFound, Refused
from ocella.models.networks.albef import renamed
from ocella.types import ClassDef, Image, Ontology

TEXTS = ["a photo of a cat.", "a red dog of the person.", "hat?"]
LOGITS = (-0.243792, 0.138895)
SEEN = (-0.031454, 0.093197, -0.120328, 0.030682)
READ = (-0.156112, -0.088253, -0.098572, 0.079647)
ONTOLOGY = Ontology(tuple(ClassDef(f"class {i}", (text,)) for i, text in enumerate(TEXTS)))


@pytest.fixture(scope="module")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny-blip")
    blip_itm.make(folder, "blip-itm-base-coco")
    return folder


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return albef.make(tmp_path_factory.mktemp("tiny-albef"), "albef")


@pytest.mark.parametrize("size_hw", [(64, 64), (48, 90), (300, 200)])
def test_blips_scores_and_vectors_are_the_librarys(blip: Path, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    processor = transformers.BlipProcessor.from_pretrained(blip)
    network = transformers.BlipForImageTextRetrieval.from_pretrained(blip).eval()
    matched, cosines = [], []
    with torch.inference_mode():
        for text in TEXTS:
            inputs = processor(images=image.pixels.copy(), text=text, return_tensors="pt")
            matched.append(network(**inputs, use_itm_head=True).itm_score.softmax(dim=-1)[0, 1].item())
            cosines.append(network(**inputs, use_itm_head=False).itm_score[0, 0].item())
    classifier: Any = ocella.load("blip-itm-base-coco", weights=blip, device="cpu", threads=1)
    embedder: Any = ocella.load("blip-itm-base-coco-embed", weights=blip, device="cpu", threads=1)
    (found,) = classifier.predict([image], ONTOLOGY)
    assert np.std(matched) > 1e-3
    np.testing.assert_allclose(found.confidence, matched, atol=1e-4)
    assert found.multi_label
    (seen,) = embedder.predict([image])
    np.testing.assert_allclose([seen.similarity(t) for t in embedder.embed_text(TEXTS)], cosines, atol=1e-4)


def test_more_prompts_than_go_at_once(blip: Path) -> None:
    classifier: Any = ocella.load("blip-itm-base-coco", weights=blip, device="cpu", threads=1)
    many = Ontology.of(*(f"{a}{b} hat" for a in "abcdef" for b in "abcdefg"))
    (found,) = classifier.predict([picture(60, 80)], many)
    (last,) = classifier.predict([picture(60, 80)], Ontology((many.classes[-1],)))
    assert len(found.confidence) == 42
    assert found.confidence[-1] == pytest.approx(last.confidence[0], abs=1e-5)


def test_a_text_that_is_too_long_is_refused(blip: Path, published: dict[str, Any]) -> None:
    long = Ontology.of("a red dog " * 40)
    with pytest.raises(InvalidValue, match="may have 64 tokens, got"):
        ocella.load("blip-itm-base-coco", weights=blip, device="cpu", threads=1).predict([], long)  # type: ignore[attr-defined]  # a classifier
    with pytest.raises(InvalidValue, match="may have 32 tokens, got"):
        ocella.load("albef", device="cpu", **published).predict([], long)  # type: ignore[attr-defined]  # the same


def test_albefs_numbers_are_those_of_its_authors_code(published: dict[str, Any]) -> None:
    """Computed once by the networks in salesforce-lavis 1.0.2 (vit.py, med.py) from these weights, image and texts."""
    image, texts = picture(50, 70, 3), ["a photo of a cat.", "a red dog on a wet street"]
    classifier: Any = ocella.load("albef", device="cpu", **published)
    embedder: Any = ocella.load("albef-embed", device="cpu", **published)
    ontology = Ontology((ClassDef("cat", (texts[0],)),))
    tokens = classifier._network.tokens(texts)
    np.testing.assert_allclose(classifier._network.match(classifier._network.see(image), tokens), LOGITS, atol=1e-4)
    np.testing.assert_allclose(embedder.predict([image])[0].vector[:4], SEEN, atol=1e-4)
    np.testing.assert_allclose(embedder.embed_text([texts[1]])[0].vector[:4], READ, atol=1e-4)
    (found,) = classifier.predict([image], ontology)
    assert found.confidence[0] == pytest.approx(1 / (1 + np.exp(-LOGITS[0])), abs=1e-4)
    assert classifier.card.input_hw == (48, 48)


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("text_encoder.bert.encoder.layer.0.output.dense.weight", "text_encoder.encoder.layer.0.output.dense.weight"),
        ("text_encoder.encoder.layer.7.crossattention.self.key.bias",) * 2,
        ("visual_encoder.blocks.11.attn.qkv.weight",) * 2,
        ("text_encoder.cls.predictions.bias", None),
        ("text_encoder_m.bert.embeddings.LayerNorm.bias", None),
        ("visual_encoder_m.norm.weight", None),
        ("vision_proj_m.weight", None),
        ("image_queue", None),
        ("temp", None),
        ("text_encoder.bert.embeddings.position_ids", None),
    ],
)
def test_published_names_lead_to_ours(name: str, here: str | None) -> None:
    assert renamed(name) == here


def test_files_that_are_no_albef(published: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a pickle"):
        ocella.load("albef", device="cpu", weights=published["weights"])
    with pytest.raises(NotFound, match="which is not there"):
        ocella.load("albef", device="cpu", weights=tmp_path / "nothing.pth")
    tensors = albef.published()
    del tensors["text_encoder.bert.encoder.layer.3.crossattention.self.query.bias"]
    torch.save({"model": tensors}, tmp_path / "part.pth")
    with pytest.raises(Mismatch, match="not the published weights of 'albef'"):
        ocella.load("albef", device="cpu", weights=tmp_path / "part.pth", pickle=True)
    torch.save({"model": {"weight": torch.zeros(2)}}, tmp_path / "other.pth")
    with pytest.raises(Mismatch, match="no ALBEF"):
        ocella.load("albef", device="cpu", weights=tmp_path / "other.pth", pickle=True)


def test_an_image_seen_before_is_not_seen_again(blip: Path) -> None:
    classifier: Any = ocella.load("blip-itm-base-coco", weights=blip, device="cpu", threads=1)
    images: list[Image] = [picture(40, 40, i) for i in range(2)]
    classifier.predict(images, ONTOLOGY)
    assert len(classifier._kept) == 2
    again = classifier.predict(images, Ontology.of("cat"))
    assert len(classifier._kept) == 2
    assert [f.classes for f in again] == [("cat",)] * 2
