"""What choosing came to, as a page."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ocella.choosing.chosen import Chosen, ClassScore, Scored
from ocella.choosing.question import Question
from ocella.choosing.question_picture import draw_question
from ocella.choosing.sentences import counted, duration, forecast, listed, measured, short, verdict, versus
from ocella.ops.draw import draw
from ocella.reports import plot
from ocella.reports.blocks import Tile, bullets, command, fold, note, subheading, table, tiles
from ocella.reports.gallery import gallery, picture, side_by_side
from ocella.reports.markup import Html
from ocella.reports.page import Page, Section, section
from ocella.reports.scatter import frontier
from ocella.types import Answer, Detections, Image, Label

__all__ = ["Failure", "View", "choosing_page"]

_BEST = 3
_ROWS = 15
_NAMED = 8
_OBJECTS = """\
Whatever any setting found was merged into objects, so that one answer judges all settings at once. Things that no setting
found enter through the question whether anything is missing in an image."""
_IMAGES = "One answer about an image judges all settings at once."
_ANSWERED = """\
What to ask was drawn by chance, with probabilities that are known: what the settings disagree about is asked more often.
Every answer counts by one over its probability, so that asking more about the doubtful does not bend the numbers. The range
in brackets would hold the true value, that of all images of the sample answered in full, in 95 of 100 such runs. Two settings
are compared on the same answers, and one is called better only where the range of the difference leaves out zero."""
_GUESSED = """\
Nobody has answered a question. The settings are ranked by how far they agree with each other, how plausible the numbers of
things are, and how little their answers change when an image is turned around or shrunk. Errors that all settings share stay
unseen. This is a guess, and no number on this page is a measured quality."""
_LABELLED = """\
The labels that were there already are taken for the truth, on every image that has them; no question was asked. The range in
brackets tells how much the number would change from one such set of images to another, at 95 %. Two settings are compared on
the same images, and one is called better only where the range of the difference leaves out zero. Where labels were used to
choose thresholds too, the numbers are a little too good."""
_METHODS = {"answers": _ANSWERED, "none": _GUESSED, "labels": _LABELLED}
_FOUND = ("detect", "keypoints")
"""Tasks whose labels are things in an image."""


@dataclass(frozen=True, eq=False)
class View:
    """An image and what the best settings say of it, one label a setting, in the order of the ranking."""

    file: str
    image: Image
    said: tuple[Label, ...]


@dataclass(frozen=True, eq=False)
class Failure:
    """What an answer showed the best setting to get wrong: a `wrong` claim or a `missed` thing, in row 0 of `thing`; None
    where it is the whole image.
    """

    kind: Literal["wrong", "missed"]
    file: str
    image: Image
    thing: Detections | None = None
    note: str = ""


def choosing_page(
    chosen: Chosen,
    *,
    views: Sequence[View] = (),
    failures: Sequence[Failure] = (),
    curves: Mapping[str, plot.Curve] | None = None,
    to_label: Sequence[tuple[str, Image]] = (),
    photos: str = "PHOTOS",
    choice: str = "choice.yaml",
) -> Page:
    """The page: the verdict leads. `curves` are precision over recall of the best setting; `to_label` are pictures of files
    worth labelling; `photos` and `choice` stand in the commands to copy.
    """
    best = chosen.best
    things = listed(chosen.classes, 5) or "these images"
    title = f"{'A guess: which' if chosen.guess else 'Which'} setting for {things}"
    top = [*([tiles(*_tiles(chosen, best))] if best else []), *_notes(chosen)]
    sections = [
        *([_next(chosen, to_label, photos, choice)] if best or chosen.to_label else []),
        *([_speed(chosen, best), _settings(chosen, best)] if best else []),
        *([_classes(best, curves or {}, is_guess=chosen.guess)] if best and (best.per_class or curves) else []),
        *([_same_images(chosen, views)] if views else []),
        *([_failures(failures, best)] if best and (failures or chosen.evidence == "answers") else []),
        _asked(chosen),
        *([_ruled_out(chosen)] if chosen.ruled_out else []),
        section("How these numbers were made", _method(chosen)),
    ]
    return Page(title, verdict(chosen), sections, top=top)


def _tiles(chosen: Chosen, best: Scored) -> list[Tile]:
    both = {"precision": best.precision, "recall": best.recall}
    kinds = {best.metric: best.main, **{name: v for name, v in both.items() if name != best.metric}}
    quality = [
        Tile(name[:1].upper() + name[1:], f"{v.value:.2f}", "a guess" if chosen.guess else _between(measured(v)))
        for name, v in kinds.items()
        if v is not None and math.isfinite(v.value)
    ]
    pace = [] if math.isnan(best.seconds) else [Tile("An image", duration(best.seconds), _total(chosen, best))]
    return [*quality, *pace, _judged(chosen)]


def _judged(chosen: Chosen) -> Tile:
    if chosen.evidence == "labels":
        return Tile("Labelled images", chosen.images, "the labels that were there judge")
    by = f"by {chosen.asking.by}" if chosen.asking.by else ""
    return Tile("Answers", chosen.asking.answers, "nobody has looked" if chosen.guess else by)


def _between(said: str) -> str:
    """`0.78 to 0.92` of `0.86 [0.78, 0.92]`."""
    return said.partition("[")[2].removesuffix("]").replace(", ", " to ")


def _total(chosen: Chosen, best: Scored) -> str:
    if math.isnan(best.total_seconds):
        return ""
    return f"{duration(best.total_seconds)} for all {chosen.whole_set:,}"


def _notes(chosen: Chosen) -> list[Html]:
    first = []
    if chosen.guess:
        first.append(note("warning", "This is a guess. Nobody has looked at a single label."))
    elif not chosen.good_enough:
        first.append(note("bad", "None of these settings is good enough for what you want."))
    return [*first, *(note("warning", warning) for warning in chosen.warnings)]


def _next(chosen: Chosen, to_label: Sequence[tuple[str, Image]], photos: str, choice: str) -> Section:
    """Label with it, or label by hand and train."""
    if chosen.good_enough or chosen.guess:
        use = command(f"ocella label {shlex.quote(photos)} --setting {shlex.quote(choice)} --out data")
        hint = "To know how good it is, answer some questions first." if chosen.guess else forecast(chosen)
        return section("What to do next", "Label all images with this setting:", use, *([hint] if hint else []))
    if not chosen.to_label:
        return section("What to do next", "Label some of the images by hand, then train a model on them.")
    shown = [picture(image, file) for file, image in to_label]
    return section(
        "Images to label",
        f"Label {'this image' if len(chosen.to_label) == 1 else f'these {len(chosen.to_label)} images'} by hand, then train "
        "a model on them. They were chosen to be unlike each other and hard for every setting.",
        *([gallery(shown)] if shown else []),
        fold("All files", bullets(chosen.to_label), is_open=not shown and len(chosen.to_label) <= _ROWS),
    )


def _speed(chosen: Chosen, best: Scored) -> Section:
    marked = _marked(chosen)
    points = [
        plot.Point(label, s.seconds, s.main.value, y_interval=(s.main.low, s.main.high), note=measured(s.main))
        for label, s in marked.items()
    ]
    front = [p.label for p in frontier(points)]
    names = list(dict.fromkeys([*front[:1], *reversed(front), *list(marked)[:_BEST]]))  # the quickest, then by quality
    quality = best.metric[:1].upper() + best.metric[1:]
    chart = plot.scatter(
        points,
        title=f"{quality} and seconds an image{', a guess' if chosen.guess else ''}",
        x_label="Seconds an image",
        y_label=quality,
        best=next(iter(marked)),
        named=names[:_NAMED],
        with_frontier=True,
        below="The dashed steps: the best to be had at each speed. Upright lines: 95 % intervals. The ring: the first choice.",
    )
    return section(f"{quality} against speed", chart)


def _marked(chosen: Chosen) -> dict[str, Scored]:
    """Settings by place and name, as chart and table show them."""
    return {f"{place} {s.name}": s for place, s in enumerate(chosen.ranked, 1)}


def _settings(chosen: Chosen, best: Scored) -> Section:
    has_both = best.precision is not None and best.recall is not None
    quality = f"{best.metric}{' (a guess)' if chosen.guess else ''}"
    head = ["", "Setting", quality, *(["Precision", "Recall"] if has_both else []), "An image"]
    rows = [_row(s, n, has_both=has_both) for n, s in enumerate(chosen.ranked, 1)]
    blocks = [table(head, rows[:_ROWS], numeric=head[2:])]
    if len(rows) > _ROWS:
        blocks.append(fold(f"{len(rows) - _ROWS} more", table(head, rows[_ROWS:], numeric=head[2:])))
    return section(
        "All settings", *blocks, *_certainty(chosen, best), fold("Time, memory, licences and origin", _facts(chosen))
    )


def _row(scored: Scored, place: int, *, has_both: bool) -> list[object]:
    both = [measured(scored.precision), measured(scored.recall)] if has_both else []
    return [place, scored.name, measured(scored.main), *both, _dashed(scored.seconds)]


def _certainty(chosen: Chosen, best: Scored) -> list[Html]:
    """The first against others, and whether that is more than chance."""
    rows = [[c.name, *versus(chosen, c)] for c in chosen.comparisons]
    if not rows:
        return []
    head = ["Setting", f"{best.metric} against the first", "That is"]
    grid = table(head, rows[:_ROWS], numeric=head[1:2])
    more = [fold(f"{len(rows) - _ROWS} more", table(head, rows[_ROWS:], numeric=head[1:2]))] if rows[_ROWS:] else []
    return [subheading("How sure the order is"), grid, *more]


def _facts(chosen: Chosen) -> Html:
    has_fee = any(s.cost for s in chosen.ranked)
    head = ["Setting", "All images", *(["Fee"] if has_fee else []), "Memory, GB", "Commercial use", "Why it was tried"]
    rows = []
    for s in chosen.ranked:
        memory = None if math.isnan(s.memory_gb) else f"{s.memory_gb:.1f}"
        use = f"{'yes' if s.commercial_use else 'no'}{', ' + s.license if s.license else ''}"
        fee = [f"{s.cost:.2f}"] if has_fee else []
        rows.append([s.name, _dashed(s.total_seconds), *fee, memory, use, s.why or None])
    return table(head, rows, numeric=("All images", "Fee", "Memory, GB"))


def _dashed(seconds: float) -> str | None:
    return None if math.isnan(seconds) else duration(seconds)


def _classes(best: Scored, curves: Mapping[str, plot.Curve], *, is_guess: bool) -> Section:
    blocks: list[Html] = []
    if best.per_class:
        has_ap = any(c.ap is not None for c in best.per_class)
        head = ["Class", "Threshold", "Precision", "Recall", "F1", *(["AP"] if has_ap else []), "Labels in the sample"]
        rows = [_class_row(c, has_ap=has_ap) for c in best.per_class]
        about = "A guess: nobody has looked." if is_guess else "With 95 % intervals, at the threshold of each class."
        blocks.append(table(head, rows, about=about, numeric=("Threshold",)))
    if curves:
        point = [(best.recall, best.precision)] if best.recall is not None and best.precision is not None else []
        marks = [
            plot.Mark("at these thresholds", r.value, p.value) for r, p in point if math.isfinite(r.value + p.value)
        ]
        blocks.append(plot.precision_recall(curves, title=f"Precision and recall of {best.name}", marks=marks))
    return section("The first choice, class by class", *blocks)


def _class_row(scored: ClassScore, *, has_ap: bool) -> list[object]:
    ends = [scored.precision, scored.recall, scored.f1, *([scored.ap] if has_ap else [])]
    threshold = "the model's own" if scored.threshold is None else short(scored.threshold)
    return [scored.name, threshold, *map(measured, ends), scored.n_claims]


def _same_images(chosen: Chosen, views: Sequence[View]) -> Section:
    names = list(_marked(chosen))[:_BEST]
    which = {1: "the only setting", 2: "both settings"}.get(len(chosen.ranked), f"the {len(names)} best settings")
    rows = [
        side_by_side([_seen(v.image, label, name) for name, label in zip(names, v.said, strict=False)], v.file)
        for v in views
    ]
    return section(f"The same images under {which}", *rows)


def _seen(image: Image, label: Label, name: str) -> Html:
    if isinstance(label, Answer):
        return picture(image, f"{name}: {label.text}", max_side=360)
    return picture(draw(image, label), name, max_side=360)


def _failures(failures: Sequence[Failure], best: Scored) -> Section:
    """What the answers showed the first choice to get wrong."""
    blocks: list[str] = []
    for kind, heading in (("wrong", "Claimed, but wrong"), ("missed", "There, but missed")):
        found = [_failed(f) for f in failures if f.kind == kind]
        if found:
            blocks += [subheading(f"{heading}: {len(found)}"), gallery(found)]
    blocks = blocks or [f"No error of {best.name} came to light, which does not mean that it makes none."]
    return section("What the first choice gets wrong", *blocks)


def _failed(failure: Failure) -> Html:
    """The thing enlarged, as it was asked about."""
    words = f"{failure.file}{': ' + failure.note if failure.note else ''}"
    if failure.thing is None:
        return picture(failure.image, words)
    question = Question(0, "object", failure.file, Path(failure.file), "", objects=failure.thing[:1])
    return picture(draw_question(question, failure.image, (360, 520)), words, max_side=520)


def _method(chosen: Chosen) -> str:
    judged = "" if chosen.evidence != "answers" else _OBJECTS if chosen.task in _FOUND else _IMAGES
    return " ".join(f"{judged} {_METHODS[chosen.evidence]}".split())


def _asked(chosen: Chosen) -> Section:
    asking = chosen.asking
    if chosen.evidence != "answers":
        told = "Nothing: nobody has looked." if chosen.guess else "Nothing: the labels that were there answered."
        return section("What was asked", told)
    most = f" of at most {asking.budget}" if asking.budget else ""
    spent = f", {duration(asking.seconds / asking.answers)} each" if asking.seconds else ""
    told = (
        f"{counted(asking.answers, 'answer')}{most} by {asking.by or 'an unnamed answerer'}{spent}, for {chosen.goal}."
    )
    rows = [[_VERDICTS.get(kind, kind), count] for kind, count in asking.verdicts.items()]
    return section("What was asked", told, *([table(["Answer", "Times"], rows)] if rows else []))


_VERDICTS = {
    "yes": "right as shown",
    "no": "nothing that was asked for",
    "class": "another class",
    "fix": "right, the box put right",
    "missing": "counted what is missing",
    "skip": "cannot tell",
}


def _ruled_out(chosen: Chosen) -> Section:
    rows = [[name, reason] for name, reason in chosen.ruled_out]
    grid = table(["Setting or model", "Why not"], rows)
    return section("What was ruled out", fold(counted(len(rows), "candidate"), grid) if len(rows) > _ROWS else grid)
