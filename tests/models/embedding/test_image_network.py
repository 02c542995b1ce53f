"""Classifiers and features of transformers on small random checkpoints, beside the library's own pipeline."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import Mismatch, Refused
from ocella.models.checkpoints.imagenet_names import classifier_names
from ocella.models.starter import starter_text
from ocella.types import Image, Ontology

SIZES = [(64, 64), (48, 90), (300, 200)]
CLASSIFIERS = [
    ("resnet-50", "resnet", "ResNetForImageClassification", "ConvNextImageProcessorPil"),
    ("vit-base-patch16-224", "vit", "ViTForImageClassification", "ViTImageProcessorPil"),
]
FEATURES = [
    ("dinov2-small", "dinov2", "Dinov2Model", "BitImageProcessorPil"),
    ("resnet-50-embed", "resnet", "ResNetModel", "ConvNextImageProcessorPil"),
    ("vit-base-patch16-224-embed", "vit", "ViTModel", "ViTImageProcessorPil"),
]


def made(folder: Path, name: str, module: str) -> Path:
    import_module(f"tests.checkpoints.{module}").make(folder, name)
    return folder


def reference(folder: Path, network: str, images: str, image: Image, **how: Any) -> Any:
    """What the library's processor and network give."""
    processor = getattr(transformers, images).from_pretrained(folder)
    net = getattr(transformers, network).from_pretrained(folder, **how).eval()
    with torch.inference_mode():
        return net(**processor(image.pixels, return_tensors="pt", input_data_format="channels_last"))


@pytest.mark.parametrize(("name", "module", "network", "images"), CLASSIFIERS)
def test_scores_are_the_librarys(tmp_path: Path, name: str, module: str, network: str, images: str) -> None:
    folder = made(tmp_path, name, module)
    model: Any = ocella.load(name, weights=folder, device="cpu", threads=1)
    assert model.classes == ("tench", "crane", "goldfish", "tabby", "espresso")
    for size_hw in SIZES:
        image = picture(*size_hw)
        expected = reference(folder, network, images, image).logits.softmax(dim=-1)[0].numpy()
        assert expected.std() > 1e-3
        np.testing.assert_allclose(model.predict([image])[0].confidence, expected, atol=1e-4)
    (found,) = model.predict([image], Ontology.of("espresso", "tench"))
    np.testing.assert_allclose(found.confidence, expected[[4, 0]], atol=1e-4)


@pytest.mark.parametrize(("name", "module", "network", "images"), FEATURES)
def test_vectors_are_the_librarys(tmp_path: Path, name: str, module: str, network: str, images: str) -> None:
    folder = made(tmp_path, name, module)
    model: Any = ocella.load(name, weights=folder, device="cpu", threads=1)
    how = {"add_pooling_layer": False} if network == "ViTModel" else {}
    for size_hw in SIZES:
        image = picture(*size_hw)
        out = reference(folder, network, images, image, **how)
        vector = out.last_hidden_state[:, 0] if network == "ViTModel" else out.pooler_output.flatten(1)
        expected = torch.nn.functional.normalize(vector)[0].numpy()
        np.testing.assert_allclose(model.predict([image])[0].vector, expected, atol=1e-4)
    with pytest.raises(Refused, match="has no text side"):
        model.embed_text(["a cat"])


def test_a_folder_with_a_head_is_a_classifier_and_features_where_asked(tmp_path: Path) -> None:
    folder = made(tmp_path, "vit-base-patch16-224", "vit")
    assert ocella.load(folder, device="cpu", threads=1).card.task == "classify"
    assert ocella.load(folder, device="cpu", threads=1, task="embed").card.task == "embed"


def test_imagenets_synonyms_become_the_one_list_of_names() -> None:
    names = starter_text("imagenet1k.txt")
    labels = {i: f"{name}, Latin {i}" for i, name in enumerate(names)}
    labels[134] = labels[517] = "crane"  # as the published configurations have it
    found, columns = classifier_names(labels)
    assert found == names
    assert (found[134], found[517]) == ("crane (bird)", "crane (machine)")
    assert columns.tolist() == list(range(1000))
    text = {str(i): label for i, label in labels.items()}
    assert classifier_names(text)[0] == names


def test_other_labels_stay_whole_and_must_differ() -> None:
    assert classifier_names({1: "maize, rust", 0: "maize, healthy"})[0] == ("maize, healthy", "maize, rust")
    assert len(set(classifier_names({i: f"kind {i}" for i in range(1000)})[0])) == 1000
    with pytest.raises(Mismatch, match="several classes 'crane'"):
        classifier_names({0: "crane", 1: "crane"})
