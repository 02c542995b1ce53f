"""What the classification students reach on photographs of clothes in ten classes: five folds, mean accuracy.

Labels by people. Data: clothing-dataset-small (CC0) as a folder a class.
    python bench/student_clothing.py --data DATA/clothing --recipes linear-probe efficientnet-lite0 --minutes 1
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from ocella.datasets.convert import import_dataset
from ocella.datasets.dataset import Dataset
from ocella.training.recipe import recipes
from ocella.training.settings import TrainSettings
from ocella.types import Classification


def folds(dataset: Dataset, count: int, seed: int) -> list[Dataset]:
    """The set `count` times, each time another part of every class held back."""
    by_class: dict[str, list[str]] = defaultdict(list)
    for sample in dataset:
        by_class[sample.labels(Classification)[-1].top()[0][0]].append(sample.file)
    rng = np.random.default_rng(seed)
    fold: dict[str, int] = {}
    for files in by_class.values():
        for i, k in enumerate(rng.permutation(len(files))):
            fold[files[k]] = (i + len(fold)) % count
    return [dataset.map(lambda s, k=k: s.replace(split="val" if fold[s.file] == k else "train")) for k in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--recipes", nargs="+", default=["linear-probe", "efficientnet-lite0"])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="ocella-bench-"))
    dataset = import_dataset(given.data, work / "data", format="class-folders")
    print(f"{len(dataset)} images, {len(dataset.classes)} classes, problems: {dataset.info.get('problems', 'none')}")
    print(
        "| recipe | seed | accuracy by fold | last validation, not the best | mean | wall s a fold |\n|---|---|---|---|---|---|"
    )
    for name in given.recipes:
        for seed in range(given.seeds):
            best, last, walls = [], [], []
            for k, part in enumerate(folds(dataset, given.folds, seed)):
                settings = TrainSettings(minutes=given.minutes, epochs=given.epochs, seed=seed)
                begun = time.perf_counter()
                trained = recipes.get(name).train(part, work / f"{name}-{seed}-{k}", settings)
                walls.append(time.perf_counter() - begun)
                print(f"fold {k + 1} of {given.folds}: {trained.numbers['onnx']:.3f}", file=sys.stderr, flush=True)
                best.append(trained.numbers["onnx"])
                last.append([r for r in trained.history if r["kind"] == "validation"][-1]["accuracy"])
            print(
                f"| {name} | {seed} | {' '.join(f'{a:.3f}' for a in best)} | {statistics.mean(last):.3f} "
                f"| {statistics.mean(best):.3f} | {statistics.mean(walls):.0f} |",
                flush=True,
            )
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
