"""One model measured in a process of its own, so that neither memory nor threads of another measurement count."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocella.errors import OcellaError
from ocella.journeys.inputs import as_list, as_model, as_ontology
from ocella.labeling.settings import LabelSettings, annotate
from ocella.media.load import load
from ocella.models.tasks import DepthEstimator, Embedder, Model
from ocella.types import Image, ImageRef

__all__ = ["Measured", "main", "measure"]

_ROUNDS = 5
"""Fewest rounds, however long they take."""
_PROGRAM = "from ocella.journeys.measure import main; main()"


@dataclass(frozen=True)
class Measured:
    """Milliseconds an image (median of the rounds) on the clock and of processor time, the most memory the process had
    (MB, 0 where the system does not tell), and rounds. `refused` says why it could not be measured.
    """

    runtime: str
    dtype: str
    batch: int
    ms: float = 0.0
    cpu_ms: float = 0.0
    memory_mb: float = 0.0
    rounds: int = 0
    sha256: str = ""
    refused: str = ""


def measure(
    model: str, image: Path, classes: str | None, *, seconds: float, batch: int, options: Mapping[str, Any]
) -> Measured:
    """The model of `options` (those of `ocella.load`) on a batch of the image, again and again for some seconds."""
    asked = {"model": model, "image": str(image), "classes": classes, "seconds": seconds, "batch": batch}
    done = subprocess.run(  # noqa: S603  # this Python runs this module
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps(asked | {"options": dict(options)}),
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
        return Measured(str(options["runtime"]), str(options["dtype"]), batch, refused=last[0])
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure what the standard input asks for, in this process; the answer is a line of JSON."""
    asked = json.loads(sys.stdin.read())
    try:
        found = _measure(
            asked["model"], Path(asked["image"]), asked["classes"], asked["seconds"], asked["batch"], asked["options"]
        )
    except OcellaError as error:
        options = asked["options"]
        found = Measured(options["runtime"], options["dtype"], asked["batch"], refused=str(error))
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


def _measure(
    name: str, path: Path, classes: str | None, seconds: float, batch: int, options: dict[str, Any]
) -> Measured:
    own = as_list(name, classes)
    model = as_model(name, classes=own, batch=batch, **options)
    settings = LabelSettings(None if own else as_ontology(classes))
    images = [load(ImageRef(path.name, path))] * batch
    for _ in range(2):
        _run(model, images, settings)
    clock: list[float] = []
    processor: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(clock) < _ROUNDS:
        began, began_cpu = time.perf_counter(), time.process_time()
        _run(model, images, settings)
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - began_cpu)
    ms, cpu_ms = (statistics.median(t) * 1000 / batch for t in (clock, processor))
    return Measured(options["runtime"], options["dtype"], batch, ms, cpu_ms, _peak_mb(), len(clock), model.card.sha256)


def _run(model: Model, images: Sequence[Image], settings: LabelSettings) -> None:
    if isinstance(model, DepthEstimator | Embedder):
        model.predict(images)
    else:
        annotate(model, list(images), settings)


def _peak_mb() -> float:
    """The most memory that this process had; Linux tells it of the program alone, without that which started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="ascii").splitlines()
        return next((float(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on a Mac
