"""FastViT as timm opens it, beside timm's own transform and network."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image as Pillow
from tests.checkpoints.fastvit import LABELS, make
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import Mismatch, NotFound, Refused, Unreadable
from ocella.models.starter import starter_text
from ocella.types import Image, Ontology

NAME = "fastvit-t8-apple-in1k"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-fastvit")
    make(made, NAME)
    return made


def reference(folder: Path, image: Image) -> tuple[Any, Any]:
    """Probabilities and features by timm alone."""
    network = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network), is_training=False)
    with torch.inference_mode():
        pixels = transform(Pillow.fromarray(image.pixels))[None]
        features = network.forward_head(network.forward_features(pixels), pre_logits=True)
        return network(pixels).softmax(dim=-1)[0].numpy(), torch.nn.functional.normalize(features)[0].numpy()


@pytest.mark.parametrize("size_hw", [(64, 64), (48, 90), (300, 200)])
def test_scores_and_features_are_the_librarys(folder: Path, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    scores, features = reference(folder, image)
    classifier: Any = ocella.load(NAME, weights=folder, device="cpu", threads=1)
    embedder: Any = ocella.load(f"{NAME}-embed", weights=folder, device="cpu", threads=1)
    assert scores.std() > 1e-3
    np.testing.assert_allclose(classifier.predict([image])[0].confidence, scores, atol=1e-4)
    np.testing.assert_allclose(embedder.predict([image])[0].vector, features, atol=1e-4)
    assert features.shape == (768,)
    assert classifier.classes == LABELS


def test_an_ontology_gets_the_scores_of_its_classes(folder: Path) -> None:
    classifier: Any = ocella.load(NAME, weights=folder, device="cpu", threads=1)
    own = dict(classifier.predict([picture(60, 80)])[0].top(5))
    (found,) = classifier.predict([picture(60, 80)], Ontology.of("espresso", "tabby"))
    np.testing.assert_allclose(found.confidence, [own["espresso"], own["tabby"]], atol=1e-6)


def test_a_thousand_classes_without_names_are_imagenets(tmp_path: Path) -> None:
    labels = starter_text("imagenet1k.txt")
    make(tmp_path, NAME, labels=labels)
    text = (tmp_path / "config.json").read_text(encoding="utf-8")
    (tmp_path / "config.json").write_text(text.replace('"label_names"', '"not_names"'), encoding="utf-8")
    assert ocella.load(NAME, weights=tmp_path, device="cpu").card.classes == labels


def test_a_folder_is_opened_by_its_architecture(folder: Path) -> None:
    model = ocella.load(folder, device="cpu")
    assert (model.card.task, model.card.name) == ("classify", folder.name)
    assert not model.card.commercial_use


def test_features_know_no_words(folder: Path) -> None:
    with pytest.raises(Refused, match="has no text side"):
        ocella.load(f"{NAME}-embed", weights=folder, device="cpu", threads=1).embed_text(["a cat"])  # type: ignore[attr-defined]  # an embedder


def test_folders_that_are_no_such_checkpoint(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"has no config.json. Leave weights out"):
        ocella.load(NAME, weights=tmp_path, device="cpu")
    text = (folder / "config.json").read_text(encoding="utf-8")
    (tmp_path / "config.json").write_text(text.replace('"fastvit_t8"', '"resnet18"'), encoding="utf-8")
    with pytest.raises(NotFound, match=r"has no model\.safetensors"):
        ocella.load(NAME, weights=tmp_path, device="cpu")
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:9000])
    with pytest.raises(Mismatch, match="must hold a fastvit of timm, but holds a resnet18"):
        ocella.load(NAME, weights=tmp_path, device="cpu")
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match="can be loaded"):
        ocella.load(NAME, weights=tmp_path, device="cpu")
    (tmp_path / "config.json").write_text(text.replace('"label_names"', '"not_names"'), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(Mismatch, match="must name its 5 classes"):
        ocella.load(NAME, weights=tmp_path, device="cpu")
