"""Whether the images that `choose` names to label teach a student more than as many at random: photographs of blood.

Labels by people. Both arms get the same number of images, of steps and the same seed; the student that comes out last is
judged, none is picked by the images that judge. Data: Shenggan/BCCD_Dataset (MIT), as for student_bccd.py.
    python bench/choosing/bccd.py --data DATA/bccd --rules typical --seeds 5
With `--tune` a quarter of the train list judges in place of the val list, another quarter each seed: for comparing rules.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from student_bccd import bccd  # after the path

import ocella
from ocella.choosing.coverage import images_to_label
from ocella.datasets.dataset import Dataset
from ocella.embeddings.duplicates import duplicate_groups
from ocella.metrics.intervals import bootstrap
from ocella.training.recipe import recipes
from ocella.training.settings import TrainSettings

RULES = ("random", "typical", "typical+doubt", "spread", "spread+doubt")


def look(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, d), and how unsure the starter detector is of each image: confidence x (1 - confidence), all boxes."""
    embedder, detector = ocella.load("efficientnet-lite0-features"), ocella.load("nanodet-g")
    vectors, doubt = [], []
    for sample in dataset:
        image = dataset.image(sample)
        vectors.append(embedder.predict([image])[0].vector)
        sure = detector.predict([image], threshold=0.02)[0].confidence
        doubt.append(float((sure * (1 - sure)).sum()))
    return np.stack(vectors), np.array(doubt)


def pick(rule: str, count: int, vectors: np.ndarray, doubt: np.ndarray, groups: list[str], seed: int) -> np.ndarray:
    if rule == "random":
        return np.random.default_rng(seed).choice(len(vectors), count, replace=False)
    kind, _, unsure = rule.partition("+")
    return images_to_label(vectors, count, rule=kind, doubt=doubt if unsure else None, groups=groups, seed=seed)


def seed_parts(dataset: Dataset, rows: np.ndarray, seed: int, *, tune: bool) -> tuple[list, list]:
    """The samples to choose from with their rows, and those that judge."""
    samples = list(dataset)
    train = [s for s in samples if s.split == "train"]
    if not tune:
        return [(s, i) for s, i in zip(train, rows, strict=True)], [s for s in samples if s.split == "val"]
    held = set(np.random.default_rng([seed, 1]).choice(len(train), len(train) // 4, replace=False).tolist())
    return [(s, i) for i, s in enumerate(train) if i not in held], [train[i] for i in sorted(held)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rules", nargs="+", choices=RULES[1:], default=["typical"])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--size", type=int, nargs=2, default=[224, 288])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--tune", action="store_true")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="ocella-bench-"))
    dataset = bccd(given.data, work / "data")
    train = dataset.split("train")
    vectors, doubt = look(train)
    named = duplicate_groups(train)
    groups = [named[s.file] for s in train]
    print(f"{len(train)} images to choose from, {len(set(groups))} groups of near-duplicates")
    print("| seed | rule | boxes | AP50 | AP |\n|---|---|---|---|---|")
    rules = ["random", *given.rules]
    scores: dict[str, list[tuple[float, float]]] = {rule: [] for rule in rules}
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        pool, judges = seed_parts(dataset, np.arange(len(train)), seed, tune=given.tune)
        kept = np.array([i for _, i in pool])
        for rule in rules:
            chosen = pick(rule, given.count, vectors[kept], doubt[kept], [groups[i] for i in kept], seed)
            taught = [pool[i][0].replace(split="train") for i in chosen]
            part = dataset.replace(samples=(*taught, *(s.replace(split="val") for s in judges)))
            settings = TrainSettings(
                epochs=given.epochs,
                seed=seed,
                vertical_flip=True,
                validations=1,
                input_hw=tuple(given.size),
                precision="fp32",
            )
            last = recipes.get("nanodet-g").train(part, work / f"{rule}-{seed}", settings).numbers["validation"]
            scores[rule].append((last["ap50"], last["ap"]))
            boxes = sum(len(s.detections(dataset.classes)) for s in taught)
            print(f"| {seed} | {rule} | {boxes} | {last['ap50']:.3f} | {last['ap']:.3f} |", flush=True)
            shutil.rmtree(work / f"{rule}-{seed}")
    print("\n| rule | less random, AP50 | less random, AP |\n|---|---|---|")
    for rule in given.rules:
        print(f"| {rule} | {' | '.join(gap(scores[rule], scores['random'], i) for i in (0, 1))} |")
    shutil.rmtree(work, ignore_errors=True)


def gap(ours: list[tuple[float, float]], theirs: list[tuple[float, float]], which: int) -> str:
    """Mean paired difference over seeds with the bootstrap's 95 %, and in how many seeds it is above 0."""
    apart = np.array([a[which] - b[which] for a, b in zip(ours, theirs, strict=True)])
    known = bootstrap(lambda w: float(np.average(apart, weights=w)), len(apart))
    return f"{known.value:+.3f} [{known.low:+.3f}, {known.high:+.3f}], {int((apart > 0).sum())} of {len(apart)}"


if __name__ == "__main__":
    main()
