"""Label images and say what came of it on a page."""

from pathlib import Path
from typing import Any

from ocella.journeys.inputs import Classes, ModelLike, Sources, as_list, as_model, as_ontology, as_sources, as_tile
from ocella.labeling.report import label_sections, label_tiles
from ocella.labeling.run import label as run
from ocella.labeling.settings import LabelSettings
from ocella.labeling.summary import Labeled
from ocella.media.write import write_text
from ocella.progress import Progress, silent
from ocella.reports.blocks import command, tiles
from ocella.reports.page import Page, section

__all__ = ["label"]

REPORT = "report.html"


def label(
    sources: Sources,
    out: Path | str,
    *,
    model: ModelLike = "nanodet-g",
    classes: Classes = None,
    threshold: float | None = None,
    tile: str | tuple[int, int] | None = None,
    prompt: str = "",
    every: float = 0.5,
    limit: int | None = None,
    device: str = "auto",
    progress: Progress = silent,
    **options: Any,
) -> Labeled:
    """Label `sources` (folders, images, videos, lists) into the data set `out` and write `out/report.html`. Run again, it
    does only what is new, and leaves alone what a person has touched. Raises NoMatch before any work where a prompt is
    nothing that the model can find. `options` are further ones of `ocella.load`.
    """
    own = as_list(model, classes)
    settings = LabelSettings(None if own else as_ontology(classes), threshold, as_tile(tile), prompt, every, limit)
    chosen = as_model(model, device, classes=own, **options)
    labeled = run(as_sources(sources), out, chosen, settings, progress=progress)
    write_text(labeled.dataset.root / REPORT, _page(labeled).html())
    return labeled


def _page(labeled: Labeled) -> Page:
    root = labeled.dataset.root
    todo = section(
        "What to do next",
        "Look at the pictures. Then clean the labels, divide the set and train:",
        command(f"ocella clean {root}", f"ocella split {root}", f"ocella train {root} --out student"),
    )
    lead = f"{labeled.model} found {sum(labeled.counts.values())} things in {len(labeled.dataset)} images."
    sections = [*label_sections(labeled, pictures=18), todo]
    return Page(f"Labels of {root.name or root}", lead, sections, top=[tiles(*label_tiles(labeled))])
