"""The main road: images in, a small model and an honest page out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.datasets import Dataset
from ocella.errors import NoMatch
from ocella.journeys.clean import clean
from ocella.journeys.inputs import Classes, ModelLike, Sources, as_model, as_tile
from ocella.journeys.label import label
from ocella.journeys.prove import prove
from ocella.journeys.split import split
from ocella.journeys.train import train
from ocella.labeling.hygiene import Cleaned
from ocella.labeling.report import clean_section, label_sections
from ocella.labeling.summary import Labeled
from ocella.media.write import write_text
from ocella.progress import Progress, silent
from ocella.reports.blocks import command, note, tiles
from ocella.reports.markup import Html
from ocella.reports.page import Page, Section, section
from ocella.training.prove import Proof
from ocella.training.recipe import Trained, need_torch
from ocella.training.report import proof_sections, proof_tiles, train_sections

__all__ = ["Distilled", "distill", "page"]

Truth = Dataset | Path | str | Callable[[Dataset], Dataset] | None


@dataclass(frozen=True)
class Distilled:
    """What each station of the road came to, and where the page is."""

    labeled: Labeled
    cleaned: Cleaned
    dataset: Dataset
    trained: Trained
    proof: Proof
    report: Path

    def to_json(self) -> dict[str, Any]:
        """JSON form for `--json`."""
        return {
            "labeled": self.labeled.to_json(),
            "cleaned": {k: v for k, v in self.cleaned.to_json().items() if k != "findings"},
            "split": dict(self.dataset.info).get("split", ""),
            "student": str(self.trained.folder),
            "numbers": dict(self.trained.numbers),
            "proof": self.proof.to_json(),
            "report": str(self.report),
        }


def distill(
    sources: Sources,
    out: Path | str,
    *,
    classes: Classes,
    model: ModelLike = "nanodet-g",
    tile: str | tuple[int, int] | None = "2x2",
    threshold: float | None = None,
    every: float = 0.5,
    limit: int | None = None,
    minutes: float = 3.0,
    truth: Truth = None,
    recipe: str = "",
    seed: int = 0,
    device: str = "auto",
    progress: Progress = silent,
) -> Distilled:
    """Label, clean, split, train and prove, into `out/dataset`, `out/student` and `out/report.html`. Run again, it reuses
    what is done. `truth` is a data set with people's labels of the same images; without it the teacher is the measure,
    and the page says what that is worth.
    """
    need_torch()
    root = Path(out)
    teacher = as_model(model, device)
    tiled = as_tile(tile) if teacher.task == "detect" else None
    labeled = label(
        sources,
        root / "dataset",
        model=teacher,
        classes=classes,
        threshold=threshold,
        tile=tiled,
        every=every,
        limit=limit,
        progress=progress,
    )
    if not any(labeled.counts.values()):
        raise NoMatch(
            f"Nothing was found in {len(labeled.dataset)} images for {', '.join(labeled.dataset.classes)}, so there is "
            f"nothing to train on. Try other prompts, a lower --threshold, or another --model (ocella models)."
        )
    cleaned = clean(root / "dataset")
    dataset = _divided(root / "dataset", labeled, seed, progress)
    trained = train(
        dataset, root / "student", recipe=recipe, minutes=minutes, seed=seed, device=device, progress=progress
    )
    measure = truth(dataset) if callable(truth) else truth
    proof = prove(
        root / "student", dataset, truth=measure, teacher=teacher, tile=tiled, device=device, progress=progress
    )
    report = root / "report.html"
    done = Distilled(labeled, cleaned, dataset, trained, proof, report)
    write_text(report, page(done).html())
    return done


def _divided(root: Path, labeled: Labeled, seed: int, progress: Progress) -> Dataset:
    """A split that is there stays as long as no image is new."""
    dataset = Dataset.open(root)
    if "split" in dataset.info and not labeled.new:
        return dataset
    return split(root, seed=seed, progress=progress)


def page(
    done: Distilled, *, title: str = "", before: tuple[Section, ...] = (), after: tuple[Section, ...] = ()
) -> Page:
    """The whole road on one page: the proof first, then how it came about."""
    student = next(r for r in done.proof.rows if r.role == "student")
    assert student.score is not None
    names = ", ".join(done.trained.card.classes)
    lead = (
        f"{done.labeled.model} labelled {len(done.dataset)} images; a small model learnt {names} from it and reaches "
        f"{done.proof.metric} {student.score.value:.3f} on {done.proof.images} images it never saw, judged by "
        f"{done.proof.truth}."
    )
    return Page(
        title or f"A small model for {names}",
        lead,
        [
            *before,
            *proof_sections(done.proof, done.dataset),
            section("What to do next", *_next_steps(done)),
            *label_sections(done.labeled, heading="The teacher's labels"),
            clean_section(done.cleaned),
            *train_sections(done.trained.card, done.trained.history),
            *after,
        ],
        top=[tiles(*proof_tiles(done.proof))],
    )


def _next_steps(done: Distilled) -> list[str | Html]:
    folder = done.trained.folder
    steps: list[str | Html] = []
    if done.proof.truth != "people's labels":
        steps.append(
            note(
                "warning",
                "No person has labelled any of these images. Label some by hand before you trust a number here.",
            )
        )
    if done.proof.verdict == "no gain":
        steps.append(
            "The student is no better than the network it started from. More images, more minutes, or a stronger teacher "
            "may change that; until then use the starting network as it is."
        )
    steps.append("Use the student like any model:")
    steps.append(command(f"ocella predict PHOTOS --model {folder} --out found"))
    return steps
