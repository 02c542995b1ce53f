"""Images of a folder, found by what they look like."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.datasets import Dataset, Sample
from ocella.datasets.dataset import FILE
from ocella.errors import InvalidValue, NotFound, OcellaError
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.types import Classification, Image
from ocella.workflows.services import Services

__all__ = ["Candidate", "Lookalikes", "folder_to_search"]

_BATCH = 16


@dataclass(frozen=True)
class Candidate:
    """An image that looks similar: `score` is 1 + cosine, 0 to 2; `label` its class, "" where nobody said."""

    file: Path
    name: str
    score: float
    size_hw: tuple[int, int]
    label: str
    about: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Facts by name."""
        height, width = self.size_hw
        return {
            "id": hashlib.sha256(self.name.encode()).hexdigest()[:20],
            "name": self.name,
            "filename": self.file.name,
            "url": "",
            "metadata": {k: v for k, v in self.about.items() if k not in ("tags", "look")},
            "tags": list(self.about.get("tags", ())),
            "width": width,
            "height": height,
            "aspectRatio": width / height,
            "score": self.score,
            "labels": [self.label] if self.label else [],
        }


def folder_to_search(services: Services, name: str, who: str) -> Path:
    """A folder below the one to write to, or any folder of this machine where reading files is allowed. Raises NotFound,
    Refused, InvalidValue.
    """
    path = PurePosixPath(name)
    inside = None if services.write_to is None else services.write_to / path
    if inside is not None and not path.is_absolute() and ".." not in path.parts and inside.is_dir():
        return inside
    services.require("read-files", who)
    if not Path(name).is_dir():
        raise NotFound(f"There is no folder of images '{name}'. Collect some there first, or give its path.")
    return Path(name)


class Lookalikes:
    """The images of one folder as vectors of one model: a data set with its labels, or plain images, whose class is the folder
    that they lie in. What has changed since the last search is looked at again.
    """

    def __init__(self, root: Path, services: Services, model_id: str) -> None:
        self.root, self._services, self._model_id = root, services, model_id
        self._vectors: dict[tuple[str, int], npt.NDArray[np.float32]] = {}
        self._sizes: dict[tuple[str, int], tuple[int, int]] = {}

    def search(self, image: Image, most: int) -> tuple[list[Candidate], tuple[str, ...]]:
        """The nearest images, best first, and all classes of the folder."""
        entries, classes = self._entries()
        with self._services.lease(self._model_id) as model:
            if model.card.task != "embed":
                raise InvalidValue(f"model_id must be a model that embeds images, got '{self._model_id}'.")
            asked = model.predict([image])[0].vector
            self._look(model, [key for key, *_ in entries])
        known = [entry for entry in entries if entry[0] in self._vectors]
        if not known:
            return [], classes
        scores = np.stack([self._vectors[key] for key, *_ in known]).astype(np.float64) @ asked
        best = np.argsort(-scores, kind="stable")[:most]
        found = []
        for i in best.tolist():
            key, name, label, about = known[i]
            found.append(Candidate(Path(key[0]), name, 1 + float(scores[i]), self._sizes[key], label, about))
        return found, classes

    def _look(self, model: Any, keys: list[tuple[str, int]]) -> None:
        new = [key for key in keys if key not in self._vectors]
        for start in range(0, len(new), _BATCH):
            images = {}
            for key in new[start : start + _BATCH]:
                try:
                    images[key] = load(key[0])
                except OcellaError:  # a broken file looks like nothing
                    continue
            if images:
                vectors = model.predict(list(images.values()))
                self._vectors |= {key: e.vector for key, e in zip(images, vectors, strict=True)}
                self._sizes |= {key: image.size_hw for key, image in images.items()}

    def _entries(self) -> tuple[list[tuple[tuple[str, int], str, str, dict[str, Any]]], tuple[str, ...]]:
        """Of each image its file and time of change, name, class and provenance."""
        if (self.root / FILE).is_file():
            dataset = Dataset.open(self.root)
            rows = [(dataset.path(s), s.file, _label(s), dict(s.source)) for s in dataset if dataset.path(s).is_file()]
            classes = dataset.classes
        else:
            files = [(ref.path, ref.name) for ref in find_images([self.root]).images if ref.path is not None]
            rows = [(path, name, _folder_of(name), {}) for path, name in files]
            classes = tuple(sorted({label for _, _, label, _ in rows if label}))
        return [((str(p), p.stat().st_mtime_ns), name, label, about) for p, name, label, about in rows], classes


def _label(sample: Sample) -> str:
    said = sample.labels(Classification)
    return said[-1].top(1)[0][0] if said and said[-1].classes else ""


def _folder_of(name: str) -> str:
    parts = PurePosixPath(name).parts
    return parts[-2] if len(parts) > 1 else ""
