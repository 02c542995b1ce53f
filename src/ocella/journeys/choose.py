"""Which model, prompts, tiling and thresholds suit these images? Tried, asked about, told with intervals."""

import math
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ocella.choosing.answers import Standing
from ocella.choosing.asked import Recorded, recording
from ocella.choosing.choice import Judge, is_settled, picks
from ocella.choosing.choice_file import write_choice
from ocella.choosing.chosen import Asking, Chosen, Scored
from ocella.choosing.cuts import thresholds
from ocella.choosing.estimate import Estimator
from ocella.choosing.goal import Goal
from ocella.choosing.halving import Budget
from ocella.choosing.images import sample_images
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.look import Looked, look
from ocella.choosing.needs import TASKS, Needs, read_hardware, read_wish
from ocella.choosing.propose import propose
from ocella.choosing.question import Asker
from ocella.choosing.ranking import Ranking, rank
from ocella.choosing.report import choosing_page
from ocella.choosing.run import Run
from ocella.choosing.session import Asked, Subject, ask
from ocella.choosing.setting import Setting
from ocella.choosing.subjects import exact_for, subject_for
from ocella.choosing.totals import Cut
from ocella.choosing.truths import truths_of
from ocella.datasets import Dataset
from ocella.datasets.convert import import_dataset
from ocella.datasets.dataset import FILE
from ocella.errors import InvalidValue
from ocella.journeys.choose_learned import compare_with_learned, is_taught
from ocella.journeys.choose_pictures import failures_of, pictures_to_label, views_of
from ocella.journeys.choose_unlabelled import images_worth_labelling, steadiness
from ocella.journeys.choose_within import look_within
from ocella.journeys.inputs import Classes, Sources, as_ontology, as_sources
from ocella.media.write import write_json, write_text
from ocella.metrics.intervals import Interval
from ocella.models.load import list_models
from ocella.models.pool import Pool
from ocella.progress import Progress, silent
from ocella.reports.plot import Curve
from ocella.store.lock import exclusive
from ocella.types import ImageRef, Label, Ontology

__all__ = ["CHOICE", "REPORT", "ChooseOptions", "choose"]

Labels = Dataset | Path | str

REPORT = "report.html"
CHOICE = "choice.yaml"
TO_LABEL = "to-label.txt"
LOOKS = "looks.sqlite"
"""Names of what a choice leaves in its folder."""
_POOL_BYTES = 8 * 2**30
_LEAST_ANSWERS = 16
"""Before so many answers nothing counts as settled."""


@dataclass(frozen=True)
class ChooseOptions:
    """`images` at most are looked at; `most` settings tried; `minutes` bounds the looking (0: no bound); `price` of one image
    on a server and `money` to spend there; a first choice under `enough` in F is not good enough; `seed` draws what is asked.
    """

    images: int = 128
    most: int = 24
    minutes: float = 0.0
    price: float = 0.0
    money: float = 0.0
    enough: float = 0.5
    to_label: int = 40
    stop_early: bool = True
    seed: int = 0
    license: str = ""
    hardware: str = "cpu"

    def __post_init__(self) -> None:
        if (
            self.images < 1
            or self.most < 1
            or min(self.minutes, self.price, self.money) < 0
            or not 0 <= self.enough <= 1
        ):
            raise InvalidValue(
                "images and most must be at least 1, minutes, price and money at least 0, enough within 0..1, got "
                f"{self.images}, {self.most}, {self.minutes}, {self.price}, {self.money} and {self.enough}."
            )


def choose(
    sources: Sources,
    out: Path | str,
    *,
    classes: Classes,
    task: str = "detect",
    models: str | Sequence[str] = "auto",
    settings: Sequence[Setting] = (),
    budget: int = 40,
    asker: Asker | None = None,
    answers: Labels | None = None,
    labels: Labels | None = None,
    goal: str = "",
    precision: float | None = None,
    options: ChooseOptions | None = None,
    progress: Progress = silent,
    **loading: Any,
) -> Chosen:
    """Propose settings (or take `settings`), run them on a sample of the images, have `asker` (or the labels of the data set
    `answers`) answer up to `budget` questions, and rank them for a `goal` (balance, training, review, or a least
    `precision`). With `labels` of the same images there are no questions; without any of these the ranking is a guess. Writes
    choice.yaml and report.html into `out`; run again, it goes on. `loading` are options of `ocella.load`.
    """
    ontology = as_ontology(classes)
    if ontology is None:
        raise InvalidValue("choose needs to know what to look for: give classes, like 'person, dog'.")
    if sum(x is not None for x in (asker, answers, labels)) > 1:
        raise InvalidValue(
            "Give one of: labels, which tell everything; answers, labels that answer questions; an asker."
        )
    road = _Road(Path(out), ontology, task, Goal.of(goal, precision), options or ChooseOptions(), progress)
    with exclusive(road.work), closing(road.pool):
        looked, whole, ruled_out = road.look(as_sources(sources), models, list(settings), loading)
        if not looked.runs:
            return road.nothing(looked, whole, ruled_out)
        if labels is not None:
            return road.by_labels(looked, labels, whole, ruled_out)
        if answers is not None:
            asker = road.labels_as_asker(answers, looked)
        return road.by_answers(looked, asker, budget, whole, ruled_out)


