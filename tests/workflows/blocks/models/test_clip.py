"""CLIP's vectors as a block gives them, beside the library's own."""

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.contrastive import clip_images
from tests.checkpoints.parts import picture
from tests.workflows.leasing import folder_of, services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, NotFound
from ocella.types import Embedding
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session

NAME = "clip-vit-base-patch32-embed"


def library(data: Any) -> Any:
    """The unit vector of an image or a text, by transformers alone."""
    folder = folder_of(NAME, "clip")
    network = transformers.CLIPModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        if isinstance(data, str):
            words = transformers.AutoTokenizer.from_pretrained(folder)([data], return_tensors="pt")
            out = network.get_text_features(**words)
        else:
            out = network.get_image_features(**clip_images()(data.pixels, return_tensors="pt"))
    vector = getattr(out, "pooler_output", out)[0].numpy()
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("data", [picture(48, 64), "a small cat"], ids=["image", "text"])
@pytest.mark.parametrize("block", ["clip", "roboflow_core/clip@v1"])
def test_vectors_are_the_librarys(block: str, data: Any) -> None:
    found = run_step(block, {"data": data}, services(NAME, "clip"), version="ViT-B-32")["embedding"]
    assert isinstance(found, Embedding)
    np.testing.assert_allclose(found.vector, library(data), atol=1e-5)


def test_a_text_of_the_definition_and_images_in_a_batch() -> None:
    definition = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "clip", "name": "seen", "data": "$inputs.image"},
            {"type": "clip", "name": "said", "data": "a dog"},
            {
                "type": "cosine_similarity",
                "name": "alike",
                "embedding_1": "$steps.seen.embedding",
                "embedding_2": "$steps.said.embedding",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "alike", "selector": "$steps.alike.similarity"}],
    }
    images = [picture(48, 64), picture(64, 40, seed=2)]
    found = Session(compile_workflow(definition), services(NAME, "clip")).run({"image": images})
    wanted = [float(library(image) @ library("a dog")) for image in images]
    assert [row["alike"] for row in found] == pytest.approx(wanted, abs=1e-5)


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match="version"):
        run_step("clip", {"data": "a"}, services(NAME, "clip"), version="ViT-Z-1")
    with pytest.raises(NotFound, match="ViT-B-16, ViT-B-32, ViT-L-14"):
        run_step("clip", {"data": "a"}, services(NAME, "clip"), version="RN50")
