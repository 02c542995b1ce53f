"""Every recipe of the registry keeps the same promises before it spends time; students are made in training/."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.errors import DatasetError
from ocella.models.card import Task
from ocella.models.entry import zoo
from ocella.training.recipe import Recipe, recipes
from ocella.training.settings import TrainSettings
from ocella.types import Annotation, Classification, Detections, Source

CLASSES = ("bolt", "nut")
SETTINGS = TrainSettings(epochs=1, input_hw=(64, 64), device="cpu", precision="fp32")

every_recipe = pytest.mark.parametrize("recipe", list(recipes), ids=lambda r: r.name)


def dataset(root: Path, task: str, splits: tuple[str, ...], *, labelled: bool = True) -> Dataset:
    """One image a split; `labelled` ones show a bolt."""
    samples = []
    for i, split in enumerate(splits):
        Pillow.new("RGB", (64, 48), (90, 40 * i, 120)).save(root / f"{i}.png")
        value: Detections | Classification = Classification(np.array([1, 0], np.float32), CLASSES)
        if task == "detect":
            value = Detections(
                np.array([[5, 5, 40, 40]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int64), CLASSES
            )
        labels = (Annotation(value, Source("person", "ana")),) if labelled else ()
        samples.append(Sample(f"{i}.png", (48, 64), split=split, annotations=labels))  # type: ignore[arg-type]  # names of splits
    return Dataset(root, task, CLASSES, tuple(samples))


def test_names_are_kebab_case() -> None:
    assert [r.name for r in recipes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", r.name)] == []


@every_recipe
def test_it_says_what_for(recipe: Recipe) -> None:
    assert recipe.task in Task.__args__  # type: ignore[attr-defined]  # of a Literal
    assert any(e.card.task == recipe.task for e in zoo)
    assert len(recipe.summary) > 10
    assert type(recipe).__doc__


@every_recipe
def test_an_empty_data_set_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"has no 'train' split \(it has: none\)\. Run: ocella split"):
        recipe.train(Dataset(tmp_path, recipe.task, CLASSES, ()), tmp_path / "out", SETTINGS)
    assert not (tmp_path / "out" / "card.json").exists()


@every_recipe
def test_an_unsplit_data_set_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"has no 'train' split \(it has: none\)\. Run: ocella split"):
        recipe.train(dataset(tmp_path, recipe.task, ("", "")), tmp_path / "out", SETTINGS)


@every_recipe
def test_without_a_validation_split_it_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"has no 'val' split \(it has: \['train'\]\)"):
        recipe.train(dataset(tmp_path, recipe.task, ("train", "train")), tmp_path / "out", SETTINGS)


@every_recipe
def test_images_that_nobody_labelled_are_refused(recipe: Recipe, tmp_path: Path) -> None:
    unlabelled = dataset(tmp_path, recipe.task, ("train", "val"), labelled=False)
    with pytest.raises(DatasetError, match="ocella label"):
        recipe.train(unlabelled, tmp_path / "out", SETTINGS)
    assert not (tmp_path / "out" / "card.json").exists()
