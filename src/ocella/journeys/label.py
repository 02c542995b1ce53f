"""Label images and say what came of it on a page."""

from pathlib import Path
from typing import Any

from ocella.choosing.choice_file import SavedChoice
from ocella.journeys.inputs import (
    DEFAULT_MODEL,
    Classes,
    ModelLike,
    SettingLike,
    Sources,
    as_choice,
    as_list,
    as_model,
    as_ontology,
    as_sources,
    as_tile,
)
from ocella.labeling.report import label_sections, label_tiles
from ocella.labeling.run import label as run
from ocella.labeling.settings import LabelSettings
from ocella.labeling.summary import Labeled
from ocella.media.write import write_text
from ocella.progress import Progress, silent
from ocella.reports.blocks import command, note, tiles
from ocella.reports.markup import Html
from ocella.reports.page import Page, section

__all__ = ["label"]

REPORT = "report.html"


def label(
    sources: Sources,
    out: Path | str,
    *,
    setting: SettingLike = None,
    model: ModelLike | None = None,
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
    does only what is new, and leaves alone what a person has touched. `setting` is what `ocella choose` found (a file, or a
    Setting): model, classes with their thresholds, tile and prompt, none of which is given beside it. Raises NoMatch before
    any work where a prompt is nothing that the model can find. `options` are further ones of `ocella.load`.
    """
    choice = as_choice(setting, model=model, classes=classes, threshold=threshold, tile=tile, prompt=prompt)
    if choice is not None:
        said = choice.setting
        model, classes, tile, prompt = said.model, said.ontology, said.tile, said.prompt
    model = DEFAULT_MODEL if model is None else model
    own = as_list(model, classes)
    loaded = as_model(model, device, classes=own, **options)
    if choice is not None and loaded.task == "keypoints":
        threshold = _only_threshold(choice)
    ontology = as_ontology(classes) if choice is not None or not own else None
    origin = {} if choice is None else choice.origin
    settings = LabelSettings(ontology, threshold, as_tile(tile), prompt, every, limit, origin=origin)
    labeled = run(as_sources(sources), out, loaded, settings, progress=progress)
    write_text(labeled.dataset.root / REPORT, _page(labeled, choice).html())
    return labeled


def _only_threshold(choice: SavedChoice) -> float | None:
    """The threshold of models that do not know classes apart; None, their own, where there is not just one."""
    classes = () if choice.setting.ontology is None else choice.setting.ontology.classes
    return classes[0].threshold if len(classes) == 1 else None


def _chosen(choice: SavedChoice | None) -> list[Html]:
    """What is to be known of the setting before its labels are trusted."""
    if choice is None:
        return []
    if choice.origin.get("guess") is True:
        return [note("warning", "The setting is a guess: it was chosen without anyone looking at a label.")]
    if choice.origin.get("good_enough") is False:
        return [note("warning", "When this setting was chosen, no setting was good enough. Expect many errors.")]
    return []


def _page(labeled: Labeled, choice: SavedChoice | None) -> Page:
    root = labeled.dataset.root
    todo = section(
        "What to do next",
        "Look at the pictures. Then clean the labels, divide the set and train:",
        command(f"ocella clean {root}", f"ocella split {root}", f"ocella train {root} --out student"),
    )
    lead = f"{labeled.model} found {sum(labeled.counts.values())} things in {len(labeled.dataset)} images."
    sections = [*label_sections(labeled, pictures=18), todo]
    return Page(f"Labels of {root.name or root}", lead, sections, top=[tiles(*label_tiles(labeled)), *_chosen(choice)])
