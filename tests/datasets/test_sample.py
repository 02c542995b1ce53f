from typing import Any

import numpy as np
import pytest

from ocella.datasets.sample import Sample, kept_rows
from ocella.errors import InvalidValue
from ocella.types import Annotation, Classification, Detections, Source, State, TextLines

PERSON, MODEL = Source("person", "ana"), Source("model", "nanodet-g")
CLASSES = ("cat", "dog")


def found(n: int) -> Detections:
    boxes = np.array([[i, 0, i + 5, 5] for i in range(n)], np.float32).reshape(-1, 4)
    return Detections(boxes, np.full(n, 0.5, np.float32), np.arange(n) % 2, CLASSES)


def texts(*words: str) -> TextLines:
    return TextLines(np.zeros((len(words), 4, 2), np.float32), words, np.ones(len(words), np.float32))


@pytest.mark.parametrize("file", ["/etc/passwd", "../a.jpg", "images/../../a.jpg", ""])
def test_a_file_outside_the_data_set_is_refused(file: str) -> None:
    with pytest.raises(InvalidValue, match="inside the data set"):
        Sample(file, (2, 2))


@pytest.mark.parametrize("size_hw", [(0, 5), (5, 0), (-1, 5)])
def test_a_size_without_pixels_is_refused(size_hw: tuple[int, int]) -> None:
    with pytest.raises(InvalidValue, match="must be positive"):
        Sample("a.jpg", size_hw)


def test_seen_means_that_someone_looked_even_if_nothing_is_there() -> None:
    assert not Sample("a.jpg", (2, 2)).seen
    assert Sample("a.jpg", (2, 2), annotations=(Annotation(found(0), PERSON),)).seen


@pytest.mark.parametrize(
    ("value", "state", "kept"),
    [
        (found(3), ("accepted", "rejected", "proposed"), 2),
        (found(2), ("rejected", "rejected"), 0),
        (found(1), ("edited",), 1),
        (texts("a", "b"), ("rejected", "accepted"), 1),
    ],
)
def test_rejected_rows_do_not_count(value: Any, state: tuple[State, ...], kept: int) -> None:
    left = kept_rows(Annotation(value, PERSON, state))
    assert isinstance(left, (Detections, TextLines))
    assert len(left) == kept


def test_a_rejected_label_without_rows_is_gone() -> None:
    value = Classification(np.array([1, 0], np.float32), CLASSES)
    assert kept_rows(Annotation(value, PERSON, ("rejected",))) is None
    assert kept_rows(Annotation(value, PERSON, ("proposed",))) == value


def test_detections_join_all_sources_and_leave_other_labels_out() -> None:
    sample = Sample(
        "a.jpg",
        (9, 9),
        annotations=(
            Annotation(found(2), PERSON, ("accepted", "rejected")),
            Annotation(found(1), MODEL),
            Annotation(texts("x"), MODEL),
            Annotation(found(0), MODEL),
        ),
    )
    assert len(sample.detections(CLASSES)) == 2
    assert len(sample.labels(TextLines)) == 1


def test_detections_of_an_unseen_image_keep_the_classes() -> None:
    assert Sample("a.jpg", (2, 2)).detections(CLASSES) == Detections.empty(CLASSES)