class _Road:
    """One run of `choose`."""

    def __init__(
        self, out: Path, ontology: Ontology, task: str, goal: Goal, options: ChooseOptions, progress: Progress
    ) -> None:
        self.out, self.work = out, out / ".ocella"
        self.ontology, self.goal, self.options, self.progress = ontology, goal, options, progress
        self.wish = read_wish(task)
        self.task = TASKS[self.wish][0]
        self.warnings: list[str] = []
        self.pool = Pool(_POOL_BYTES)

    def look(
        self, sources: list[str | Path], models: str | Sequence[str], settings: list[Setting], loading: dict[str, Any]
    ) -> tuple[Looked, int, list[tuple[str, str]]]:
        """What all settings say of the sample, how many images there are in all, and what was ruled out before."""
        options = self.options
        sample = sample_images(sources, self.work / "frames", options.images, seed=options.seed, progress=self.progress)
        proposed, ruled_out = self._settings(models, settings)
        unread = [(f"image {name}", reason) for name, reason in sample.set_aside]
        if not proposed:
            return Looked(sample.images, ()), sample.out_of, [*ruled_out, *unread]
        looked, dropped = self._look(proposed, sample.images, loading)
        return looked, sample.out_of, [*ruled_out, *dropped, *_refusals(looked), *unread]

    def _settings(
        self, models: str | Sequence[str], given: list[Setting]
    ) -> tuple[list[tuple[Setting, str]], list[tuple[str, str]]]:
        if given:
            return [(s, "given") for s in given], []
        device, memory = read_hardware(self.options.hardware)
        needs = Needs(self.wish, self.ontology.names, device=device, memory_gb=memory, license=self.options.license)
        proposed = propose(self.ontology, list_models(), needs, models=models, most=self.options.most)
        self.warnings += proposed.notes
        return list(proposed.settings), list(proposed.ruled_out)

    def _look(
        self, proposed: list[tuple[Setting, str]], images: Sequence[ImageRef], loading: dict[str, Any]
    ) -> tuple[Looked, tuple[tuple[str, str], ...]]:
        """All settings on all images; within a budget of time or money ever fewer settings on ever more images."""
        why, options = dict(proposed), self.options

        def look_at(settings: Sequence[Setting], some: Sequence[ImageRef]) -> Looked:
            file = self.work / LOOKS
            return look(settings, some, file, self.pool, options=loading, why=why, progress=self.progress)

        def score(runs: Sequence[Run], some: Sequence[ImageRef]) -> list[float]:
            subject, _ = subject_for(self.task, runs, [(ref.name, _path(ref)) for ref in some])
            found = picks(Estimator(Asked.nothing(subject).standing), self.goal)
            by_run = {p.cut.run: p.score for p in found}
            return [by_run[n] for n in range(len(runs))]

        left = Budget(options.minutes * 60 or math.inf, options.money or math.inf)
        servers = {c.name for c in list_models() if c.library == "server"}
        fees = {s: options.price for s in why if s.model in servers}
        return look_within(look_at, list(why), images, left, score, fees)

    def by_labels(self, looked: Looked, labels: Labels, whole: int, ruled_out: list[tuple[str, str]]) -> Chosen:
        """Everything is known: exact figures of the images that have labels."""
        dataset = self._labels(labels)
        truths = truths_of(dataset, looked.images, self.ontology)
        if self.task == "classify":
            return self._by_classes(looked, truths, whole, ruled_out)
        kept = [i for i, ref in enumerate(looked.images) if ref.name in truths]
        images = [looked.images[i] for i in kept]
        runs = [replace(r, said=tuple(r.said[i] for i in kept)) for r in looked.runs]
        judge, metric = exact_for(self.task, runs, [truths[ref.name] for ref in images], self.ontology.names)
        ranking = self._ranked(judge, runs, metric, whole)
        chosen = self._chosen(ranking, images, whole, ruled_out)
        return self._finish(chosen, runs, images, None, judge)

    def _by_classes(
        self, looked: Looked, truths: Mapping[str, Label], whole: int, ruled_out: list[tuple[str, str]]
    ) -> Chosen:
        """Labels of whole images may also teach: ready-made ways beside taught ones."""
        chosen = compare_with_learned(
            looked,
            truths,
            self.ontology.names,
            self.work / "pictures",
            self.work / LOOKS,
            self.pool,
            seed=self.options.seed,
            progress=self.progress,
        )
        warnings = (*self.warnings, *chosen.warnings)
        chosen = replace(chosen, whole_set=whole, ruled_out=(*ruled_out, *chosen.ruled_out), warnings=warnings)
        return self._finish(chosen, list(looked.runs), list(looked.images), None)

    def by_answers(
        self, looked: Looked, asker: Asker | None, budget: int, whole: int, ruled_out: list[tuple[str, str]]
    ) -> Chosen:
        """Questions to somebody; a guess where there is nobody or nothing to ask."""
        images, runs = list(looked.images), list(looked.runs)
        files = [(ref.name, _path(ref)) for ref in images]
        subject, metric = subject_for(self.task, runs, files)
        asked = Asked.nothing(subject)
        if asker is not None and budget:
            asked = self._ask(subject, asker, budget, whole)
        judge = Estimator(asked.standing, whole=whole)
        answers = sum(reply.verdict != "skip" for _, reply in asked.replies)
        ranking = self._ranked(judge, runs, metric, whole, answers)
        if not answers:
            ranking = self._guessed(ranking, runs, images)
        asking = _asking(asked, asker, budget) if answers else Asking()
        chosen = self._chosen(ranking, images, whole, ruled_out, asking=asking)
        return self._finish(chosen, runs, images, asked, judge)

    def _ranked(self, judge: Judge, runs: list[Run], metric: str, whole: int, answers: int = 0) -> Ranking:
        found = picks(judge, self.goal)
        price = self.options.price
        return rank(judge, found, runs, self.goal, metric=metric, whole=whole, answers=answers, price=price)

    def _ask(self, subject: Subject, asker: Asker, budget: int, whole: int) -> Asked:
        def settled(standing: Standing) -> bool:
            enough = len(standing.answers.unit) >= _LEAST_ANSWERS
            return enough and is_settled(Estimator(standing, whole=whole), self.goal)

        with recording(self.work / "asked", asker.name) as record:
            return ask(
                subject,
                Recorded(asker, record),
                most=budget,
                beta=self.goal.beta,
                seed=self.options.seed,
                is_settled=settled if self.options.stop_early else None,
            )

    def _guessed(self, ranking: Ranking, runs: list[Run], images: list[ImageRef]) -> Ranking:
        """By what the belief expects and how steady a setting is; no figure has an interval, for none was measured."""
        steady = steadiness(runs, images, self.work / LOOKS, self.pool, progress=self.progress)
        by_name = {r.setting.name: steady.get(r.setting, 1.0) for r in runs}
        order = sorted(ranking.scored, key=lambda s: -_or_zero(s.main.value) * by_name[s.name])
        return Ranking(tuple(_without_intervals(s, by_name[s.name]) for s in order), ())

    def _chosen(
        self,
        ranking: Ranking,
        images: Sequence[ImageRef],
        whole: int,
        ruled_out: Sequence[tuple[str, str]],
        asking: Asking | None = None,
    ) -> Chosen:
        best = ranking.scored[0]
        is_guess = math.isnan(best.main.low)
        value = best.main.value
        good = is_guess or (not math.isnan(value) and value >= self.options.enough)
        reason = "" if good else f"the best {best.metric} is {value:.2f}, and {self.options.enough:g} was asked for"
        to_label: tuple[str, ...] = ()
        if not good:
            to_label = self._worth_labelling(images)
        return Chosen(
            self.task,
            self.ontology.names,
            self.goal.in_words(),
            ranking.scored,
            good,
            is_guess,
            reason,
            ranking.comparisons,
            asking or Asking(),
            len(images),
            whole,
            tuple(ruled_out),
            to_label,
            tuple(self.warnings),
        )

    def nothing(self, looked: Looked, whole: int, ruled_out: Sequence[tuple[str, str]]) -> Chosen:
        """No model here can even be asked: what is left is to label and train."""
        images = looked.images
        chosen = Chosen(
            self.task,
            self.ontology.names,
            self.goal.in_words(),
            (),
            good_enough=False,
            reason="no model that is at hand can be asked for this",
            images=len(images),
            whole_set=whole,
            ruled_out=tuple(ruled_out),
            to_label=self._worth_labelling(images),
        )
        return self._finish(chosen, [], list(images), None)

    def _worth_labelling(self, images: Sequence[ImageRef]) -> tuple[str, ...]:
        return images_worth_labelling(
            images, self.options.to_label, self.work / LOOKS, self.pool, progress=self.progress
        )

    def labels_as_asker(self, labels: Labels, looked: Looked) -> LabelAsker:
        """Somebody who answers from labels."""
        dataset = self._labels(labels)
        return LabelAsker(truths_of(dataset, looked.images, self.ontology), f"the labels in {dataset.root.name}")

    def _labels(self, labels: Labels) -> Dataset:
        """A data set of ours, or a foreign one brought in."""
        if isinstance(labels, Dataset):
            return labels
        if (Path(labels) / FILE).is_file():
            return Dataset.open(labels)
        return bring_in_labels(Path(labels), self.work)

    def _finish(
        self, chosen: Chosen, runs: list[Run], images: list[ImageRef], asked: Asked | None, judge: Judge | None = None
    ) -> Chosen:
        """Write the page and, where there is a setting, the file."""
        best = chosen.best
        failures = []
        if best is not None and asked is not None and asked.replies:
            run = next(r for r in runs if r.setting.name == best.name)
            failures = failures_of(best, run, images, asked.replies)
        page = choosing_page(
            chosen,
            curves=_curves(judge, runs, best) if judge is not None and best is not None else {},
            views=views_of(chosen.ranked, runs, images),
            failures=failures,
            to_label=pictures_to_label(chosen.to_label, images),
            choice=str(self.out / CHOICE),
        )
        write_text(self.out / REPORT, page.html())
        write_json(self.out / "choice.json", chosen.to_json())
        if chosen.to_label:
            write_text(self.out / TO_LABEL, "".join(f"{line}\n" for line in self._paths(chosen.to_label, images)))
        if best is not None and not is_taught(chosen):
            write_choice(self.out / CHOICE, chosen)
        return chosen

    @staticmethod
    def _paths(names: Sequence[str], images: Sequence[ImageRef]) -> list[str]:
        """Files by path, one a line, as `ocella label` and others take a list."""
        paths = {ref.name: str(_path(ref)) for ref in images}
        return [paths[name] for name in names]


