"""Labels of whole images are worth learning from: ready-made classifiers beside ones taught by them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ocella.choosing.chosen import Chosen
from ocella.choosing.look import Looked
from ocella.datasets import Dataset, Sample
from ocella.journeys.choose_classifier import TRAINED, choose_classifier
from ocella.journeys.choose_unlabelled import scene_groups, vectors_of
from ocella.media.load import read_size
from ocella.media.write import link_or_copy, write_bytes
from ocella.models.pool import Pool
from ocella.progress import Progress
from ocella.types import Annotation, Classification, ImageRef, Label, Source

__all__ = ["compare_with_learned", "is_taught"]


def is_taught(chosen: Chosen) -> bool:
    """Whether the first choice does not exist yet: it has to be trained."""
    return chosen.best is not None and chosen.best.name.startswith(TRAINED)


def compare_with_learned(
    looked: Looked,
    truths: Mapping[str, Label],
    classes: tuple[str, ...],
    work: Path,
    cache: Path,
    pool: Pool,
    *,
    seed: int,
    progress: Progress,
) -> Chosen:
    """The runs of classifiers in `looked`, and classifiers taught by `truths` (by image name), each judged on labels that it
    has not seen. Images without a label take part as such.
    """
    kept, vectors = vectors_of(looked.images, cache, pool, progress=progress)
    order = sorted(range(len(kept)), key=lambda i: _file(kept[i]))
    place = {ref.name: i for i, ref in enumerate(looked.images)}
    images = [kept[i] for i in order]
    rows = [place[ref.name] for ref in images]
    runs = [replace(run, said=tuple(run.said[i] for i in rows)) for run in looked.runs]
    dataset = Dataset(work, "classify", classes, tuple(_sample(ref, truths.get(ref.name), work) for ref in images))
    chosen = choose_classifier(dataset, runs, vectors[order], groups=scene_groups(images), seed=seed, progress=progress)
    if not is_taught(chosen):
        return chosen
    note = "The first choice does not exist yet: teach one with `ocella train` on these labels (--recipe linear-probe is the nearest)."
    return replace(chosen, warnings=(*chosen.warnings, note))


def _file(ref: ImageRef) -> str:
    return f"images/{ref.name}"


def _sample(ref: ImageRef, truth: Label | None, root: Path) -> Sample:
    target = root / _file(ref)
    if not target.exists():
        if ref.path is None:
            write_bytes(target, ref.read())
        else:
            link_or_copy(ref.path, target)
    known = isinstance(truth, Classification)
    labels = (Annotation(truth, Source("person", "labels")),) if known and truth is not None else ()
    return Sample(_file(ref), read_size(ref), annotations=labels)
