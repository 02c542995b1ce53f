"""Small data sets on disk, and small real models, for the blocks that need them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tests.small_models import COLOURS, card, paint

from ocella.datasets import Dataset, Sample
from ocella.models.pool import Pool
from ocella.models.tasks import Embedder, Model, VisionLanguageModel
from ocella.types import Annotation, Answer, Detections, Embedding, Image, Source, State

__all__ = ["ColourVectors", "Witness", "dataset", "noise", "pool"]

PERSON = Source("person", "ann")


def dataset(root: Path, labels: Mapping[str, Detections], source: Source = PERSON) -> Dataset:
    """A data set of grey pictures of 64 x 96 with these labels."""
    classes = next(iter(labels.values())).classes
    samples = []
    for name, found in labels.items():
        paint(root / "images" / name)
        accepted: State = "accepted"
        annotation = Annotation(found, source, (accepted,) * len(found))
        samples.append(Sample(f"images/{name}", (64, 96), annotations=(annotation,)))
    made = Dataset(root, "detect", classes, tuple(samples))
    made.save()
    return made


def noise(seed: int, size_hw: tuple[int, int] = (48, 64)) -> Image:
    """A picture unlike those of other seeds."""
    return Image(np.random.default_rng(seed).integers(0, 255, (*size_hw, 3), np.uint8))


def pool(*models: Model) -> Pool:
    """A pool of these models, by their cards' names."""
    by_name = {m.card.name: m for m in models}
    return Pool(100, loader=lambda name, **_: by_name[str(name)], weigh=lambda *_, **__: 1)


class ColourVectors(Embedder):
    """Images as their mean colour, texts as the colour they name."""

    _card = card("colour-vectors", "embed")

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        means = [i.pixels.reshape(-1, 3).mean(axis=0) + 1e-3 for i in images]
        return [Embedding(m / np.linalg.norm(m), "colours") for m in means]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        named = [np.array(COLOURS.get(t, (1, 1, 1)), np.float64) for t in texts]
        return [Embedding(v / np.linalg.norm(v), "colours") for v in named]


class Witness(VisionLanguageModel):
    """Says whether a picture is of the colour that it is asked for; of green ones it does not know."""

    _card = card("witness", "vlm")

    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        assert not options
        asked = next(name for name in COLOURS if name in prompt)
        said = []
        for image in images:
            seen = list(COLOURS)[int(image.pixels.reshape(-1, 3).mean(axis=0).argmax())]
            text = "I cannot tell." if seen == "green" else "Yes, there is." if seen == asked else "No."
            said.append(Answer(text, prompt))
        return said
