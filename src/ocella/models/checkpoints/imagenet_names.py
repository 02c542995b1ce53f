"""Names of the classes of a classifier's configuration, each once."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ocella.models.checkpoints.labels import label_columns
from ocella.models.starter import starter_text

__all__ = ["classifier_names", "imagenet_names"]

_ALIKE = 900
"""How many of the 1000 labels must have their usual name to be ImageNet's; spellings differ by source."""


def classifier_names(
    id2label: Mapping[int, str] | Mapping[str, str],
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Names in order and the column of the scores that each has. ImageNet's labels are lists of synonyms, and two are
    both "crane": for those the project's one list of 1000 names. Raises Mismatch where other labels repeat.
    """
    labels = [str(name) for _, name in sorted((int(i), name) for i, name in id2label.items())]
    names = imagenet_names(labels)
    return label_columns(id2label) if names is None else (names, np.arange(len(names)))


def imagenet_names(labels: list[str]) -> tuple[str, ...] | None:
    """The project's names of the 1000 classes of ImageNet where the labels are those, in their order; else None."""
    names = starter_text("imagenet1k.txt")
    if len(labels) != len(names):
        return None
    synonyms = [{term.strip().lower() for term in label.replace("_", " ").split(",")} for label in labels]
    alike = sum(name.lower() in terms for name, terms in zip(names, synonyms, strict=True))
    return names if alike >= _ALIKE else None
