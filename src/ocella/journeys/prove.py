"""Prove a student beside its teacher and its start, and say what came of it on a page."""

from pathlib import Path

from ocella.datasets import Dataset
from ocella.errors import Mismatch
from ocella.journeys.inputs import ModelLike, as_model, as_tile
from ocella.media.write import write_json, write_text
from ocella.models.card import ModelCard
from ocella.models.compose import tiled
from ocella.models.load import load
from ocella.models.tasks import Model
from ocella.progress import Progress, silent
from ocella.reports.blocks import tiles
from ocella.reports.page import Page
from ocella.training.prove import Contender, Proof, start_contender
from ocella.training.prove import prove as run
from ocella.training.report import proof_sections, proof_tiles
from ocella.types import Ontology

__all__ = ["prove"]


def prove(
    student: Path | str,
    dataset: Dataset | Path | str,
    *,
    truth: Dataset | Path | str | None = None,
    teacher: ModelLike | None = None,
    tile: str | tuple[int, int] | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Proof:
    """Compare the student, the network it started from untrained, and maybe its `teacher`, on the `val` split of
    `dataset`, by the labels of `truth` (people's labels of the same images) or else its own. Writes `proof.json` and
    `proof.html` into the student's folder.
    """
    folder = Path(student)
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    measure = Dataset.open(truth) if isinstance(truth, (str, Path)) else truth
    own = load(folder, device=device)
    if own.task != opened.task:
        raise Mismatch(f"{folder} is a model for {own.task}, but {opened.root} is a data set for {opened.task}.")
    teaching = None if teacher is None else tiled(as_model(teacher, device), as_tile(tile))
    contenders = _contenders(folder, own, teaching, _ontology(opened, own.card), device)
    proof = run(opened, contenders, own.card.classes, truth=measure, progress=progress)
    write_json(folder / "proof.json", proof.to_json())
    write_text(folder / "proof.html", _page(folder, proof, opened).html())
    return proof


def _ontology(dataset: Dataset, card: ModelCard) -> Ontology:
    """The prompts behind the student's classes, where the data set knows them."""
    if "ontology" in dataset.info:
        asked = Ontology.from_json(dataset.info["ontology"])
        if set(asked.names) == set(card.classes):
            return asked
    return Ontology.of(*card.classes)


def _contenders(
    folder: Path, student: Model, teacher: Model | None, ontology: Ontology, device: str
) -> list[Contender]:
    architecture = str(student.card.data["architecture"])
    start = start_contender(load(architecture, device=device), ontology)
    size = (folder / "model.onnx").stat().st_size / 1e6
    found = [start, Contender("student", folder.name, student, size)]
    if teacher is not None:
        found.insert(0, Contender("teacher", teacher.card.name, teacher, teacher.card.megabytes, ontology))
    return found


def _page(folder: Path, proof: Proof, dataset: Dataset) -> Page:
    lead = f"Measured on {proof.images} images that were held back, judged by {proof.truth}."
    return Page(f"Proof of {folder.name}", lead, proof_sections(proof, dataset), [tiles(*proof_tiles(proof))])
