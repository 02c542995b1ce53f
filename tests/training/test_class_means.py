"""Means of classes: with labels, with words, with neither."""

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.training.class_means import class_means

RNG = np.random.default_rng(0)
CENTRES = np.eye(6)[:3]
TRUTH = np.repeat([0, 1, 2], 10)
VECTORS = CENTRES[TRUTH] + 0.15 * RNG.normal(size=(30, 6)) + 1
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


def labels(*rows: int) -> np.ndarray:
    return np.where(np.isin(np.arange(30), rows), TRUTH, -1)


def test_one_label_a_class_tells_all_images() -> None:
    assert (class_means(VECTORS, labels(0, 10, 20), 3).argmax(axis=1) == TRUTH).mean() > 0.9


def test_a_class_without_a_label_is_never_told() -> None:
    found = class_means(VECTORS, labels(0, 10), 4)
    assert (found[:, 2:] == -1).all()
    assert set(found.argmax(axis=1)) == {0, 1}


def test_words_stand_in_for_labels_and_labels_mend_words() -> None:
    told = np.eye(3)[np.where(np.arange(30) % 4 == 0, (TRUTH + 1) % 3, TRUTH)]
    assert (class_means(VECTORS, labels(), 3, told).argmax(axis=1) == TRUTH).mean() > 0.9
    swapped = np.eye(3)[np.where(TRUTH == 2, 2, 1 - TRUTH)]  # takes 0 for 1
    right = [
        (class_means(VECTORS, labels(*rows), 3, swapped).argmax(axis=1) == TRUTH).mean()
        for rows in ((), (0, 1, 2, 10, 11, 12))
    ]
    assert right[0] < 0.5
    assert right[1] > 0.9


def test_shapes_are_checked() -> None:
    with pytest.raises(InvalidValue, match="one an image below 2"):
        class_means(VECTORS, TRUTH, 2)
