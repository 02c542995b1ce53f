"""A student distilled from the tiled starter detector on coco128 for its three most frequent classes, by people's labels.

coco128 is the first 128 images of COCO train2017, which the teacher and the start have seen in training: their figures
flatter. Data: lightly-ai/coco128_yolo as a folder with `images/`, `labels/` and `data.yaml`.
    python bench/distill_coco128.py --data DATA/coco128 --minutes 3
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import ocella
from ocella.datasets.dataset import Dataset
from ocella.training.prove import Proof
from ocella.types import Detections

SEEN = (
    "coco128 comes from COCO train2017, which the starter detector has seen in training: the teacher and the untrained "
    "start are flattered, and so is a student that copies them."
)


def objects(dataset: Dataset) -> Counter[str]:
    """People's objects by class."""
    return Counter(name for sample in dataset for found in sample.labels(Detections) for name in found.names)


def table(proof: Proof) -> None:
    told = proof.to_json()
    print(f"{told['metric']} on {told['images']} held-back images, judged by {told['truth']}\n")
    print("| role | model | AP50 (95 %) | AP | ms an image | MB |\n|---|---|---|---|---|---|")
    for row in told["rows"]:
        score = row["score"]
        interval = f"{score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})"
        figures = f"{interval} | {row['ap']:.3f} | {row['ms']:.0f} | {row['megabytes']:.1f}"
        print(f"| {row['role']} | {row['name']} | {figures} |")
    gain = told["difference"]
    print(
        f"\nstudent minus its start: {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f}): {told['verdict']}"
    )
    print(f"per class: {json.dumps(told['per_class'])}")
    for warning in told["warnings"]:
        print(f"Take care: {warning}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--tile", default="2x2")
    parser.add_argument("--classes", type=int, default=3, help="so many of the most frequent classes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="keep everything here, with the report")
    given = parser.parse_args()
    work = given.out or Path(tempfile.mkdtemp(prefix="ocella-bench-"))
    people = ocella.import_dataset(given.data, work / "people")
    counts = objects(people)
    classes = [name for name, _ in counts.most_common(given.classes)]
    print(f"{len(people)} images, problems: {people.info.get('problems', 'none')}")
    print(f"classes: {', '.join(f'{name} ({counts[name]} objects)' for name in classes)}")
    began = time.perf_counter()
    done = ocella.distill(
        work / "people" / "images",
        work / "road",
        classes=classes,
        tile=given.tile,
        minutes=given.minutes,
        truth=people,
        seed=given.seed,
    )
    print(f"training {given.minutes:g} minutes, the whole road {time.perf_counter() - began:.0f} s\n")
    table(done.proof)
    print(SEEN)
    if given.out is None:
        shutil.rmtree(work, ignore_errors=True)
    else:
        print(f"report: {done.report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
