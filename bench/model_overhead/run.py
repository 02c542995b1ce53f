"""What it costs to run an ONNX detector through Ocella, Ultralytics and Roboflow's inference-models, over ONNX Runtime.

python bench/model_overhead/run.py [--batches 1 8] [--rounds 10] [--threads 0] [--peers ultralytics roboflow] [--quick]
Each contestant is a process of its own; they take turns, round by round, on the same photograph of 1280 x 720 and the same
file of 640 x 640. Peers are installed once into environments of their own under --cache, and run as programs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from network import make

import ocella_starter

HERE = Path(__file__).resolve().parent
ALLOWED_MS = 3.0
TORCH = ("torch==2.13.0", "torchvision==0.28.0")
PEERS = {
    "ultralytics": ("peer_ultralytics.py", (*TORCH, "ultralytics==8.4.190", "onnxruntime==1.26.0", "onnx")),
    "roboflow": ("peer_roboflow.py", (*TORCH, "inference-models==0.39.6", "onnxruntime==1.26.0")),
}
# no reports home, no downloads, the same cores
QUIET = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "false", "HF_HUB_OFFLINE": "1", "INFERENCE_MODELS_OFFLINE": "1"}


@dataclass
class Contestant:
    """A process that waits for its turns, and what they took: (wall ms, processor ms) by way."""

    name: str
    process: subprocess.Popen[str]
    log: IO[str]
    facts: dict = field(default_factory=dict)
    taken: dict[str, list[list[float]]] = field(default_factory=dict)

    @classmethod
    def start(cls, name: str, python: Path, script: str, arguments: list[str], extra: dict[str, str]) -> "Contestant":
        log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # read when it fails, closed with the process
        process = subprocess.Popen(
            [str(python), str(HERE / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | QUIET | extra,
        )
        made = cls(name, process, log)
        made.facts = made.answer()
        return made

    def answer(self) -> dict:
        for line in self.process.stdout:
            if line.startswith("@ "):
                return json.loads(line[2:])
        self.log.seek(0)
        raise RuntimeError(f"{self.name} ended: " + " | ".join(self.log.read().strip().splitlines()[-3:])[-600:])

    def turn(self, rounds: int) -> None:
        self.process.stdin.write(f"{rounds}\n")
        self.process.stdin.flush()
        for way, times in self.answer()["ms"].items():
            self.taken.setdefault(way, []).extend(times)

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()

    def middle(self, way: str, column: int = 0) -> float:
        return statistics.median(t[column] for t in self.taken[way])


def main() -> int:
    parser = argparse.ArgumentParser(description="The cost of a detector over the bare runtime, beside peers.")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=10, help="turns of each contestant, five runs a turn")
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--peers", nargs="*", choices=sorted(PEERS), default=sorted(PEERS))
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "ocella-bench")
    parser.add_argument("--quick", action="store_true", help="a first look: the figures say nothing")
    given = parser.parse_args()
    rounds, threads = 2 if given.quick else given.rounds, given.threads or os.cpu_count() or 1
    pythons = {name: python for name in given.peers if (python := environment(name, given.cache)) is not None}
    met = True
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        photo = photograph(folder / "photo.png")
        warnings.simplefilter("ignore")
        files = make(folder, prepared(photo), tuple(given.batches))
        for batch in given.batches:
            contestants = list(started(files[batch], photo, batch, threads, pythons))
            for _ in range(rounds):
                for contestant in contestants:
                    contestant.turn(5 if batch == 1 else 2)
            met &= table(contestants, batch, threads)
            for contestant in contestants:
                contestant.stop()
    if os.getloadavg()[0] > threads + 0.5:
        print(f"The machine was busy: load {os.getloadavg()[0]:.1f}.")
    return 0 if met or given.quick else 1


def environment(name: str, cache: Path) -> Path | None:
    """The Python of a peer's environment, made where it is not there; None where it cannot be installed."""
    folder = cache / name
    python, wanted = folder / "bin" / "python", "\n".join(PEERS[name][1])
    done = folder / "installed.txt"
    if done.is_file() and done.read_text() == wanted:
        return python
    print(f"Installing {name} into {folder} ...", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *PEERS[name][1]], check=True, stderr=subprocess.DEVNULL
        )
    except subprocess.CalledProcessError as error:
        print(f"{name} is left out: {error}")
        return None
    done.write_text(wanted)
    return python


