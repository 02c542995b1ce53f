"""One image of a data set with its labels."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal, TypeVar

import numpy as np

from ocella.errors import InvalidValue
from ocella.types import Annotation, Detections, Label, State, TextLines

__all__ = ["KEPT", "Sample", "Split", "kept_rows"]

Split = Literal["", "train", "val", "test"]
KEPT: frozenset[State] = frozenset({"proposed", "accepted", "edited"})
"""States whose labels count."""

L = TypeVar("L", bound=Label)


@dataclass(frozen=True)
class Sample:
    """`file` is relative to the data set's root; samples of one `group` never straddle splits; `source` says where the
    image came from (path, frame, seconds, what was changed). An annotation without rows means looked at, nothing there.
    """

    file: str
    size_hw: tuple[int, int]
    sha256: str = ""
    split: Split = ""
    group: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()

    def __post_init__(self) -> None:
        path = PurePosixPath(self.file)
        if path.is_absolute() or ".." in path.parts or not self.file:
            raise InvalidValue(f"file must be a path inside the data set, got {self.file!r}.")
        if min(self.size_hw) < 1:
            raise InvalidValue(f"size_hw of {self.file} must be positive, got {self.size_hw}.")
        object.__setattr__(self, "annotations", tuple(self.annotations))

    def replace(self, **changes: Any) -> "Sample":
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    @property
    def seen(self) -> bool:
        """Whether anyone looked at it."""
        return bool(self.annotations)

    def kept(self) -> list[Label]:
        """All labels with their rejected rows left out."""
        return [v for v in map(kept_rows, self.annotations) if v is not None]

    def labels(self, kind: type[L]) -> list[L]:
        """Those of one kind."""
        return [v for v in self.kept() if isinstance(v, kind)]

    def detections(self, classes: tuple[str, ...]) -> Detections:
        """All objects that count, of all sources together."""
        found = [d for d in self.labels(Detections) if len(d)]
        return Detections.concatenate(found) if found else Detections.empty(classes)


def kept_rows(annotation: Annotation) -> Label | None:
    """The label without its rejected rows; None where it has no rows and is rejected itself."""
    keep = np.array([s in KEPT for s in annotation.state], bool)
    value = annotation.value
    if isinstance(value, Detections):
        return value[keep]
    if isinstance(value, TextLines):
        texts = tuple(t for t, k in zip(value.texts, keep, strict=True) if k)
        return TextLines(value.polygons[keep], texts, value.confidence[keep])
    return value if keep.all() else None
