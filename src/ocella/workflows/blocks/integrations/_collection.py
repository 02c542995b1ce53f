"""A data set that grows while a workflow runs: capped, without near-duplicates, every image with its provenance."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.datasets.dataset import FILE
from ocella.datasets.sample import Split
from ocella.embeddings.duplicates import difference_hash, near_pairs
from ocella.errors import InvalidValue, Mismatch, OcellaError, Refused
from ocella.media.write import encode_jpeg, encode_png, write_bytes
from ocella.ops.crop import resize
from ocella.ops.remap import remap
from ocella.store.lock import exclusive
from ocella.types import Annotation, Classification, Detections, Image, Label, Source
from ocella.workflows.services import Services

__all__ = ["Caps", "Collection", "Outcome", "Want", "dataset_folder"]


@dataclass(frozen=True)
class Caps:
    """At most so many images in each span that ends now; None for no limit."""

    minute: int | None = None
    hour: int | None = None
    day: int | None = None

    def reached(self, times: Sequence[datetime], now: datetime) -> str:
        """Which cap is reached, "" for none."""
        spans = (
            ("minute", self.minute, timedelta(minutes=1)),
            ("hour", self.hour, timedelta(hours=1)),
            ("day", self.day, timedelta(days=1)),
        )
        for name, most, span in spans:
            if most is not None and sum(now - span < t <= now for t in times) >= most:
                return f"{most} in the last {name}, which is the limit"
        return ""


@dataclass(frozen=True)
class Want:
    """How to keep an image: `quality` of JPEG, 0 for PNG without loss; `most_wh` its largest size; `near` in how many of 256
    bits a near-duplicate may differ, None to keep duplicates; `name` of the file; `about` goes into its provenance.
    """

    source: Source
    caps: Caps = Caps()
    quota: str = ""
    near: int | None = 24
    quality: int = 0
    most_wh: tuple[int, int] | None = None
    split: Split = ""
    name: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Whether an image was kept, as which file, or why not; and how many images there are now."""

    saved: bool
    reason: str
    file: str = ""
    count: int = 0


def dataset_folder(services: Services, name: str, who: str) -> Path:
    """The folder of a data set below `write_to`; raises Refused where writing is off, InvalidValue for a name that leads out."""
    services.require("write-files", who)
    if services.write_to is None:
        raise Refused(f"{who} writes files, but no folder to write to is set: Services(write_to=...).")
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise InvalidValue(f"the name of a data set must be a path below the folder to write to, got {name!r}.")
    return services.write_to / path


