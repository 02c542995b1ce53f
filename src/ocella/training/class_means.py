"""The least that labels can teach: each class is the mean of its images' vectors."""

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["class_means"]

Floats = npt.NDArray[np.float32]


def class_means(
    vectors: npt.ArrayLike, class_id: npt.ArrayLike, classes: int, told: npt.ArrayLike | None = None
) -> Floats:
    """Cosines (n, classes) of n unit vectors (n, d), the mean of all taken off, with the mean of each class. `class_id`
    (n,) is -1 for images without a label. With `told` (n, classes), what a zero-shot model scored, the mean of the images
    that it takes for a class counts as one label more; a class that has neither gets -1 everywhere.
    """
    known, labels = np.asarray(vectors, np.float32), np.asarray(class_id, np.int64)
    if known.ndim != 2 or labels.shape != known.shape[:1] or (labels >= classes).any():
        raise InvalidValue(f"class_id must be one an image below {classes}, got {labels.shape} for {known.shape}.")
    centred = _unit(known - known.mean(axis=0))
    sums = np.stack([centred[labels == k].sum(axis=0) for k in range(classes)])
    if told is not None:
        taken = np.asarray(told, np.float32).argmax(axis=1)
        sums += np.stack(
            [centred[taken == k].mean(axis=0) if (taken == k).any() else sums[k] * 0 for k in range(classes)]
        )
    cosines = centred @ _unit(sums).T
    cosines[:, ~sums.any(axis=1)] = -1
    return cosines


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit
