"""`kill -9` at any moment, then the same command: the result is that of the uninterrupted run."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.small_models import paint

import ocella_starter
from ocella.cli.main import main
from ocella.datasets import Dataset, Sample
from ocella.types import Annotation, Detections, Source

COMMAND = "import sys; from ocella.cli.main import main; raise SystemExit(main(sys.argv[1:]))"
# the command saves every 15 seconds; a run of seconds has to save more often to have something to go on from
TRAIN = (
    "import sys, ocella; ocella.train(sys.argv[1], sys.argv[2], epochs=12, input_hw=(64, 96), batch=4, "
    "seed=int(sys.argv[3]), precision='fp32', device='cpu', checkpoint_seconds=0.2)"
)
PHOTOS = ocella_starter.path("photos/cat.png").parent


def started(code: str, given: Sequence[str | Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, given)], stderr=subprocess.PIPE)


def run(code: str, given: Sequence[str | Path]) -> float:
    """To the end; how many seconds it took."""
    began = time.monotonic()
    with started(code, given) as process:
        said = process.communicate(timeout=300)[1]
    assert process.returncode == 0, said.decode(errors="replace")
    return time.monotonic() - began


def killed_after(code: str, given: Sequence[str | Path], seconds: float) -> bool:
    """Whether it was still at work when it was killed."""
    with started(code, given) as process:
        time.sleep(seconds)
        alive = process.poll() is None
        process.kill()
        process.communicate(timeout=60)
    return alive


def killed_at_work(code: str, given: Sequence[str | Path], out: Path, chance: random.Random, seconds: float) -> float:
    """Killed at a random moment, for certain before its end: where it was quicker than `seconds`, it starts anew with
    fewer. Returns the seconds to go by next.
    """
    while not killed_after(code, given, chance.uniform(0.05, 1) * seconds):
        shutil.rmtree(out)
        seconds *= 0.8
    return seconds


def canonical(out: Path) -> dict[str, Any]:
    """The data set without run ids and times."""
    data: dict[str, Any] = json.loads((out / "annotations.json").read_text(encoding="utf-8"))
    for source in data["sources"]:
        del source["run"], source["time"]
    return data


def near(a: Any, b: Any) -> bool:
    """Equal, numbers to 1e-5."""
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(b, (int, float)) and isinstance(a, (int, float)) and abs(a - b) <= 1e-5
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(near, a, b))
    return bool(a == b)


def images(out: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (out / "images").rglob("*") if p.is_file() and not p.name.startswith(".")}


def label_command(out: Path) -> list[str | Path]:
    return ["label", PHOTOS, "--out", out, "--tile", "2x2"]


def same_labels(out: Path, whole: Path) -> None:
    assert near(canonical(out), canonical(whole))
    assert images(out) == images(whole)
    assert (out / "report.html").is_file()


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The uninterrupted run, and its seconds."""
    whole = tmp_path_factory.mktemp("whole") / "out"
    return whole, run(COMMAND, label_command(whole))


def test_a_difference_is_seen(labelled: tuple[Path, float]) -> None:
    one, other = canonical(labelled[0]), canonical(labelled[0])
    assert one["annotations"]
    assert near(one, other)
    other["annotations"][0]["bbox"][0] += 2e-5
    assert not near(one, other)


@pytest.mark.parametrize("shares", [(0.55,), (0.7, 0.8)], ids=["once", "twice"])
def test_label_goes_on_after_a_kill(
    shares: tuple[float, ...], labelled: tuple[Path, float], tmp_path: Path
) -> None:  # fmt: skip
    whole, seconds = labelled
    out = tmp_path / "out"
    for share in shares:
        killed_after(COMMAND, label_command(out), share * seconds)
    run(COMMAND, label_command(out))
    same_labels(out, whole)


@pytest.mark.long
def test_label_at_twenty_moments(labelled: tuple[Path, float], tmp_path: Path) -> None:
    whole, seconds = labelled
    chance = random.Random(0)  # noqa: S311  # moments, not secrets
    for k in range(20):
        out = tmp_path / str(k)
        for _ in range(1 + int(chance.random() < 0.3)):
            seconds = killed_at_work(COMMAND, label_command(out), out, chance, seconds)
        run(COMMAND, label_command(out))
        same_labels(out, whole)


def blocks(root: Path, n: int = 16) -> Path:
    """People's labels of one coloured block a picture, a quarter held back."""
    rng = np.random.default_rng(0)
    names = ("red", "blue")
    samples = []
    for i in range(n):
        x, y = int(rng.integers(4, 50)), int(rng.integers(4, 30))
        paint(root / f"{i:02}.png", (names[i % 2], x, y, x + 36, y + 28), grey=90 + i)
        value = Detections(
            np.array([[x, y, x + 36, y + 28]], np.float32), np.ones(1, np.float32), np.array([i % 2]), names
        )
        split: Any = "val" if i % 4 > 2 or i % 8 == 0 else "train"
        row = Annotation(value, Source("person", "someone"), ("accepted",))
        samples.append(Sample(f"{i:02}.png", (64, 96), str(i), split, annotations=(row,)))
    Dataset(root, "detect", names, tuple(samples)).save()
    return root


