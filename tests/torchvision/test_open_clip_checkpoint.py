"""EVA-CLIP and Perception Encoder, beside open_clip's own transform, tokenizer and network."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image as Pillow
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue, Mismatch, NotFound
from ocella.types import ClassDef, Image, Ontology

TEXTS = ["a photo of a cat.", "a red dog in the snow.", "rain?"]
ONTOLOGY = Ontology(tuple(ClassDef(f"class {i}", (text,)) for i, text in enumerate(TEXTS)))
MODELS = [("eva02-b-16-merged2b-s8b-b131k", "eva_clip"), ("pe-core-t-16-384", "perception_encoder")]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for name, module in MODELS:
        made[name] = tmp_path_factory.mktemp(name)
        import_module(f"tests.checkpoints.{module}").make(made[name], name)
    return made


def reference(folder: Path, image: Image) -> tuple[Any, Any, Any]:
    """Probabilities of TEXTS, the image's and the texts' vectors, by open_clip alone."""
    network, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    words = open_clip.get_tokenizer(f"local-dir:{folder}")
    with torch.inference_mode():
        seen = network.eval().encode_image(transform(Pillow.fromarray(image.pixels))[None], normalize=True)
        read = network.encode_text(words(TEXTS), normalize=True)
        shares = (network.logit_scale.exp() * seen @ read.T).softmax(dim=-1)
    return shares[0].numpy(), seen[0].numpy(), read.numpy()


@pytest.mark.parametrize("name", [name for name, _ in MODELS])
def test_scores_and_vectors_are_the_librarys(folders: dict[str, Path], name: str) -> None:
    classifier: Any = ocella.load(name, weights=folders[name], device="cpu", threads=1)
    embedder: Any = ocella.load(f"{name}-embed", weights=folders[name], device="cpu", threads=1)
    for size_hw in ((64, 64), (120, 300)):
        image = picture(*size_hw)
        shares, seen, read = reference(folders[name], image)
        assert shares.std() > 1e-3
        (found,) = classifier.predict([image], ONTOLOGY)
        np.testing.assert_allclose(found.confidence, shares, atol=1e-4)
        np.testing.assert_allclose(embedder.predict([image])[0].vector, seen, atol=1e-4)
        np.testing.assert_allclose([t.vector for t in embedder.embed_text(TEXTS)], read, atol=1e-4)


@pytest.mark.parametrize(("name", "places"), [(MODELS[0][0], 77), (MODELS[1][0], 32)])
def test_a_text_may_fill_every_place_and_no_more(folders: dict[str, Path], name: str, places: int) -> None:
    embedder: Any = ocella.load(f"{name}-embed", weights=folders[name], device="cpu", threads=1)
    assert len(embedder.embed_text(["dog " * (places - 2)])) == 1
    with pytest.raises(InvalidValue, match=f"more than the {places} tokens"):
        embedder.embed_text(["dog " * (places - 1)])


def test_folders_of_another_family(folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match="must hold a eva of open_clip, but its image network is vit_pe_core_tiny"):
        ocella.load(MODELS[0][0], weights=folders[MODELS[1][0]], device="cpu")
    with pytest.raises(NotFound, match=r"has no open_clip_config.json"):
        ocella.load(MODELS[0][0], weights=tmp_path, device="cpu")
