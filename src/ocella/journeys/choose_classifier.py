"""Choose a classifier where some images are labelled: ready-made, a probe, or all weights trained."""

import shutil
import tempfile
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from ocella.choosing.chosen import Chosen
from ocella.choosing.learned import Tried, choose_learned, fold_numbers
from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.datasets import Dataset
from ocella.errors import InvalidValue, Mismatch, MissingExtra
from ocella.models.card import ModelCard
from ocella.models.load import find_entry, load
from ocella.models.tasks import Classifier
from ocella.progress import Progress, silent
from ocella.training.class_means import class_means
from ocella.training.recipe import need_torch, recipes
from ocella.training.settings import TrainSettings
from ocella.types import Classification, Embedding, Label

__all__ = ["LEAST_TO_TUNE", "TRAINED", "choose_classifier", "class_ids", "student_scores"]

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Marks = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
LEAST_TO_TUNE = 20
"""Below so many labels all weights are not trained: half of them would have to judge."""
TRAINED = "trained/"
"""Begins the name of what does not exist before it is trained: `trained/linear-probe`."""
_MOST_HELD = 10
"""Images on which training itself reports and proves the export; they pick nothing."""
_PARTS = 10
"""A tenth of the labels is held out at a time; fewer are held out one by one."""


@dataclass(frozen=True, eq=False)
class _Bench:
    """What all ways are tried on: `class_id` (n,) of all images (-1: no label), the `rows` that have one, the `fold` in which
    each of these is held out, of each zero-shot run the model and what it tells (runs, n, classes), vectors (n, d).
    """

    dataset: Dataset
    class_id: Indices
    rows: Indices
    groups: list[Hashable]
    fold: Indices
    models: tuple[str, ...]
    told: Floats
    vectors: Floats
    seed: int

    @property
    def labels(self) -> Indices:
        return self.class_id[self.rows]


Way = Callable[[_Bench, Indices], Floats]
"""Scores (n, classes) of all images from the labels (n,) that it may see."""