def bring_in_labels(path: Path, work: Path) -> Dataset:
    """A foreign data set of labels as one of ours, brought in anew, for its files may have changed."""
    root = work / "labels"
    if root.exists():
        shutil.rmtree(root)
    return import_dataset(path, root)


def _curves(judge: Judge, runs: Sequence[Run], best: Scored) -> dict[str, Curve]:
    """Precision over recall of the best setting, class by class."""
    run = next(n for n, r in enumerate(runs) if r.setting.name == best.name)
    names = judge.pool.classes
    steps = thresholds(judge.pool.claims[run].confidence)
    found: dict[str, Curve] = {}
    for k, name in enumerate(names):
        totals = [judge.expected(Cut(run, (t,) * len(names)), (k,)) for t in reversed(steps)]
        points = [(t.recall, t.precision) for t in totals if math.isfinite(t.precision + t.recall)]
        if len(points) > 1:
            found[name] = ([r for r, _ in points], [p for _, p in points])
    return found


def _asking(asked: Asked, asker: Asker | None, budget: int) -> Asking:
    verdicts = Counter(reply.verdict for _, reply in asked.replies)
    seconds = sum(reply.seconds for _, reply in asked.replies)
    answers = sum(n for verdict, n in verdicts.items() if verdict != "skip")
    return Asking(asker.name if asker else "", answers, budget, dict(verdicts.most_common()), seconds)


def _refusals(looked: Looked) -> list[tuple[str, str]]:
    refused = [(setting.name, reason) for setting, reason in looked.refused]
    return [*refused, *((f"image {name}", reason) for name, reason in looked.set_aside)]


def _without_intervals(scored: Scored, steady: float) -> Scored:
    classes = tuple(
        replace(c, precision=_bare(c.precision), recall=_bare(c.recall), f1=_bare(c.f1), ap=None)
        for c in scored.per_class
    )
    why = f"{scored.why}{'; ' if scored.why else ''}{steady:.0%} of what it finds stays when the image is mirrored or shrunk"
    return replace(
        scored,
        main=_bare(scored.main),
        precision=_bare(scored.precision) if scored.precision else None,
        recall=_bare(scored.recall) if scored.recall else None,
        per_class=classes,
        why=why,
    )


def _bare(interval: Interval) -> Interval:
    return Interval(interval.value, math.nan, math.nan)


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _path(ref: ImageRef) -> Path:
    return ref.path if ref.path is not None else Path(ref.name)
