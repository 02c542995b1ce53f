"""What the detection student reaches on BCCD (microscope photographs of blood), by minutes of training and start.

Labels by people, train list to val list, COCO's AP on the val list. Data: Shenggan/BCCD_Dataset (MIT) as a folder with
`images/`, `annotations/`, `train.txt` and `val.txt`. Run on an otherwise idle machine: the budget is time.
    python bench/student_bccd.py --data DATA/bccd --seeds 3 --minutes 1 6 --start starter random
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from ocella.datasets.convert import import_dataset
from ocella.datasets.dataset import Dataset
from ocella.training.recipe import recipes
from ocella.training.settings import TrainSettings


def bccd(data: Path, root: Path) -> Dataset:
    """The whole set with its own two lists as splits."""
    lists = {name: set((data / f"{name}.txt").read_text(encoding="utf-8").split()) for name in ("train", "val")}
    whole = import_dataset(data, root, format="voc")
    place = {s.file: next((n for n, stems in lists.items() if Path(s.file).stem in stems), "") for s in whole}
    return whole.map(lambda s: s.replace(split=place[s.file]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 6.0])
    parser.add_argument("--epochs", type=int, help="train for epochs in place of minutes")
    parser.add_argument("--start", nargs="+", choices=["starter", "random"], default=["starter"])
    parser.add_argument("--out", type=Path, help="keep the students here")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="ocella-bench-"))
    dataset = bccd(given.data, work / "data")
    print(f"{len(dataset)} images, problems: {dataset.info.get('problems', 'none')}")
    print(
        "| start | minutes | seed | AP50 | AP | chosen at | steps | precision | wall s |\n|---|---|---|---|---|---|---|---|---|"
    )
    for start in given.start:
        for minutes in given.minutes:
            rows = []
            for seed in range(given.first_seed, given.first_seed + given.seeds):
                # cells under a microscope have no up
                settings = TrainSettings(
                    minutes=minutes, epochs=given.epochs, seed=seed, start=start, vertical_flip=True
                )
                out = (given.out or work) / f"{start}-{minutes:g}-{seed}"
                begun = time.perf_counter()
                trained = recipes.get("nanodet-g").train(dataset, out, settings)
                wall = time.perf_counter() - begun
                best = trained.numbers["validation"]
                steps = max(r["step"] for r in trained.history)
                rows.append((best["ap50"], best["ap"]))
                print(
                    f"| {start} | {minutes:g} | {seed} | {best['ap50']:.3f} | {best['ap']:.3f} | {trained.numbers['chosen_at_step']} "
                    f"| {steps} | {trained.card.data['precision']} | {wall:.0f} |",
                    flush=True,
                )
                print(
                    json.dumps(
                        {
                            "seconds": dict(trained.seconds),
                            "onnx": trained.numbers["onnx"],
                            "torch": trained.numbers["torch"],
                        }
                    )
                )
            mean50, mean = (statistics.mean(r[i] for r in rows) for i in (0, 1))
            print(f"| {start} | {minutes:g} | mean of {len(rows)} | {mean50:.3f} | {mean:.3f} | | | | |", flush=True)
    if given.out is None:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