def card(student: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((student / "card.json").read_text(encoding="utf-8"))
    return found


def score(student: Path) -> float:
    return float(card(student)["data"]["numbers"]["onnx"])


def same_student(student: Path, whole: Path) -> None:
    from safetensors.numpy import load_file

    assert sorted(p.name for p in student.iterdir()) == sorted(p.name for p in whole.iterdir())
    one, other = card(student), card(whole)
    assert one["data"]["identity"] == other["data"]["identity"]
    assert one["classes"] == other["classes"]
    weights = load_file(student / "weights.safetensors")
    assert weights.keys() == load_file(whole / "weights.safetensors").keys()
    assert all(np.isfinite(w.astype(np.float32)).all() for w in weights.values())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    """The data, the uninterrupted run's student, and its seconds."""
    base = tmp_path_factory.mktemp("trained")
    data = blocks(base / "data")
    return data, base / "student", run(TRAIN, [data, base / "student", "0"])


def killed_with_a_checkpoint(given: Sequence[str | Path], student: Path, wait: float) -> None:
    """Killed `wait` seconds after it has saved its state for the first time."""
    with started(TRAIN, given) as process:
        while not (student / ".train" / "checkpoint.pt").exists():
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(wait)
        process.kill()
        process.communicate(timeout=60)


def test_train_goes_on_after_a_kill(trained: tuple[Path, Path, float], tmp_path: Path) -> None:
    data, whole, _ = trained
    student = tmp_path / "student"
    killed_with_a_checkpoint([data, student, "0"], student, 0.3)
    run(TRAIN, [data, student, "0"])
    same_student(student, whole)
    assert score(student) == pytest.approx(score(whole), abs=0.1)
    steps = [json.loads(line)["step"] for line in (student / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    assert steps == sorted(steps)


@pytest.mark.long
def test_train_at_twenty_moments(trained: tuple[Path, Path, float], tmp_path: Path) -> None:
    data, whole, seconds = trained
    scores = [score(whole)]
    for seed in ("1", "2"):
        run(TRAIN, [data, tmp_path / f"seed{seed}", seed])
        scores.append(score(tmp_path / f"seed{seed}"))
    noise = max(scores) - min(scores)
    chance = random.Random(1)  # noqa: S311  # moments, not secrets
    for k in range(20):
        student = tmp_path / str(k)
        for _ in range(1 + int(chance.random() < 0.3)):
            seconds = killed_at_work(TRAIN, [data, student, "0"], student, chance, seconds)
        run(TRAIN, [data, student, "0"])
        same_student(student, whole)
        assert abs(score(student) - scores[0]) <= max(noise, 0.01), (k, score(student), scores)


def test_the_train_command_itself(trained: tuple[Path, Path, float], tmp_path: Path) -> None:
    data, _, seconds = trained
    student = tmp_path / "student"
    given: list[str | Path] = ["train", data, "--out", student, "--epochs", "2", "--input-size", "64x96"]
    killed_after(COMMAND, given, 0.6 * seconds)
    run(COMMAND, given)
    assert card(student)["classes"] == ["red", "blue"]
    assert not (student / ".train").exists()


def test_two_at_once(tmp_path: Path) -> None:
    """The second is refused, the first is unharmed."""
    for i in range(12):
        paint(tmp_path / "in" / f"{i}.png", ("red", i, i, 9 * i + 30, 60 + i), size_hw=(200, 300), grey=4 * i)
    given = ["label", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--tile", "3x3"]
    with started(COMMAND, given) as first:
        while not (tmp_path / "out" / ".ocella" / "results.sqlite").exists():
            assert first.poll() is None
            time.sleep(0.01)
        assert main(given) == 9
        assert first.poll() is None, "the first was too quick to be met"
        assert first.communicate(timeout=120)[1] is not None
        assert first.returncode == 0
    assert len(Dataset.open(tmp_path / "out")) == 12
    assert main(given) == 0


FULL = "import sys, resource; limit = int(sys.argv.pop(1)); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); "


def test_a_full_disk_while_training(trained: tuple[Path, Path, float], tmp_path: Path) -> None:
    """What was saved last is still there; the same command goes on from it."""
    if os.name != "posix":
        return  # there is no such limit to set
    data, whole, _ = trained
    student = tmp_path / "student"
    with started(
        FULL + COMMAND, ["3000000", "train", data, "--out", student, "--epochs", "1", "--input-size", "64x96"]
    ) as process:
        said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 1
    assert "Traceback" not in said
    assert "was not written" in said
    assert not (student / "card.json").exists()
    assert not [p for p in student.rglob("*") if ".tmp" in p.name]
    assert (whole / "card.json").exists()


@pytest.mark.parametrize("limit", [0, 40_000, 120_000])
def test_a_full_disk_is_named_and_harms_nothing(limit: int, labelled: tuple[Path, float], tmp_path: Path) -> None:
    """No file may grow over the limit, as on a disk that is full or a quota that is used up."""
    if os.name != "posix":
        return  # there is no such limit to set
    out = tmp_path / "out"
    with started(FULL + COMMAND, [str(limit), *label_command(out)]) as process:
        said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 1
    assert "Traceback" not in said
    assert "OcellaError: " in said
    if (out / "annotations.json").exists():
        assert near(canonical(out), canonical(labelled[0]))
    run(COMMAND, label_command(out))
    same_labels(out, labelled[0])