def choose_classifier(
    dataset: Dataset,
    runs: Sequence[Run],
    vectors: npt.ArrayLike,
    *,
    recipe: str = "efficientnet-lite0",
    settings: TrainSettings | None = None,
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Chosen:
    """Compare zero-shot `runs` with classifiers learnt from the labels in `dataset`, by labels they have not seen. `vectors`
    (n, d) of the starter embedder, labels in `runs` and `groups` (near-duplicates) are in the order of its images. `recipe`
    trains all weights under `settings` ("" for never). Raises InvalidValue, Mismatch.
    """
    bench = _prepared(dataset, runs, np.asarray(vectors, np.float32), groups, seed)
    tried = [_ready(bench, run, told) for run, told in zip(runs, bench.told, strict=True)]
    ruled_out = []
    for name, (way, said) in _PROBES.items():
        if name == _LINEAR and not _can_train():
            ruled_out.append((TRAINED + name, "training is not installed: pip install 'ocella[train]'"))
        elif name != _WORDS or runs:
            progress("judge", len(tried), len(runs) + len(_PROBES), name)
            tried.append(_student(bench, name, _held_out(bench, bench.fold, way), said))
    reason = _why_not_tuned(bench, recipe)
    if reason:
        ruled_out.append((TRAINED + (recipe or "fine-tune"), reason))
    else:
        linear = next(t for t in tried if t.name == TRAINED + _LINEAR)
        tried.append(_tuned(bench, linear, recipe, settings or TrainSettings(minutes=0.5), progress))
    names = [bench.groups[row] for row in bench.rows]
    chosen = choose_learned(tried, dataset.classes, groups=names, whole_set=len(dataset), ruled_out=ruled_out)
    return replace(chosen, warnings=(*chosen.warnings, *_unlabelled(bench)))


def class_ids(dataset: Dataset) -> Indices:
    """The class of each image by its last label, -1 where it has none."""
    found = [s.labels(Classification) for s in dataset]
    return np.array([dataset.classes.index(f[-1].top()[0][0]) if f else -1 for f in found], np.int64)


def student_scores(
    dataset: Dataset,
    taught: Indices,
    judged: Indices,
    recipe: str,
    settings: TrainSettings,
    progress: Progress = silent,
) -> Floats:
    """Scores (m, classes) of the m images `judged` by a student of the images `taught` (both rows of `dataset`). It is the
    last one trained: none is picked by what judges it. The student is not kept.
    """
    samples = list(dataset)
    learnt = [samples[i].replace(split="train") for i in taught]
    held = [samples[i].replace(split="val") for i in judged]
    labelled = [s for s in held if s.seen][:_MOST_HELD]
    folder = Path(tempfile.mkdtemp(prefix="ocella-choose-"))
    try:
        part = dataset.replace(samples=(*learnt, *labelled))
        trained = recipes.get(recipe).train(part, folder / "student", settings.replace(validations=1), progress)
        model = load(trained.folder)
        if not isinstance(model, Classifier):
            raise Mismatch(f"The recipe '{recipe}' makes no classifier but a model to {model.task}. Name another.")
        return np.stack([model.predict([dataset.image(s)])[0].confidence for s in held])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(
    dataset: Dataset, runs: Sequence[Run], vectors: Floats, groups: Sequence[Hashable] | None, seed: int
) -> _Bench:
    class_id = class_ids(dataset)
    rows = np.flatnonzero(class_id >= 0)
    names: list[Hashable] = list(range(len(dataset)) if groups is None else groups)
    counts = (len(vectors), len(names), *(len(run.said) for run in runs))
    wrong = [count for count in counts if count != len(dataset)]
    if wrong:
        raise InvalidValue(f"vectors, groups and runs must have {len(dataset)} entries, one an image, got {wrong[0]}.")
    alone = len({names[row] for row in rows})
    if alone < 3:
        raise InvalidValue(
            f"Choosing by labels takes at least 3 labelled images that differ, got {alone}. Label some more."
        )
    told = [np.stack([_told(label, dataset.classes) for label in run.said]) for run in runs]
    own = [names[row] for row in rows]
    fold = fold_numbers(class_id[rows], min(alone, _PARTS), groups=own, seed=seed)
    stacked = np.stack(told) if told else np.zeros((0, len(dataset), len(dataset.classes)), np.float32)
    return _Bench(dataset, class_id, rows, names, fold, tuple(r.setting.model for r in runs), stacked, vectors, seed)


def _told(label: Label | Embedding, classes: tuple[str, ...]) -> Floats:
    if not isinstance(label, Classification) or label.classes != classes:
        raise Mismatch(f"Every run must classify into {', '.join(classes)}, as the labels do. Give it these classes.")
    return label.confidence


def _ready(bench: _Bench, run: Run, told: Floats) -> Tried:
    score, nearness = _judged(told[bench.rows], bench.labels)
    why = f"judged on all {len(score)} labels; it learns from none"
    belief = _belief(told, bench.rows, bench.class_id)
    return Tried(run.setting, "zero-shot", score, nearness, why, belief=belief, seconds=run.seconds, **_terms(run.card))


def _terms(card: ModelCard) -> "_Terms":
    return {"license": card.weights_license, "commercial_use": card.commercial_use}


class _Terms(TypedDict):
    license: str
    commercial_use: bool


def _belief(told: Floats, rows: Indices, class_id: Indices) -> float:
    """Mean probability of the true class on some images."""
    return float(told[rows, class_id[rows]].mean())


def _judged(scores: Floats, class_id: Indices) -> Marks:
    """Of each row of scores (m, classes): 1 where its class comes first, and 1 / the place of its class; ties share."""
    true = scores[np.arange(len(scores)), class_id][:, None]
    place = 1 + (scores > true).sum(axis=1) + ((scores == true).sum(axis=1) - 1) / 2
    return (scores.argmax(axis=1) == class_id).astype(np.float64), 1 / place


def _held_out(bench: _Bench, fold: Indices, way: Way) -> Marks:
    """What each labelled image is told from the labels of the other folds."""
    scores = np.zeros((len(bench.rows), len(bench.dataset.classes)), np.float32)
    for held, seen in _turns(bench, fold):
        scores[held] = way(bench, seen)[bench.rows[held]]
    return _judged(scores, bench.labels)


def _turns(bench: _Bench, fold: Indices) -> Iterator[tuple[npt.NDArray[np.bool_], Indices]]:
    for k in range(fold.max() + 1):
        held = fold == k
        seen = bench.class_id.copy()
        seen[bench.rows[held]] = -1
        yield held, seen


def _means(bench: _Bench, seen: Indices) -> Floats:
    return class_means(bench.vectors, seen, len(bench.dataset.classes))


def _means_and_words(bench: _Bench, seen: Indices) -> Floats:
    """The zero-shot run that comes nearest to the labels seen helps, each model in its most believed wording."""
    rows = np.flatnonzero(seen >= 0)
    pairs = zip(bench.models, bench.told, strict=True)
    worded = dict(
        sorted(pairs, key=lambda pair: _belief(pair[1], rows, seen))
    )  # of each model the last, so the highest
    nearest = max(worded.values(), key=lambda told: float(_judged(told[rows], seen[rows])[1].mean()))
    return class_means(bench.vectors, seen, len(bench.dataset.classes), nearest)


def _linear(bench: _Bench, seen: Indices) -> Floats:
    import torch

    from ocella.training.probe import fit_linear

    known, rows = torch.from_numpy(bench.vectors), np.flatnonzero(seen >= 0)
    layer = torch.nn.Linear(known.shape[1], len(bench.dataset.classes))
    fit_linear(layer, known[rows], torch.from_numpy(seen[rows]), bench.seed)
    with torch.no_grad():
        scores: Floats = layer(known).numpy()
    return scores


_LINEAR, _WORDS = "linear-probe", "class-means-and-words"
_PROBES: dict[str, tuple[Way, str]] = {
    "class-means": (_means, "the nearest mean of a class's images"),
    _WORDS: (_means_and_words, "the same, with what the nearest zero-shot run says as one label more a class"),
    _LINEAR: (_linear, "a linear classifier on fixed features"),
}


def _student(bench: _Bench, name: str, marks: Marks, said: str) -> Tried:
    card = find_entry("efficientnet-lite0-features").card
    share = "each label" if bench.fold.max() + 1 == len(bench.rows) else "each tenth of the labels"
    why = f"{said}; {share} judged by a classifier of the others, so a little pessimistic"
    return Tried(Setting(TRAINED + name), "probe", *marks, why, both=name == _WORDS, **_terms(card))


def _unlabelled(bench: _Bench) -> Iterator[str]:
    """A sentence where classes have no label at all."""
    lacking = [name for k, name in enumerate(bench.dataset.classes) if not (bench.labels == k).any()]
    if lacking:
        yield f"No label shows {', '.join(lacking)}: what is trained on labels alone will never say so. Label some of these."


def _can_train() -> bool:
    try:
        need_torch()
    except MissingExtra:
        return False
    return True


def _why_not_tuned(bench: _Bench, recipe: str) -> str:
    """The reason why all weights are not trained, empty where they are."""
    if not recipe:
        return "not asked for"
    if not _can_train():
        return "training is not installed: pip install 'ocella[train]'"
    counts = np.bincount(bench.labels)
    if len(bench.rows) < LEAST_TO_TUNE or (counts >= 2).sum() < 2:
        return f"{len(bench.rows)} labels are too few to train all weights on one half and judge on the other"
    return ""


def _tuned(bench: _Bench, linear: Tried, recipe: str, settings: TrainSettings, progress: Progress) -> Tried:
    """All weights trained on each half, judged on the other beside the linear probe of the same half: what it is over that
    one there is added to the probe's score from almost all labels.
    """
    names = [bench.groups[row] for row in bench.rows]
    halves = fold_numbers(bench.labels, 2, groups=names, seed=bench.seed)
    beside = _held_out(bench, halves, _linear)
    scores = np.zeros((len(bench.rows), len(bench.dataset.classes)), np.float32)
    for held, _ in _turns(bench, halves):
        scores[held] = student_scores(bench.dataset, bench.rows[~held], bench.rows[held], recipe, settings, progress)
    tuned = _judged(scores, bench.labels)
    why = (
        f"trained on each half of the labels and judged on the other: {tuned[0].mean():.2f} where the linear probe of the same "
        f"half has {beside[0].mean():.2f}; the difference is added to the probe's {linear.mean:.2f} from almost all labels"
    )
    card = find_entry(recipe).card
    score, nearness = linear.score + tuned[0] - beside[0], linear.nearness + tuned[1] - beside[1]
    return Tried(Setting(TRAINED + recipe), "fine-tune", score, nearness, why, **_terms(card))
