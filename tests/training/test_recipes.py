"""Each recipe end to end on generated pictures, seconds each."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import Sample
from ocella.errors import InvalidValue, Mismatch, Refused
from ocella.models.load import load
from ocella.models.tasks import Classifier, Detector
from ocella.training.export import prove_export
from ocella.training.recipe import recipes
from ocella.training.samples import box_samples
from ocella.training.settings import TrainSettings
from ocella.types import Annotation, Classification, Detections, Source

PEOPLE = Source("person", "someone")
QUICK = TrainSettings(
    epochs=2, input_hw=(64, 96), batch=4, precision="fp32", device="cpu", validations=2, checkpoint_seconds=0.0, ema=0.5
)
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255)}


def picture(rng: np.random.Generator, colour: str) -> tuple[Any, list[int]]:
    pixels = rng.integers(90, 140, (64, 96, 3), np.uint8)
    x, y = int(rng.integers(4, 50)), int(rng.integers(4, 30))
    pixels[y : y + 28, x : x + 36] = COLOURS[colour]
    return pixels, [x, y, x + 36, y + 28]


def make(root: Path, task: str) -> Dataset:
    """Twelve pictures of one coloured block each, four of them held back; one more has a box without area."""
    rng = np.random.default_rng(0)
    names = tuple(COLOURS)
    samples = []
    for i in range(12):
        pixels, box = picture(rng, names[i % 2])
        cv2.imwrite(str(root / f"{i:02}.png"), pixels[:, :, ::-1])
        if task == "detect":
            rows = [box, [5, 5, 5, 9]] if i == 0 else [box]
            value: Detections | Classification = Detections(
                np.array(rows, np.float32), np.ones(len(rows), np.float32), np.full(len(rows), i % 2), names
            )
        else:
            value = Classification(np.eye(2)[i % 2], names)
        samples.append(
            Sample(f"{i:02}.png", (64, 96), split="train" if i < 8 else "val", annotations=(Annotation(value, PEOPLE),))
        )
    return Dataset(root, task, names, tuple(samples))


@pytest.mark.parametrize("name", [r.name for r in recipes])
def test_a_student_is_made_and_can_be_loaded(name: str, tmp_path: Path) -> None:
    recipe = recipes.get(name)
    (tmp_path / "data").mkdir()
    dataset = make(tmp_path / "data", recipe.task)
    out = tmp_path / "student"
    told = []
    trained = recipe.train(dataset, out, QUICK, lambda *row: told.append(row))
    assert sorted(p.name for p in out.iterdir()) == ["card.json", "history.jsonl", "model.onnx", "weights.safetensors"]
    assert trained.card.classes == dataset.classes
    assert trained.card.teacher == "people"
    assert trained.card.data["train"]["images"] == 8
    assert abs(trained.numbers["torch"] - trained.numbers["onnx"]) <= 0.002
    assert told[-1][1:3] == (100, 100)
    rows = [json.loads(line) for line in (out / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == trained.history
    model = load(out)
    assert isinstance(model, Detector | Classifier)
    found = model.predict([dataset.image(s) for s in dataset.split("val")])
    assert len(found) == 4
    assert all(f.classes == dataset.classes for f in found)
    again = recipe.train(dataset, out, QUICK)
    assert again.card == trained.card
    with pytest.raises(Mismatch, match="seed was 0, is 1"):
        recipe.train(dataset, out, QUICK.replace(seed=1))


def test_degenerate_boxes_are_counted_not_learned(tmp_path: Path) -> None:
    train = make(tmp_path, "detect").split("train")
    samples, dropped = box_samples(train, (32, 64), tmp_path, "train")
    assert dropped == 1
    assert [len(s.xyxy) for s in samples] == [1] * 8
    assert all(s.pixels.shape == (32, 64, 3) for s in samples)
    assert (samples[0].xyxy * [1.5, 2, 1.5, 2] == samples[0].truth.xyxy).all()


def test_a_probe_tells_colours_apart(tmp_path: Path) -> None:
    trained = recipes.get("linear-probe").train(
        make(tmp_path, "classify"), tmp_path / "s", TrainSettings(input_hw=(64, 96))
    )
    assert trained.numbers["onnx"] == 1.0


def test_a_probe_needs_learned_features(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="starter"):
        recipes.get("linear-probe").train(make(tmp_path, "classify"), tmp_path / "s", QUICK.replace(start="random"))


def test_an_export_that_loses_is_refused() -> None:
    from ocella.models.starter import starter_file

    with pytest.raises(Refused, match=r"has ap 0\.4970"):
        prove_export("ap", 0.5, starter_file("person-segmentation.onnx"), lambda _session: 0.497)
    assert prove_export("ap", 0.5, starter_file("person-segmentation.onnx"), lambda _session: 0.4985) == 0.4985
