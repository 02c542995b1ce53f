"""Label and clean runs as parts of a page."""

from ocella.datasets import Dataset, Sample
from ocella.errors import OcellaError
from ocella.labeling.hygiene import Cleaned
from ocella.labeling.summary import Labeled
from ocella.labeling.words import in_words, names_in_short
from ocella.ops.draw import draw
from ocella.reports import plot
from ocella.reports.blocks import Tile, bullets, fold, note, subheading, table
from ocella.reports.gallery import gallery, pair, picture
from ocella.reports.markup import Html, join
from ocella.reports.page import Section, section
from ocella.types import Answer, Detections, Image, Label, TextLines

__all__ = ["clean_section", "label_sections", "label_tiles", "labelled_pictures"]


def label_tiles(labeled: Labeled) -> tuple[Tile, ...]:
    """Key figures of a label run."""
    rate = labeled.new / labeled.seconds if labeled.seconds > 0 and labeled.new else 0
    return (
        Tile("Images", len(labeled.dataset), f"{labeled.new} labelled now, {labeled.reused} reused"),
        Tile("Labels", sum(labeled.counts.values()), f"{len(labeled.counts)} classes"),
        Tile("Nothing found in", labeled.empty_images, "images"),
        Tile("Set aside", len(labeled.set_aside), "files that could not be read"),
        *((Tile("Speed", f"{rate:.1f}", "images per second, decoding included"),) if rate else ()),
    )


def label_sections(labeled: Labeled, *, pictures: int = 12, heading: str = "") -> list[Section]:
    """What matched nothing, what the prompts meant, counts, confidences and pictures."""
    prefix = f"{heading}: " if heading else ""
    return [
        section(f"{prefix}what matched nothing", *_nothing(labeled)),
        *([section(f"{prefix}what the prompts meant", _matches(labeled))] if labeled.matches else []),
        section(f"{prefix}labels", *_counts(labeled)),
        section(f"{prefix}pictures", labelled_pictures(labeled.dataset, pictures)),
    ]


def _nothing(labeled: Labeled) -> list[Html]:
    blocks = []
    if labeled.empty_classes:
        names = names_in_short(labeled.empty_classes)
        blocks.append(note("warning", f"Nothing was found for: {names}. Try other prompts, or a lower threshold."))
    if labeled.silent_prompts:
        names = names_in_short(labeled.silent_prompts)
        blocks.append(note("info", f"These prompts found nothing, while others of their class did: {names}."))
    if labeled.empty_images:
        blocks.append(
            note("info", f"{labeled.empty_images} images have no label at all. They may be empty, or missed.")
        )
    if labeled.set_aside:
        aside = [[name, reason] for name, reason in labeled.set_aside]
        blocks.append(note("warning", f"{len(aside)} files were set aside; all others were labelled."))
        blocks.append(fold("Files set aside", table(["File", "Reason"], aside), is_open=len(aside) <= 12))
    return blocks or [note("good", "Every class was found somewhere, and every file could be read.")]


def _matches(labeled: Labeled) -> Html:
    rows = []
    for m in labeled.matches:
        near = ", ".join(f"{n['class']} {n['similarity']:.2f}" for n in m["nearest"][:3])
        lost = f"the model does not see: {m['lost']}" if m["lost"] else ""
        rows.append([m["prompt"], m["class_name"], m["known"], m["kind"], f"{m['similarity']:.2f}", near, lost])
    head = ["Prompt", "Class", "The model's class", "How", "Similarity", "Nearest", "Lost"]
    return table(
        head, rows, about=f"{labeled.model} knows a fixed list of classes. Each prompt was taken for one of them:"
    )


def _counts(labeled: Labeled) -> list[Html]:
    names = sorted(labeled.counts, key=lambda n: -labeled.counts[n])[:40]
    blocks = [plot.bars(names, [labeled.counts[n] for n in names], title="Labels of each class")]
    if labeled.confidence:
        blocks.append(plot.histogram(labeled.confidence, title="Confidence of each class", x_label="Confidence"))
    return blocks


def labelled_pictures(dataset: Dataset, most: int) -> Html:
    """A gallery of at most `most` pictures spread over the set, those with labels first."""
    labelled = [s for s in dataset if any(_rows(v) for v in s.kept())] or list(dataset)
    step = max(1, len(labelled) // most)
    made: list[Html] = []
    for sample in labelled[::step][:most]:
        try:
            image = dataset.image(sample)
        except OcellaError:
            continue
        made.append(_labelled_picture(image, sample, sample.file.removeprefix("images/")))
    return gallery(made)


def _rows(value: Label) -> int:
    return len(value) if isinstance(value, (Detections, TextLines)) else 1


def _labelled_picture(image: Image, sample: Sample, caption: str) -> Html:
    """The image with all labels that count drawn on it; answers stand in the caption."""
    words = [caption]
    for value in sample.kept():
        words.append(in_words(value)[:200])
        if not isinstance(value, Answer):
            image = draw(image, value)
    return picture(image, ": ".join(words))


def clean_section(cleaned: Cleaned, *, pictures: int = 4) -> Section:
    """How many labels each rule took away or cut, why, and what it looked like."""
    total = sum(cleaned.counts.values())
    rows = [[rule, count, cleaned.summaries.get(rule, "")] for rule, count in cleaned.counts.items()]
    verb = "rejected or clipped" if cleaned.applied else "would be rejected or clipped"
    blocks: list[str] = [
        f"{total} labels were {verb}. Labels that a person made or touched are never changed.",
        table(["Rule", "Labels", "What it finds"], rows),
    ]
    if cleaned.findings:
        found = [[f["file"].removeprefix("images/"), f["class"], f["rule"], f["reason"]] for f in cleaned.findings]
        blocks.append(fold(f"All {total} findings", table(["Image", "Class", "Rule", "Reason"], found[:500])))
        blocks += [subheading("Before and after"), *_before_after(cleaned, pictures)] if cleaned.applied else []
        blocks.append(f"To take the cleaning back: ocella undo {cleaned.dataset.root}")
    return section("What was cleaned, and why", *blocks)


def _before_after(cleaned: Cleaned, most: int) -> list[Html]:
    shown: list[Html] = []
    files = list(dict.fromkeys(f["file"] for f in cleaned.findings))
    by_file = {s.file: s for s in cleaned.dataset}
    for file in files[:: max(1, len(files) // most)][:most]:
        sample = by_file[file]
        image = cleaned.dataset.image(sample)
        before = [a.value for a in sample.annotations if isinstance(a.value, Detections)]
        classes = cleaned.dataset.classes
        reasons = [f"{f['class']}: {f['reason']}" for f in cleaned.findings if f["file"] == file]
        left = picture(draw(image, Detections.concatenate(before)), "before")
        right = picture(draw(image, sample.detections(classes)), "after")
        shown.append(pair(left, right, join([file.removeprefix("images/"), bullets(reasons[:6])])))
    return shown
