"""Made-up classifiers, askers' truths and runs for tasks in which every run names something for each image."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tests.choosing.scenes import CARD

from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.types import Answer, ClassDef, Classification, Embedding, Ontology, SegmentationMap

CLASSES = ("cat", "cow", "dog", "hen")
ONTOLOGY = Ontology(tuple(ClassDef(c, (c,)) for c in CLASSES))


def files_of(n: int) -> list[tuple[str, Path]]:
    return [(f"{i:03d}.jpg", Path(f"{i:03d}.jpg")) for i in range(n)]


def shows(name: str, sure: float = 1.0) -> Classification:
    scores = np.full(len(CLASSES), (1 - sure) / (len(CLASSES) - 1), np.float32)
    scores[CLASSES.index(name)] = sure
    return Classification(scores, CLASSES)


def run_of(
    model: str,
    said: Sequence[Classification | Answer | SegmentationMap | Embedding],
    ontology: Ontology | None = ONTOLOGY,
    prompt: str = "",
) -> Run:
    return Run(Setting(model, ontology, prompt=prompt), tuple(said), 0.1, CARD)


def classifiers(
    seed: int, images: int, right: Sequence[float], alike: float = 0.4
) -> tuple[list[Run], dict[str, Classification]]:
    """Runs that are right so often; in a share `alike` of the images they fail on the same ones. They are a little surer
    where they are right.
    """
    random = np.random.default_rng(seed)
    truth, hard = random.integers(0, len(CLASSES), images), random.random(images)
    runs = []
    for number, share in enumerate(right):
        ok = np.where(random.random(images) < alike, hard, random.random(images)) < share
        named = np.where(ok, truth, (truth + random.integers(1, len(CLASSES), images)) % len(CLASSES))
        sure = np.clip(np.where(ok, 0.75, 0.5) + random.normal(0, 0.15, images), 0.3, 0.99)
        said = [shows(CLASSES[k], float(s)) for k, s in zip(named, sure, strict=True)]
        runs.append(run_of(f"model-{number}", said))
    return runs, {name: shows(CLASSES[k]) for (name, _), k in zip(files_of(images), truth, strict=True)}
