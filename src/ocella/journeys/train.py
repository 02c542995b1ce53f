"""Train a small model from a data set and say on a page how it went."""

from pathlib import Path
from shutil import rmtree
from typing import Any

from ocella.datasets import Dataset
from ocella.errors import Mismatch
from ocella.media.write import write_text
from ocella.progress import Progress, silent
from ocella.reports.blocks import Tile, command, tiles
from ocella.reports.page import Page, section
from ocella.store.lock import exclusive
from ocella.training.recipe import Trained, recipes
from ocella.training.report import train_sections
from ocella.training.settings import TrainSettings

__all__ = ["DEFAULT_RECIPES", "train"]

DEFAULT_RECIPES = {"detect": "nanodet-g", "classify": "efficientnet-lite0"}


def train(
    dataset: Dataset | Path | str,
    out: Path | str,
    *,
    recipe: str = "",
    settings: TrainSettings | None = None,
    progress: Progress = silent,
    **options: Any,
) -> Trained:
    """Train on the `train` split of a data set, choose the best on `val`, export, and write the student's folder `out`
    with `report.html`. An interrupted run goes on where it was. `options` are fields of TrainSettings.
    """
    root = Path(out)
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    chosen = recipes.get(recipe or _default(opened))
    if chosen.task != opened.task:
        raise Mismatch(
            f"The recipe '{chosen.name}' is for {chosen.task}, but {opened.root} is a data set for {opened.task}."
        )
    settings = settings or TrainSettings(**options)
    with exclusive(root / ".train"):
        trained = chosen.train(opened, root, settings, progress)
        write_text(root / "report.html", _page(trained).html())
    rmtree(root / ".train", ignore_errors=True)
    return trained


def _default(dataset: Dataset) -> str:
    if dataset.task not in DEFAULT_RECIPES:
        can = ", ".join(DEFAULT_RECIPES)
        raise Mismatch(f"There is no recipe for {dataset.task} data sets such as {dataset.root}. There are for: {can}.")
    return DEFAULT_RECIPES[dataset.task]


def _page(trained: Trained) -> Page:
    card, numbers = trained.card, trained.numbers
    facts = [Tile(str(k), v if isinstance(v, (int, float)) else str(v)) for k, v in numbers.items()]
    todo = section(
        "What to do next",
        "These numbers come from the split that chose the best weights. Prove the student beside its teacher and start:",
        command(
            f"ocella prove {trained.folder} --data DATASET",
            f"ocella predict PHOTOS --model {trained.folder} --out found",
        ),
    )
    lead = f"{card.data.get('architecture', card.name)} learnt {', '.join(card.classes)} from {card.teacher}."
    return Page(
        f"Training of {trained.folder.name}", lead, [*train_sections(card, trained.history), todo], [tiles(*facts)]
    )
