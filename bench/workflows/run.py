"""What it costs to run workflows in Ocella and in Roboflow's inference, the same definitions on the same image.

python bench/workflows/run.py [--rounds 10] [--no-peer] [--quick]
Each contestant is a process of its own; they take turns. The peer is installed once into an environment under --cache.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from contest import Contestant, environment  # noqa: E402  # after the path
from definitions import boxes  # noqa: E402

PACKAGES = ("torch==2.13.0", "torchvision==0.28.0", "inference-cpu==1.8.3")
QUIET = {"OFFLINE_MODE": "True", "METRICS_ENABLED": "False", "TELEMETRY_OPT_OUT": "True", "LOG_LEVEL": "ERROR"}
BARS = {"3 steps": 1 / 5, "chain of 10": 1 / 5, "50 crops": 1 / 5, "4 drawings": 1 / 4, "compile": 1 / 5}
FIRST_S, FIRST_MB = 0.7, 150


def main() -> int:
    parser = argparse.ArgumentParser(description="Workflows in Ocella and in a peer.")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each contestant, ten runs a turn")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "ocella-bench")
    parser.add_argument("--no-peer", action="store_true", help="Ocella alone")
    parser.add_argument("--quick", action="store_true", help="a first look: the figures say nothing")
    given = parser.parse_args()
    peer = None if given.no_peer else environment("inference", PACKAGES, given.cache)
    with tempfile.TemporaryDirectory() as scratch:
        files = prepared(Path(scratch))
        contestants = [Contestant.start("Ocella", Path(sys.executable), HERE / "ours.py", files, {})]
        if peer is not None:
            contestants.append(Contestant.start("inference", peer, HERE / "peer_inference.py", files, QUIET))
        for _ in range(2 if given.quick else given.rounds):
            for contestant in contestants:
                contestant.turn(10)
        met = table(contestants)
        for contestant in contestants:
            contestant.stop()
    met &= starts(peer)
    if os.getloadavg()[0] > (os.cpu_count() or 1) + 0.5:
        print(f"The machine was busy: load {os.getloadavg()[0]:.1f}.")
    return 0 if met or given.quick else 1


def prepared(folder: Path) -> list[str]:
    """An image of 1280 x 720, and twenty elliptical masks in it."""
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    rows, columns = np.mgrid[:720, :1280]
    masks = []
    for x1, y1, x2, y2 in boxes(20, (720, 1280)):
        across, down = (columns - (x1 + x2) / 2) / ((x2 - x1) / 2), (rows - (y1 + y2) / 2) / ((y2 - y1) / 2)
        masks.append(across**2 + down**2 <= 1)
    np.save(folder / "image.npy", image)
    np.save(folder / "masks.npy", np.array(masks))
    return [str(folder / "image.npy"), str(folder / "masks.npy")]


def table(contestants: list[Contestant]) -> bool:
    """Print medians; whether Ocella is under its share of the peer's time everywhere."""
    ours, *others = contestants
    met = True
    print(
        "\n| | Ocella ms | "
        + " | ".join(f"{o.name} {o.facts.get('version', '')} ms" for o in others)
        + " | share | bar |"
    )
    print("|---" * (len(others) + 4) + "|")
    for way, bar in BARS.items():
        mine, theirs = ours.middle(way), [o.middle(way) for o in others]
        share = mine / theirs[0] if theirs else float("nan")
        met &= not share > bar
        cells = " | ".join(f"{t:.3f}" for t in theirs)
        print(
            f"| {way} | {mine:.3f} | {cells} | {share:.3f} | {bar:.2f} {'met' if share <= bar else 'NOT MET' if theirs else ''} |"
        )
    print("Results of '50 crops': " + ", ".join(f"{c.name} {c.facts.get('50 crops')}" for c in contestants))
    return met


def starts(peer: Path | None) -> bool:
    """From the start of a process to its first result, and its largest resident set."""
    met = True
    print("\n| process to first result | s | MB |\n|---|---|---|")
    for name, python, script in (("Ocella", Path(sys.executable), "ours.py"), ("inference", peer, "peer_inference.py")):
        if python is None:
            continue
        taken = []
        for _ in range(5 if name == "Ocella" else 3):
            began = time.perf_counter()
            environ = os.environ | QUIET | {"PYTHONPATH": str(HERE.parent)}
            done = subprocess.run(
                [str(python), str(HERE / script), "first"], capture_output=True, text=True, check=True, env=environ
            )
            taken.append((time.perf_counter() - began, float(done.stdout.split()[-1])))
        seconds, megabytes = sorted(taken)[len(taken) // 2]
        print(f"| {name} | {seconds:.2f} | {megabytes:.0f} |")
        if name == "Ocella":
            met = seconds <= FIRST_S and megabytes <= FIRST_MB
            print(f"| bar | {FIRST_S} | {FIRST_MB} |")
    return met


if __name__ == "__main__":
    sys.exit(main())
