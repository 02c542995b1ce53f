from pathlib import Path

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.datasets.facts import Facts, sentences
from ocella.types import Annotation, Classification, Detections, Masks, Source

CLASSES = ("cat", "dog")


def of(*annotations: Annotation) -> Facts:
    return Facts.of(Dataset(Path("d"), "detect", CLASSES, (Sample("a.png", (10, 20), annotations=annotations),)))


def test_only_what_counts_is_counted() -> None:
    boxes = np.array([[0, 0, 5, 5], [0.5, 0, 5, 5], [15, 0, 25, 5]], np.float32)
    dense = np.zeros((3, 10, 20), bool)
    dense[0, 0, [0, 2]] = True
    value = Detections(
        boxes,
        np.array([1, 0.5, 1], np.float32),
        np.zeros(3, np.int64),
        CLASSES,
        Masks.from_dense(dense),
        track_id=np.arange(3),
        data={"x": np.arange(3)},
    )
    facts = of(Annotation(value, Source("model", "m"), ("accepted", "accepted", "rejected")))
    expected = {
        "object": 2,
        "machine": 1,
        "rejected": 1,
        "confidence": 1,
        "fraction": 1,
        "track": 2,
        "mask": 2,
        "pieces": 1,
        "blank_mask": 1,
        "unsplit": 1,
    }
    assert {k: n for k, n in facts.count.items() if n} == expected
    assert facts.columns == ("x",)


def test_a_sentence_for_each_loss_that_is_real() -> None:
    value = Classification(np.array([0.5, 0.5], np.float32), CLASSES)
    facts = of(Annotation(value, Source("person", "ana"), ("accepted",)))
    lost = {"scored": "{n} scores", "mask": "{n} masks", "columns": "{n} columns"}
    assert sentences(facts, lost) == ["1 scores"]
    assert sentences(of(), {"unseen": "{n} unseen"}) == ["1 unseen"]
