"""How fast a model is on this machine, by runtime, precision and batch, and the fastest kept for the next load."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, NotFound
from ocella.journeys.measure import Measured, measure
from ocella.models.load import find_entry
from ocella.models.onnx.fastest import keep_fastest
from ocella.models.onnx.runtime import RUNTIMES
from ocella.models.starter import starter_file
from ocella.progress import Progress, silent

__all__ = ["Benched", "bench"]


@dataclass(frozen=True)
class Benched:
    """The measurements in order; which runtime was kept for the file, and in which record."""

    model: str
    rows: tuple[Measured, ...]
    kept: str = ""
    record: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        record = None if self.record is None else str(self.record)
        return {"model": self.model, "rows": [asdict(row) for row in self.rows], "kept": self.kept, "record": record}


def bench(
    model: str | Path,
    *,
    image: Path | str | None = None,
    classes: str | None = None,
    runtimes: Sequence[str] = (),
    dtypes: Sequence[str] = ("float32",),
    batches: Sequence[int] = (1, 8),
    seconds: float = 3.0,
    keep: bool = False,
    progress: Progress = silent,
    **options: Any,
) -> Benched:
    """Milliseconds an image of every combination, each in a process of its own, on one photograph; `keep` records the
    runtime that is fastest with float32 for one image, which runtime auto then takes for this file. `options` are further
    ones of `ocella.load`. Raises InvalidValue where nothing can be measured or kept.
    """
    photo = _photo(image)
    if not batches or min(batches) < 1 or seconds <= 0:
        raise InvalidValue(f"batches and seconds must be positive, got {list(batches)} and {seconds}.")
    todo = [(r, d, b) for r in runtimes or _runtimes(model) for d in dtypes for b in batches]
    rows = []
    for done, (runtime, dtype, batch) in enumerate(todo, start=1):
        progress("bench", done, len(todo), f"{runtime} {dtype} {batch}")
        asked = options | {"runtime": runtime, "dtype": dtype}
        rows.append(measure(str(model), photo, classes, seconds=seconds, batch=batch, options=asked))
    benched = Benched(str(model), tuple(rows))
    if all(row.refused for row in rows):
        raise InvalidValue(f"'{model}' could not be measured: {rows[0].refused}")
    return _kept(benched) if keep else benched


def _photo(image: Path | str | None) -> Path:
    """The photograph given, or one that comes with the starter set."""
    path = starter_file("photos/astronaut.png") if image is None else Path(image)
    if not path.is_file():
        raise NotFound(f"There is no image {path}. Give a photograph as the model will see them.")
    return path.resolve()


def _runtimes(model: str | Path) -> list[str]:
    """Those that are installed, for an ONNX file; what is not one has a single way to run."""
    path = Path(model)
    named = not path.exists() and not str(model).startswith("hf:")
    if (path / "config.json").is_file() or str(model).startswith("hf:"):
        return ["auto"]
    if named and find_entry(str(model).partition("+")[0]).card.library != "onnx":
        return ["auto"]
    return [r for r in RUNTIMES if r != "openvino" or find_spec("openvino") is not None]


def _kept(benched: Benched) -> Benched:
    """The same, with the fastest runtime recorded."""
    able = [r for r in benched.rows if not r.refused and r.runtime in RUNTIMES and r.dtype in ("auto", "float32")]
    if not able or len(able[0].sha256) != 64:
        raise InvalidValue(f"Of '{benched.model}' nothing can be kept: that is for one ONNX file, run with float32.")
    smallest = min(r.batch for r in able)
    best = min((r for r in able if r.batch == smallest), key=lambda r: r.ms)
    return replace(benched, kept=best.runtime, record=keep_fastest(best.sha256, best.runtime))
