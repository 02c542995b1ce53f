"""What it costs to run an ONNX detector through Ocella, Ultralytics and Roboflow's inference-models, over ONNX Runtime.

python bench/model_overhead/run.py [--batches 1 8] [--rounds 10] [--threads 0] [--peers ultralytics roboflow] [--quick]
Each contestant is a process of its own; they take turns, round by round, on the same photograph of 1280 x 720 and the same
file of 640 x 640. Peers are installed once into environments of their own under --cache, and run as programs.
"""

import argparse
import os
import statistics
import sys
import tempfile
import warnings
from pathlib import Path

import cv2
import numpy as np
from network import make

import ocella_starter

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from contest import Contestant, environment  # noqa: E402  # after the path

ALLOWED_MS = 3.0
TORCH = ("torch==2.13.0", "torchvision==0.28.0")
PEERS = {
    "ultralytics": ("peer_ultralytics.py", (*TORCH, "ultralytics==8.4.190", "onnxruntime==1.26.0", "onnx")),
    "roboflow": ("peer_roboflow.py", (*TORCH, "inference-models==0.39.6", "onnxruntime==1.26.0")),
}
# no reports home, no downloads, the same cores
QUIET = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "false", "HF_HUB_OFFLINE": "1", "INFERENCE_MODELS_OFFLINE": "1"}


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
    pythons = {
        name: python for name in given.peers if (python := environment(name, PEERS[name][1], given.cache)) is not None
    }
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


def started(file: Path, photo: Path, batch: int, threads: int, pythons: dict[str, Path]):
    """All contestants that can start; a peer that cannot is told and left out."""
    arguments, same = [str(file), str(photo), str(batch), str(threads)], {"OMP_NUM_THREADS": str(threads)}
    ours = Path(sys.executable)
    yield Contestant.start("ONNX Runtime", ours, HERE / "raw.py", arguments, same)
    yield Contestant.start("Ocella", ours, HERE / "ours.py", arguments, same)
    yield Contestant.start("Ocella, in parts", ours, HERE / "ours.py", [*arguments, "parts"], same)
    for name, python in pythons.items():
        for label, extra in ((name, {}), (f"{name}, OMP_WAIT_POLICY=PASSIVE", {"OMP_WAIT_POLICY": "PASSIVE"})):
            try:
                yield Contestant.start(label, python, HERE / PEERS[name][0], arguments, QUIET | same | extra)
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