class Collection:
    """One data set's folder. Another process may write to it too: each image is added under the folder's lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: tuple[tuple[int, int], Dataset] | None = None
        self._looks: dict[str, bytes] = {}

    def add(self, image: Image, value: Label | None, want: Want, now: datetime) -> Outcome:
        """Keep an image with its label, or say why not. Raises Mismatch where the data set is for another task."""
        with exclusive(self.root / ".ocella"):
            dataset = self._dataset(value)
            times = [t for s in dataset if s.source.get("quota", "") == want.quota and (t := _time(s)) is not None]
            full = want.caps.reached(times, now)
            if full:
                return Outcome(saved=False, reason=full, count=len(dataset))
            small, value = _fitted(image, value, want.most_wh)
            look = difference_hash(small)
            twin = "" if want.near is None else self._twin(dataset, look.tobytes(), want.near)
            if twin:
                return Outcome(saved=False, reason=f"it looks like {twin}, which is there already", count=len(dataset))
            return self._put(dataset, small, value, want, now, look.tobytes())

    def _put(
        self, dataset: Dataset, image: Image, value: Label | None, want: Want, now: datetime, look: bytes
    ) -> Outcome:
        data = encode_jpeg(image, want.quality) if want.quality else encode_png(image)
        sha = hashlib.sha256(data).hexdigest()
        suffix = "jpg" if want.quality else "png"
        known = {s.file for s in dataset}
        file = f"images/{_safe(want.name) or f'{now:%Y%m%dT%H%M%S}-{sha[:8]}'}.{suffix}"
        if file in known:
            file = f"{file.removesuffix(f'.{suffix}')}-{sha[:8]}.{suffix}"
        if sha in {s.sha256 for s in dataset}:
            return Outcome(saved=False, reason="the very same image is there already", count=len(dataset))
        source: dict[str, Any] = {"path": image.origin.source, **want.about}
        if image.moment is not None:
            source |= {"frame": image.moment.index, "seconds": image.moment.seconds}
        source |= {"collected": now.isoformat(), "quota": want.quota, "look": look.hex()}
        classes, label = _with_classes(dataset, value)
        sample = Sample(
            file,
            image.size_hw,
            sha,
            want.split,
            "" if image.moment is None else image.moment.source,
            source,
            () if label is None else (Annotation(label, want.source),),
        )
        write_bytes(self.root / file, data)
        dataset = dataset.replace(classes=classes, samples=(*dataset.samples, sample))
        dataset.save()
        self._read = (_stamp(self.root / FILE), dataset)
        return Outcome(saved=True, reason="", file=file, count=len(dataset))

    def _dataset(self, value: Label | None) -> Dataset:
        task = _task(value)
        file = self.root / FILE
        if not file.is_file():
            info = {"collected": "by a workflow"}
            return Dataset(self.root, task or "detect", (), (), _skeleton(value), info)
        stamp = _stamp(file)
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, Dataset.open(self.root))
        dataset = self._read[1]
        if task and task != dataset.task:
            if any(s.annotations for s in dataset):
                raise Mismatch(
                    f"{self.root} is a data set for {dataset.task}, got labels for {task}. Take another one."
                )
            dataset = dataset.replace(task=task, skeleton=_skeleton(value))
        return dataset

    def _twin(self, dataset: Dataset, look: bytes, near: int) -> str:
        """The file of an image that looks the same, "" for none."""
        files, looks = [], []
        for sample in dataset:
            held = self._look(dataset, sample)
            if held:
                files.append(sample.file)
                looks.append(np.frombuffer(held, np.uint8))
        last = len(files)
        pairs = near_pairs(np.stack([*looks, np.frombuffer(look, np.uint8)]), most=near) if files else []
        return next((files[i] for i, j in pairs if j == last), "")

    def _look(self, dataset: Dataset, sample: Sample) -> bytes:
        if sample.file not in self._looks:
            try:
                held = bytes.fromhex(str(sample.source.get("look", "")))
                self._looks[sample.file] = held or difference_hash(dataset.image(sample)).tobytes()
            except (OcellaError, ValueError):  # a file that is gone or broken is like no other
                self._looks[sample.file] = b""
        return self._looks[sample.file]


def _fitted(image: Image, value: Label | None, most_wh: tuple[int, int] | None) -> tuple[Image, Label | None]:
    """The image at most so large, and its objects with it."""
    scale = 1.0 if most_wh is None else min(most_wh[0] / image.width, most_wh[1] / image.height)
    if scale >= 1:
        return image, value
    small = resize(image, (max(1, int(image.height * scale)), max(1, int(image.width * scale))))
    if not isinstance(value, Detections):
        return small, value
    from ocella.ops.crop import to_root
    from ocella.types import Origin

    shrink = (small.width / image.width, small.height / image.height)
    return small, to_root(value.replace(origin=None), Origin("", (0.0, 0.0), shrink, small.size_hw))


def _with_classes(dataset: Dataset, value: Label | None) -> tuple[tuple[str, ...], Label | None]:
    """The data set's classes with those that are new, and the label in them."""
    if isinstance(value, Detections):
        classes = tuple(dict.fromkeys([*dataset.classes, *value.classes]))
        plain = {n: c for n, c in value.data.items() if c.ndim == 1 and c.dtype.kind in "biufU" and n != "detection_id"}
        return classes, remap(value, classes).replace(data=plain, origin=None, size_hw=None)
    if isinstance(value, Classification):
        if dataset.classes and dataset.classes != value.classes:
            raise Mismatch(
                f"{dataset.root} has the classes {list(dataset.classes)[:8]}, got scores over {list(value.classes)[:8]}. "
                "Take another data set for this classifier."
            )
        return value.classes, value
    return dataset.classes, value


def _task(value: Label | None) -> str:
    if isinstance(value, Detections):
        return "detect" if value.keypoints is None else "keypoints"
    return "" if value is None else "classify"


def _skeleton(value: Label | None) -> Any:
    points = value.keypoints if isinstance(value, Detections) else None
    return None if points is None else points.skeleton


def _time(sample: Sample) -> datetime | None:
    said = sample.source.get("collected")
    return datetime.fromisoformat(str(said)) if said else None


def _safe(name: str) -> str:
    """A name without what leads elsewhere."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip(".")[:100]


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_size