def started(file: Path, photo: Path, batch: int, threads: int, pythons: dict[str, Path]):
    """All contestants that can start; a peer that cannot is told and left out."""
    arguments, same = [str(file), str(photo), str(batch), str(threads)], {"OMP_NUM_THREADS": str(threads)}
    ours = Path(sys.executable)
    yield Contestant.start("ONNX Runtime", ours, "raw.py", arguments, same)
    yield Contestant.start("Ocella", ours, "ours.py", arguments, same)
    yield Contestant.start("Ocella, in parts", ours, "ours.py", [*arguments, "parts"], same)
    for name, python in pythons.items():
        for label, extra in ((name, {}), (f"{name}, OMP_WAIT_POLICY=PASSIVE", {"OMP_WAIT_POLICY": "PASSIVE"})):
            try:
                yield Contestant.start(label, python, PEERS[name][0], arguments, same | extra)
            except RuntimeError as error:
                print(f"{label} is left out: {error}")
                break


def table(contestants: list[Contestant], batch: int, threads: int) -> bool:
    """Print the figures of a batch; whether Ocella's overhead is allowed."""
    raw, ours, parts, *_ = contestants
    bare = min(raw.middle(way) for way in raw.taken)
    print(
        f"\n## batch {batch}, {threads} threads, {len(ours.taken['whole'])} runs each, milliseconds a batch (medians)\n"
    )
    print(
        "| contestant | version | objects | ms | over bare runtime | times bare | processor ms |\n|---|---|---|---|---|---|---|"
    )
    for way in raw.taken:
        row(f"ONNX Runtime, {way}", raw, way, bare)
    for contestant in contestants[1:]:
        row(contestant.name, contestant, "whole", bare)
    before, after = parts.middle("before"), parts.middle("after")
    own = (before + after) / batch
    over = (
        statistics.median(w[0] - s[0] for w, s in zip(parts.taken["whole"], parts.taken["session"], strict=True))
        / batch
    )
    print(
        f"\nOcella an image: preparing {before / batch:.2f} ms, decoding {after / batch:.2f}, together {own:.2f}, allowed "
        f"{ALLOWED_MS:.0f}: {'met' if own <= ALLOWED_MS else 'NOT MET'}. The whole less the same session alone, pair by "
        f"pair: {over:.2f}."
    )
    return own <= ALLOWED_MS


def row(label: str, contestant: Contestant, way: str, bare: float) -> None:
    ms, facts = contestant.middle(way), contestant.facts
    print(
        f"| {label} | {facts.get('version', '')} | {facts.get('objects', '')} | {ms:.1f} | {ms - bare:+.1f} "
        f"| {ms / bare:.2f} | {contestant.middle(way, 1):.1f} |"
    )


def photograph(path: Path) -> Path:
    """A photograph of the starter set at 1280 x 720."""
    source = cv2.imread(str(Path(ocella_starter.__file__).parent / "photos" / "coffee.png"))
    cv2.imwrite(str(path), cv2.resize(source, (1280, 720), interpolation=cv2.INTER_AREA))
    return path


def prepared(photo: Path) -> np.ndarray:
    """It as the network takes it: half the size, grey above and below."""
    square = np.full((640, 640, 3), 114, np.uint8)
    square[140:500] = cv2.resize(cv2.imread(str(photo)), (640, 360))[:, :, ::-1]
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / 255


if __name__ == "__main__":
    sys.exit(main())
