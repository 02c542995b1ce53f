"""The road from a few labels to a way of classifying, on generated pictures."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.datasets import Dataset, Sample
from ocella.errors import DatasetError, InvalidValue, Mismatch
from ocella.journeys.choose_classifier import choose_classifier, class_ids, student_scores
from ocella.models.load import find_entry
from ocella.training.settings import TrainSettings
from ocella.types import Annotation, Classification, Ontology, Source

CLASSES = ("red", "blue")
QUICK = TrainSettings(epochs=1, input_hw=(32, 32), batch=4, precision="fp32", device="cpu")
CARD = find_entry("conse-efficientnet-lite0").card


def make(root: Path, labelled: int, count: int = 40) -> Dataset:
    """Red and blue pictures by turns with noise; the first `labelled` have their class."""
    rng = np.random.default_rng(0)
    samples = []
    for i in range(count):
        pixels = rng.integers(0, 120, (32, 32, 3), np.uint8)
        pixels[:, :, 2 if i % 2 == 0 else 0] += 120  # BGR
        cv2.imwrite(str(root / f"{i:02}.png"), pixels)
        label = Annotation(Classification(np.eye(2)[i % 2], CLASSES), Source("person", "someone"))
        samples.append(Sample(f"{i:02}.png", (32, 32), annotations=(label,) if i < labelled else ()))
    return Dataset(root, "classify", CLASSES, tuple(samples))


def zero_shot(name: str, wrong: int, count: int = 40) -> Run:
    """Says the wrong class of every `wrong`-th image."""
    said = [Classification(np.roll([0.6, 0.4], i % 2 + (i % wrong == 0)), CLASSES) for i in range(count)]
    return Run(Setting(name, Ontology.of(*CLASSES)), tuple(said), 0.1, CARD)


def clear(count: int = 40) -> Any:
    """Vectors that hold the class."""
    noise = np.random.default_rng(1).normal(scale=0.2, size=(count, 8))
    vectors = noise + np.eye(8)[np.arange(count) % 2]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def blind(count: int = 40) -> Any:
    """Vectors that say nothing of the class."""
    vectors = np.random.default_rng(2).normal(size=(count, 64))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_probe_is_picked_where_features_tell_and_words_do_not(tmp_path: Path) -> None:
    chosen = choose_classifier(make(tmp_path, 16), [zero_shot("poor", 2)], clear(), recipe="")
    assert chosen.ranked[0].name.startswith("trained/")
    assert chosen.ranked[0].main.value == 1
    assert (chosen.images, chosen.whole_set, chosen.classes) == (16, 40, CLASSES)
    assert chosen.ruled_out == (("trained/fine-tune", "not asked for"),)
    (poor,) = [c for c in chosen.comparisons if c.name == "poor"]
    assert poor.verdict == "better"


def test_words_are_picked_where_features_tell_nothing(tmp_path: Path) -> None:
    chosen = choose_classifier(make(tmp_path, 16), [zero_shot("poor", 2), zero_shot("good", 40)], blind(), recipe="")
    assert chosen.ranked[0].name == "good"
    assert chosen.ranked[0].why == "judged on all 16 labels; it learns from none"


def test_a_hidden_label_is_not_seen(tmp_path: Path) -> None:
    """Vectors that say nothing, but of which there are two each: only a copy in the other fold could tell a class."""
    dataset = make(tmp_path, 20)
    copies = blind()[np.arange(40) // 4 * 4 + np.arange(40) % 2]
    leaking = choose_classifier(dataset, [], copies, recipe="")
    apart = choose_classifier(dataset, [], copies, recipe="", groups=[f"{i // 4} {i % 2}" for i in range(40)])
    assert leaking.ranked[0].main.value > 0.9
    assert apart.ranked[0].main.value < 0.7


def test_five_labels_are_noise_and_too_few_to_tune(tmp_path: Path) -> None:
    chosen = choose_classifier(make(tmp_path, 5), [zero_shot("fair", 3)], clear())
    assert chosen.ruled_out[0][0] == "trained/efficientnet-lite0"
    assert chosen.ruled_out[0][1].startswith("5 labels are too few")
    assert any("5 labels cannot tell" in w for w in chosen.warnings)


def test_all_weights_are_trained_from_twenty_labels_on(tmp_path: Path) -> None:
    chosen = choose_classifier(make(tmp_path, 20), [zero_shot("fair", 3)], clear(), settings=QUICK)
    (tuned,) = [s for s in chosen.ranked if s.name == "trained/efficientnet-lite0"]
    assert tuned.why.startswith("trained on each half of the labels and judged on the other: ")
    assert chosen.ruled_out == ()
    assert tuned.main.low <= tuned.main.value <= tuned.main.high


def test_a_student_is_judged_on_images_it_has_not_seen_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    dataset = make(tmp_path / "data", 30)
    scores = student_scores(dataset, np.arange(16), np.arange(16, 40), "linear-probe", QUICK)
    assert scores.shape == (24, 2)
    assert (scores.argmax(axis=1) == np.arange(16, 40) % 2).mean() > 0.9
    assert list((tmp_path / "temporary").iterdir()) == []


def test_classes_without_a_label_are_named(tmp_path: Path) -> None:
    dataset = make(tmp_path, 7)
    one_sided = dataset.map(lambda s: s if int(s.file[:2]) % 2 == 0 else s.replace(annotations=()))
    chosen = choose_classifier(one_sided, [zero_shot("fair", 3)], clear(), recipe="")
    assert chosen.warnings[-1].startswith("No label shows blue: ")


def test_class_ids_are_minus_one_where_no_label_is(tmp_path: Path) -> None:
    assert class_ids(make(tmp_path, 3, 5)).tolist() == [0, 1, 0, -1, -1]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    dataset = make(tmp_path, 5)
    with pytest.raises(InvalidValue, match="one an image, got 39"):
        choose_classifier(dataset, [], clear(39))
    with pytest.raises(InvalidValue, match="at least 3 labelled images that differ, got 1"):
        choose_classifier(dataset, [], clear(), groups=["one"] * 40)
    other = Run(Setting("other"), (Classification(np.array([1.0]), ("cat",)),) * 40, 0.1, CARD)
    with pytest.raises(Mismatch, match="classify into red, blue"):
        choose_classifier(dataset, [other], clear())


def test_a_recipe_of_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="object to learn"):
        student_scores(make(tmp_path, 30), np.arange(16), np.arange(16, 30), "nanodet-g", QUICK)
