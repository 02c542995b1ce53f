"""Train a small model from a data set and say on a page how it went."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocella.datasets import Dataset
from ocella.errors import Mismatch
from ocella.media.write import remove_leftovers, write_text
from ocella.models.load import load
from ocella.progress import Progress, silent
from ocella.reports.blocks import Tile, bullets, command, note, tiles
from ocella.reports.markup import Html
from ocella.reports.page import Page, Section, section
from ocella.store.lock import exclusive
from ocella.training.prove import Contender, Proof, prove
from ocella.training.recipe import Trained, recipes
from ocella.training.report import class_sections, proof_tiles, train_sections
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
    with exclusive(root / ".ocella"):
        remove_leftovers(root)
        trained = chosen.train(opened, root, settings, progress)
        write_text(root / "report.html", _page(trained, opened).html())
    return trained


def _default(dataset: Dataset) -> str:
    if dataset.task not in DEFAULT_RECIPES:
        can = ", ".join(DEFAULT_RECIPES)
        raise Mismatch(f"There is no recipe for {dataset.task} data sets such as {dataset.root}. There are for: {can}.")
    return DEFAULT_RECIPES[dataset.task]


def _page(trained: Trained, dataset: Dataset) -> Page:
    card, numbers = trained.card, trained.numbers
    student = load(trained.folder)
    size = (trained.folder / "model.onnx").stat().st_size / 1e6
    proof = prove(dataset, [Contender("student", trained.folder.name, student, size)], card.classes)
    todo = section(
        "What to do next",
        "These numbers come from the split that chose the best weights, so they are a little optimistic. Prove the student "
        "beside its teacher and its start:",
        command(
            f"ocella prove {trained.folder} --data {dataset.root}",
            f"ocella predict PHOTOS --model {trained.folder} --out found",
        ),
    )
    lead = f"{card.data.get('architecture', card.name)} learnt {', '.join(card.classes)} from {card.teacher}."
    sections = [*train_sections(card, trained.history), *class_sections(proof, dataset), todo]
    return Page(f"Training of {trained.folder.name}", lead, [*_problems(dataset), *sections], [_tiles(proof, numbers)])


def _tiles(proof: Proof, numbers: Mapping[str, Any]) -> Html:
    exported = f"{numbers['torch']:.4f} in torch, {numbers['onnx']:.4f} exported"
    return tiles(*proof_tiles(proof), Tile("Export", "proved", f"{numbers['metric']}: {exported}"))


def _problems(dataset: Dataset) -> list[Section]:
    told = [str(p) for p in dataset.info.get("problems", [])]
    if not told:
        return []
    return [section("Problems of the data set", note("warning", bullets(told[:50])))]
