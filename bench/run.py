"""What `make bench` calls: every measuring script that can run here, and one summary.

python bench/run.py [--data FOLDER] [--only NAME ...] [--quick]
FOLDER (or OCELLA_BENCH_DATA, or ../shared/data beside the repository) holds bccd, clothing and coco128.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BESIDE = HERE.parents[1] / "shared" / "data"


@dataclass(frozen=True)
class Measurement:
    """One script: what it needs of the data folder, its options, and shorter ones for a first look."""

    name: str
    script: str
    needs: str = ""
    options: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    whole_folder: bool = False

    def command(self, data: Path, *, quick: bool) -> list[str]:
        chosen = [*self.options, *(self.quick if quick else ())]
        if self.needs:
            chosen += ["--data", str(data if self.whole_folder else data / self.needs)]
        return [sys.executable, str(HERE / self.script), *chosen]


MEASUREMENTS = (
    Measurement("startup", "startup.py"),
    Measurement("workflows", "workflows/run.py", quick=("--quick",)),
    Measurement("drawing", "drawing.py"),
    Measurement("model_overhead", "model_overhead/run.py", quick=("--quick",)),
    Measurement("student_bccd", "student_bccd.py", "bccd", quick=("--seeds", "1", "--minutes", "0.2")),
    Measurement("student_clothing", "student_clothing.py", "clothing", quick=("--folds", "2", "--minutes", "0.1")),
    Measurement("choosing_coco128", "choosing/coco128.py", "coco128", quick=("--repeats", "10", "--sets", "person")),
    Measurement("choosing_bccd", "choosing/bccd.py", "bccd", quick=("--seeds", "1")),
    Measurement("choosing_clothing", "choosing/clothing.py", "clothing", quick=("--labels", "5", "--seeds", "1")),
    Measurement("distill_coco128", "distill_coco128.py", "coco128", quick=("--minutes", "0.1")),
)


@dataclass(frozen=True)
class Outcome:
    """How it went, in a word, with seconds where it ran."""

    name: str
    word: str
    seconds: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Every measuring script that can run here, and one summary.")
    parser.add_argument("--data", type=Path, default=os.environ.get("OCELLA_BENCH_DATA"))
    parser.add_argument("--archives", type=Path, help="folder with the human-models archive, for starter_detector")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--quick", action="store_true", help="a first look: the figures say nothing")
    given = parser.parse_args()
    data = Path(given.data) if given.data else BESIDE
    if not data.is_dir():
        print(f"There is no data in {data}, so only what needs none is measured. Give --data or OCELLA_BENCH_DATA.")
    todo = [m for m in (*MEASUREMENTS, _starter(given.archives)) if given.only is None or m.name in given.only]
    outcomes = list(_outcomes(todo, data, given.archives, quick=given.quick))
    print("\n## Summary\n\n| measurement | outcome | s |\n|---|---|---|")
    for outcome in outcomes:
        print(f"| {outcome.name} | {outcome.word} | {outcome.seconds:.0f} |")
    return int(any(o.word.startswith("failed") for o in outcomes))


def _starter(archives: Path | None) -> Measurement:
    given = () if archives is None else ("--archives", str(archives))
    return Measurement("starter_detector", "starter_detector/run.py", "coco128", given, whole_folder=True)


def _outcomes(todo: list[Measurement], data: Path, archives: Path | None, *, quick: bool) -> Iterator[Outcome]:
    for measurement in todo:
        missing = _missing(measurement, data, archives)
        if missing:
            yield Outcome(measurement.name, f"left out: {missing}")
            continue
        print(f"\n## {measurement.name}\n", flush=True)
        began = time.perf_counter()
        code = subprocess.run(measurement.command(data, quick=quick), check=False).returncode
        yield Outcome(measurement.name, "done" if code == 0 else f"failed with {code}", time.perf_counter() - began)


def _missing(measurement: Measurement, data: Path, archives: Path | None) -> str:
    if measurement.needs and not (data / measurement.needs).is_dir():
        return f"no {measurement.needs} in {data}"
    if measurement.name == "starter_detector":
        if shutil.which("node") is None:
            return "no node on the PATH"
        if archives is None:
            return "needs --archives, see bench/starter_detector/README.md"
        if not (HERE / "starter_detector" / "node_modules").is_dir():
            return "its npm packages are not installed, see bench/starter_detector/README.md"
    return ""


if __name__ == "__main__":
    sys.exit(main())
