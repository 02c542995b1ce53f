"""Small made-up scenes: true things, and runs that find some of them, miss some, and make some up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.models.card import ModelCard
from ocella.types import ClassDef, Detections, Ontology

CARD = ModelCard(
    name="made-up",
    task="detect",
    summary="for tests",
    checkpoint="none",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=1,
    megabytes=1.0,
    input_hw=(64, 64),
    threshold=0.35,
    memory_gb=0.5,
)


@dataclass(frozen=True)
class Scenes:
    """Runs over images, with the truth of each image by file."""

    runs: list[Run]
    files: list[tuple[str, Path]]
    truths: dict[str, Detections]
    classes: tuple[str, ...]

    @property
    def truth(self) -> list[Detections]:
        return [self.truths[name] for name, _ in self.files]


def detections(rows: list[tuple[float, float, float, float, float, int]], classes: tuple[str, ...]) -> Detections:
    """From x1, y1, x2, y2, confidence, class id."""
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(
        table[:, :4].astype(np.float32), table[:, 4].astype(np.float32), table[:, 5].astype(np.int64), classes
    )


def run_of(said: list[Detections], prompts: tuple[str, ...] = (), *, tile: tuple[int, int] | None = None) -> Run:
    classes = said[0].classes
    worded = [ClassDef(name, prompts or (name,)) for name in classes]
    return Run(Setting("made-up", Ontology(tuple(worded)), tile), tuple(said), 0.1, CARD, "for a test")


def scenes(
    seed: int, *, images: int = 24, things: float = 2.5, classes: tuple[str, ...] = ("cat",), runs: int = 3
) -> Scenes:
    """`runs` of different skill over images with about `things` true things each; boxes never lie on each other."""
    random = np.random.default_rng(seed)
    truths: dict[str, Detections] = {}
    said: list[list[Detections]] = [[] for _ in range(runs)]
    files = [(f"{i:03d}.jpg", Path(f"{i:03d}.jpg")) for i in range(images)]
    for name, _ in files:
        cells = random.permutation(36)
        count = min(int(random.poisson(things)), 20)
        boxes = [(50 * (c % 6), 50 * (c // 6), 50 * (c % 6) + 40, 50 * (c // 6) + 40) for c in cells.tolist()]
        kinds = random.integers(0, len(classes), 36).tolist()
        hard = random.random(36)
        truths[name] = detections([(*boxes[i], 1.0, kinds[i]) for i in range(count)], classes)
        for r in range(runs):
            rows = []
            for i in range(36):
                is_true = i < count
                if (is_true and hard[i] < 0.75 - 0.2 * r) or (not is_true and random.random() < 0.06 + 0.02 * r):
                    logit = random.normal(0.9 if is_true else -0.6, 0.7)
                    shift = random.uniform(-4, 4, 4)
                    box = [float(np.clip(v + s, 0, 300)) for v, s in zip(boxes[i], shift, strict=True)]
                    rows.append((*box, float(np.clip(1 / (1 + np.exp(-logit)), 0.2, 0.99)), kinds[i]))
            said[r].append(detections(rows, classes))
    made = [run_of(of_run, tile=None if r == 0 else (r, r + 1)) for r, of_run in enumerate(said)]
    return Scenes(made, files, truths, classes)
