"""A training and its proof as parts of a page."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ocella.datasets import Dataset
from ocella.models.card import ModelCard
from ocella.ops.draw import draw
from ocella.reports import plot
from ocella.reports.blocks import Tile, bullets, flow, fold, note, table
from ocella.reports.gallery import pair, picture
from ocella.reports.markup import Html
from ocella.reports.page import Section, section
from ocella.training.prove import Proof, Row
from ocella.types import Detections

__all__ = ["class_sections", "proof_sections", "proof_tiles", "train_sections"]

_SHOWN = 0.3


def train_sections(
    card: ModelCard, history: Sequence[Mapping[str, Any]], *, heading: str = "Training"
) -> list[Section]:
    """Loss and validation score as they went, and the student's card."""
    losses = [(r["step"], r["loss"]) for r in history if "loss" in r]
    names = sorted({k for r in history for k in r if k in ("ap", "ap50", "accuracy")})
    scored = {n: [(r["step"], r[n]) for r in history if n in r] for n in names}
    blocks: list[str] = [
        plot.line({"loss": _columns(losses)}, title="Training loss", x_label="Step", y_label="Loss"),
        plot.line(
            {n: _columns(rows) for n, rows in scored.items()},
            title="Score on the validation split",
            x_label="Step",
            y_label="Score",
            y_range=(0, 1),
        ),
    ]
    facts = [["architecture", card.data.get("architecture", "")], ["classes", ", ".join(card.classes)]]
    facts += [["labels by", card.teacher], ["licence of the weights", card.weights_license]]
    facts += [[str(k), _plain(v)] for k, v in card.data.items() if k != "architecture"]
    blocks.append(fold("The student's card", table(["Fact", "Value"], facts)))
    return [section(heading, *blocks)]


def _columns(rows: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in rows], [y for _, y in rows]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {_plain(v)}" for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def proof_tiles(proof: Proof) -> tuple[Tile, ...]:
    """Key figures of the student."""
    student = next(r for r in proof.rows if r.role == "student")
    assert student.score is not None
    value, low, high = student.score.value, student.score.low, student.score.high
    tiles = [Tile(f"{proof.metric}, student", f"{value:.3f}", f"95 % interval {low:.3f} to {high:.3f}")]
    if proof.difference is not None:
        d = proof.difference
        tiles.append(
            Tile("Against its untrained start", f"{d.value:+.3f}", f"95 % interval {d.low:+.3f} to {d.high:+.3f}")
        )
    tiles += [Tile("Speed", f"{student.ms:.0f} ms", "an image on this computer")] if student.ms else []
    tiles += [Tile("Size", f"{student.megabytes:.1f} MB", "the ONNX file")] if student.megabytes else []
    return tuple(tiles)


def proof_sections(proof: Proof, dataset: Dataset, *, pictures: int = 6) -> list[Section]:
    """The comparison, what it means, per-class numbers, precision-recall and pictures side by side."""
    rows = [_cells(proof, row) for row in proof.rows]
    if proof.truth == "people's labels":
        rows.append(["people's labels", "the measure", "1 by definition", "", None, None, ""])
    head = ["Role", "Model", f"{proof.metric}, 95 % interval", "AP", "ms per image", "MB", "Note"]
    about = f"All on the same {proof.images} validation images, judged by {proof.truth}, one image at a time."
    measured = [r for r in proof.rows if r.score is not None]
    compare = [
        verdict(proof),
        plot.bars(
            [r.role for r in measured],
            [r.score.value for r in measured if r.score],
            intervals=[(r.score.low, r.score.high) for r in measured if r.score],
            title=f"{proof.metric} with 95 % bootstrap intervals",
            value_label=proof.metric,
            highlight="student",
            value_range=(0, 1),
        ),
        table(head, rows, about=about),
        *([note("warning", bullets(proof.warnings))] if proof.warnings else []),
    ]
    beside = section("The student beside its teacher and its start", *compare)
    return [beside, *class_sections(proof, dataset, pictures=pictures)]


def class_sections(proof: Proof, dataset: Dataset, *, pictures: int = 6) -> list[Section]:
    """Per-class numbers, precision-recall and pictures."""
    return [
        section("Per class", *_classes(proof)),
        section("Side by side", _pictures(proof, dataset, pictures)),
    ]


def verdict(proof: Proof) -> Html:
    """Gain or no gain, in words."""
    if proof.difference is None:
        return note("info", "There is no untrained start to compare with: it does not know these classes.")
    d = proof.difference
    told = f"{proof.metric} of the student minus its untrained start: {d.value:+.3f} (95 % interval {d.low:+.3f} to {d.high:+.3f})."
    if proof.verdict == "gain":
        return note("good", f"A gain. {told}")
    return note(
        "bad",
        f"No gain. {told} Training has not been shown to help on these images: the starting network does as well.",
    )


def _cells(proof: Proof, row: Row) -> list[Any]:
    del proof
    if row.score is None:
        return [row.role, row.name, "not measured", None, None, None, row.note]
    told = f"{row.score.value:.3f} ({row.score.low:.3f} to {row.score.high:.3f})"
    ap = None if row.ap is None else f"{row.ap:.3f}"
    return [row.role, row.name, told, ap, f"{row.ms or 0:.1f}", f"{row.megabytes or 0:.1f}", row.note]


def _classes(proof: Proof) -> list[Html]:
    columns = [
        k for k in ("ap50", "ap", "recall", "precision", "n_truths") if any(k in r for r in proof.per_class.values())
    ]
    names = {"ap50": "AP50", "ap": "AP", "recall": "recall", "precision": "precision", "n_truths": "true objects"}
    rows = [[name, *(_number(row.get(c)) for c in columns)] for name, row in proof.per_class.items()]
    blocks = [table(["Class of the student", *(names[c] for c in columns)], rows)]
    curves = {
        f"{name}, AP50 {proof.per_class[name]['ap50']:.3f}": (c.recall, c.precision)
        for name, c in proof.curves.items()
        if len(c.recall) and not math.isnan(proof.per_class[name]["ap50"])
    }
    return [*blocks, plot.precision_recall(curves)] if proof.curves else blocks


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)


def _pictures(proof: Proof, dataset: Dataset, most: int) -> Html:
    """Rows of the same image: the measure, the start, the student."""
    shown: list[Html] = []
    n = len(proof.samples)
    for i in range(0, n, max(1, n // most)):
        if len(shown) >= most:
            break
        image = dataset.image(proof.samples[i])
        caption = proof.samples[i].file.removeprefix("images/")
        truth = proof.truths[i]
        figures = []
        if isinstance(truth, Detections):
            kept = truth[[name in proof.classes for name in truth.names]]
            figures.append(picture(draw(image, kept), f"{proof.truth}: {len(kept)}"))
        for role, found in proof.found.items():
            value = found[i][found[i].confidence >= _SHOWN] if isinstance(found[i], Detections) else found[i]
            words = (
                f"{role}: {len(value)}"
                if isinstance(value, Detections)
                else f"{role}: {value.top()[0][0]}, truth: {truth}"
            )
            figures.append(picture(draw(image, value), words))
        shown += [pair(*two, caption) for two in _in_pairs(figures)]
    return flow(shown)


def _in_pairs(figures: Sequence[Html]) -> list[tuple[Html, Html]]:
    """Two by two; an odd last one stands beside nothing."""
    filled = [*figures, Html()] if len(figures) % 2 else list(figures)
    return list(zip(filled[::2], filled[1::2], strict=True))
