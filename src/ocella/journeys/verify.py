"""Look at a model on its real weights here: fetch it, run it on the sample photographs, keep what was seen."""

import datetime as dt
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import ocella
from ocella.journeys.sample_checks import CHECKS, Seen
from ocella.models.card import ModelCard
from ocella.models.load import load
from ocella.models.verified import write_verified
from ocella.progress import Progress, silent

__all__ = ["Verified", "verify"]

_LIBRARIES = ("torch", "transformers", "timm", "open_clip_torch", "onnxruntime", "openvino", "rapidocr")


@dataclass(frozen=True)
class Verified:
    """What was seen: each look with its outcome, milliseconds of a look on average, and where the record lies."""

    card: ModelCard
    seen: tuple[Seen, ...]
    milliseconds: float
    record: dict[str, Any]
    file: str

    @property
    def right(self) -> int:
        """Looks that came out right."""
        return sum(s.right for s in self.seen)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"file": self.file, **self.record}


def verify(name: str, *, progress: Progress = silent, **options: Any) -> Verified:
    """Fetch the weights of the model `name` where they are not here, run it on the photographs that come with Ocella and
    compare with what is in them; the record goes into the cache folder and shows in `ocella models`. `options` are those
    of `ocella.load`.
    """
    progress("verify", 0, 2, f"loading {name}")
    model = load(name, **options)
    progress("verify", 1, 2, "looking at the photographs")
    seen, milliseconds = _look(model)
    progress("verify", 2, 2, f"right {sum(s.right for s in seen)} of {len(seen)} times")
    record = {
        "type": "verified",
        "model": name,
        "checkpoint": model.card.checkpoint,
        "sha256": model.card.sha256,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "right": sum(s.right for s in seen),
        "looks": len(seen),
        "milliseconds": round(milliseconds, 1),
        "seen": [s.to_json() for s in seen],
        "versions": {"ocella": ocella.__version__, **_versions()},
    }
    file = write_verified(name, record)
    return Verified(model.card, seen, milliseconds, record, str(file))


def _look(model: Any) -> tuple[tuple[Seen, ...], float]:
    """Every look, and the milliseconds of one on average."""
    started = time.perf_counter()
    seen = tuple(CHECKS[model.task](model))
    return seen, (time.perf_counter() - started) * 1000 / max(len(seen), 1)


def _versions() -> dict[str, str]:
    found = {}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
