"""Likeness of images and texts: cosines of the library's vectors."""

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.contrastive import clip_images
from tests.checkpoints.parts import picture
from tests.workflows.leasing import folder_of, services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

NAME = "clip-vit-base-patch16-embed"
TEXTS = ["a cat", "two dogs", "the sea"]


def unit(vectors: Any) -> Any:
    found = getattr(vectors, "pooler_output", vectors).numpy()
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def library(image: Image) -> list[float]:
    """Cosine of the image and each text, by transformers alone; each text by itself, so that none is padded."""
    folder = folder_of(NAME, "clip")
    network = transformers.CLIPModel.from_pretrained(folder).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        seen = unit(network.get_image_features(**clip_images()(image.pixels, return_tensors="pt")))[0]
        said = [unit(network.get_text_features(**words([text], return_tensors="pt")))[0] for text in TEXTS]
    return [float(seen @ text) for text in said]


@pytest.mark.parametrize("size_hw", [(48, 64), (64, 40)])
def test_cosines_are_the_librarys(size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    wanted = library(image)
    found = run_step("clip_comparison", {"images": image}, services(NAME, "clip"), classes=TEXTS)
    assert found["similarities"] == pytest.approx(wanted, abs=1e-5)
    assert found["max_similarity"] == pytest.approx(max(wanted), abs=1e-5)
    assert found["min_similarity"] == pytest.approx(min(wanted), abs=1e-5)
    assert found["most_similar_class"] == TEXTS[int(np.argmax(wanted))]
    assert found["least_similar_class"] == TEXTS[int(np.argmin(wanted))]
    scores = found["classification_predictions"]
    assert (scores.classes, scores.size_hw) == (tuple(TEXTS), size_hw)
    np.testing.assert_allclose(scores.confidence, np.clip(wanted, 0, 1), atol=1e-5)


@pytest.mark.parametrize("name", ["ClipComparison", "roboflow_core/clip_comparison@v1"])
def test_the_older_version_compares_texts(name: str) -> None:
    image = picture(48, 64)
    found = run_step(name, {"images": image}, services(NAME, "clip"), texts=TEXTS)
    assert found["similarity"] == pytest.approx(library(image), abs=1e-5)
    assert found["prediction_type"] == "classification"
    assert found["parent_id"] == found["root_parent_id"]


def test_classes_are_needed() -> None:
    with pytest.raises(InvalidWorkflow, match="classes"):
        run_step("clip_comparison", {"images": picture(48, 64)}, services(NAME, "clip"), classes=[])
