"""CLIP and its kin on small random checkpoints, beside the library's own processors and networks."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue
from ocella.models.embedding.prompt_templates import PHOTOS
from ocella.types import ClassDef, Image, Ontology

TEXTS = ["a photo of a cat.", "a red dog.", "猫。"]
ONTOLOGY = Ontology((ClassDef("cat", (TEXTS[0],)), ClassDef("dog", (TEXTS[1],)), ClassDef("猫", (TEXTS[2],))))
SIZES = [(64, 64), (48, 90), (200, 150)]


class Family(NamedTuple):
    """A card, the module of its checkpoint, and the library's classes."""

    name: str
    module: str
    network: str
    images: str
    alone: bool = False

    @property
    def words(self) -> dict[str, Any]:
        return {"padding": "max_length", "max_length": 64} if self.alone else {"padding": True}


FAMILIES = [
    Family("clip-vit-base-patch32", "clip", "CLIPModel", "CLIPImageProcessorPil"),
    Family("metaclip-b32-400m", "metaclip", "CLIPModel", "CLIPImageProcessorPil"),
    Family("metaclip-2-worldwide-s16", "metaclip", "MetaClip2Model", "CLIPImageProcessorPil"),
    Family("altclip", "altclip", "AltCLIPModel", "CLIPImageProcessorPil"),
    Family("siglip-base-patch16-224", "siglip", "SiglipModel", "SiglipImageProcessorPil", alone=True),
    Family("siglip2-base-patch16-224", "siglip", "SiglipModel", "SiglipImageProcessorPil", alone=True),
    Family("siglip2-base-patch16-naflex", "siglip", "Siglip2Model", "Siglip2ImageProcessorPil", alone=True),
]
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def make(family: Family) -> Path:
        folder = tmp_path_factory.mktemp(family.name)
        import_module(f"tests.checkpoints.{family.module}").make(folder, family.name)
        return folder

    return make


def reference(folder: Path, family: Family, image: Image) -> Any:
    """What the library gives for TEXTS: tensors of its processors through its network."""
    words = transformers.AutoTokenizer.from_pretrained(folder)
    images = getattr(transformers, family.images).from_pretrained(folder)
    network = getattr(transformers, family.network).from_pretrained(folder).eval()
    text = {k: v for k, v in words(TEXTS, return_tensors="pt", **family.words).items() if k != "token_type_ids"}
    with torch.inference_mode():
        return network(**text, **images(image.pixels, return_tensors="pt", input_data_format="channels_last"))


@every_family
def test_scores_and_vectors_are_the_librarys(made: Any, family: Family) -> None:
    folder = made(family)
    classifier: Any = ocella.load(family.name, weights=folder, device="cpu", threads=1)
    embedder: Any = ocella.load(f"{family.name}-embed", weights=folder, device="cpu", threads=1)
    for seed, size_hw in enumerate(SIZES):
        image = picture(*size_hw, seed)
        theirs = reference(folder, family, image)
        (found,) = classifier.predict([image], ONTOLOGY)
        logits = theirs.logits_per_image
        expected = logits.sigmoid() if family.alone else logits.softmax(dim=-1)
        assert expected[0].std() > 1e-3, "texts that all score alike would prove nothing"
        np.testing.assert_allclose(found.confidence, expected[0].numpy(), atol=1e-4)
        assert found.multi_label == family.alone
        (vector,) = embedder.predict([image])
        np.testing.assert_allclose(vector.vector, theirs.image_embeds[0].numpy(), atol=1e-4)
        texts = np.stack([t.vector for t in embedder.embed_text(TEXTS)])
        np.testing.assert_allclose(texts, theirs.text_embeds.numpy(), atol=1e-4)
        assert vector.model == f"{family.name}-embed"


@every_family
def test_templates_are_averaged(made: Any, family: Family) -> None:
    classifier: Any = ocella.load(family.name, weights=made(family), device="cpu", threads=1)
    encoder = classifier._encoder
    templates = ("This is a photo of {}.",) if family.alone else PHOTOS
    told = [encoder.texts([t.format(x) for t in templates]) for x in ("a cat", "a dog")]
    means = np.stack([v.mean(axis=0) / np.linalg.norm(v.mean(axis=0)) for v in told])
    image = picture(60, 80)
    logits = encoder.scale * encoder.images([image])[0] @ means.T + encoder.bias
    expected = 1 / (1 + np.exp(-logits)) if family.alone else np.exp(logits) / np.exp(logits).sum()
    (found,) = classifier.predict([image], Ontology.of("cat", "dog"))
    np.testing.assert_allclose(found.confidence, expected, atol=1e-5)


@pytest.mark.parametrize("family", [FAMILIES[0], FAMILIES[3], FAMILIES[5]], ids=lambda f: f.name)
def test_a_text_that_is_too_long_is_refused(made: Any, family: Family) -> None:
    classifier: Any = ocella.load(family.name, weights=made(family), device="cpu", threads=1)
    with pytest.raises(InvalidValue, match=r"tokens, but '.*' reads \d+ at most. Shorten it"):
        classifier.predict([], Ontology.of("cat", "a red dog on a wet street " * 9))


@every_family
def test_a_folder_is_opened_by_its_architecture(made: Any, family: Family) -> None:
    folder = made(family)
    classifier = ocella.load(folder, device="cpu", threads=1)
    embedder = ocella.load(folder, device="cpu", threads=1, task="embed")
    assert (classifier.card.task, embedder.card.task) == ("classify", "embed")
    assert classifier.card.name == folder.name
    assert not classifier.card.commercial_use


def test_a_very_long_image_is_its_middle(made: Any) -> None:
    embedder: Any = ocella.load("clip-vit-base-patch32-embed", weights=made(FAMILIES[0]), device="cpu", threads=1)
    line = np.zeros((2, 4000, 3), np.uint8)
    line[:, 1990:2010] = 255
    line[:, 1999:2001] = (250, 10, 10)
    middle = Image(np.ascontiguousarray(line[:, 1980:2020]))
    long, short = (e.vector for e in embedder.predict([Image(line), middle]))
    np.testing.assert_allclose(long, short, atol=1e-5)
