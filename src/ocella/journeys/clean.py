"""Clean labels by rule and say what was found on a page."""

from collections.abc import Sequence
from pathlib import Path

from ocella.datasets import Dataset
from ocella.journeys.held import held
from ocella.labeling.hygiene import Cleaned
from ocella.labeling.hygiene import clean as run
from ocella.labeling.hygiene import undo as run_undo
from ocella.labeling.report import clean_section
from ocella.media.write import write_text
from ocella.reports.page import Page

__all__ = ["clean", "undo"]


def clean(dataset: Path | str, *, rules: Sequence[str] = (), apply: bool = True) -> Cleaned:
    """Run the hygiene rules over the data set's machine-made labels; `apply=False` only looks. Writes
    `clean-report.html` beside the labels.
    """
    root = Path(dataset)
    with held(root) as opened:
        cleaned = run(opened, only=rules, apply=apply)
        total = sum(cleaned.counts.values())
        lead = f"{total} of the labels in {len(opened)} images break a rule."
        page = Page(f"Cleaning of {root.name or root}", lead, [clean_section(cleaned, pictures=12)])
        write_text(root / "clean-report.html", page.html())
    return cleaned


def undo(dataset: Path | str) -> Dataset:
    """Bring back the labels as they were before the last clean; raises NotFound where there was none."""
    root = Path(dataset)
    with held(root):
        return run_undo(root)
