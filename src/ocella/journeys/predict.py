"""Run a model over images and keep what it says, with pictures: no data set, no training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.errors import NotFound, Unreadable
from ocella.journeys.inputs import Classes, ModelLike, Sources, as_model, as_ontology, as_sources, as_tile
from ocella.labeling.settings import LabelSettings, annotate
from ocella.labeling.words import in_words
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.write import encode_jpeg, write_bytes, write_json, write_text
from ocella.models.compose import tiled
from ocella.ops.draw import draw
from ocella.progress import Progress, silent
from ocella.reports.blocks import table
from ocella.reports.gallery import gallery, picture
from ocella.reports.markup import Html
from ocella.reports.page import Page, section
from ocella.types import Answer, Image, Label

__all__ = ["Predicted", "predict"]

_SHOWN = 60


@dataclass(frozen=True)
class Predicted:
    """What the model said, by name of the image, and (name, reason) of what could not be read."""

    model: str
    labels: Mapping[str, Label]
    set_aside: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "model": self.model,
            "images": {name: label.to_json() for name, label in self.labels.items()},
            "set_aside": [{"name": n, "reason": r} for n, r in self.set_aside],
        }


def predict(
    sources: Sources,
    *,
    model: ModelLike = "nanodet-g",
    classes: Classes = None,
    threshold: float | None = None,
    tile: str | tuple[int, int] | None = None,
    prompt: str = "",
    out: Path | str | None = None,
    device: str = "auto",
    api_base: str = "",
    api_model: str = "",
    progress: Progress = silent,
) -> Predicted:
    """What the model says of each image; with `out` also as `predictions.json` and drawn pictures in that folder. An
    image that cannot be read is set aside by name. Raises NotFound where there is no readable image at all.
    """
    settings = LabelSettings(as_ontology(classes), threshold, as_tile(tile), prompt)
    chosen = tiled(as_model(model, device, api_base=api_base, api_model=api_model), settings.tile)
    found = find_images(as_sources(sources))
    aside = list(found.set_aside) + [(name, "a video: use `ocella label` for videos") for name in found.video_names]
    labels: dict[str, Label] = {}
    shown: list[Html] = []
    for n, ref in enumerate(found.images):
        progress("predict", n + 1, len(found.images), ref.name)
        try:
            image = load(ref)
        except Unreadable as error:
            aside.append((ref.name, str(error)))
            continue
        labels[ref.name] = annotate(chosen, [image], settings)[0]
        if out is not None:
            drawn = _drawn(image, labels[ref.name])
            write_bytes(Path(out) / "pictures" / f"{ref.name}.jpg", encode_jpeg(drawn, 90))
            if len(shown) < _SHOWN:
                shown.append(picture(drawn, f"{ref.name}: {in_words(labels[ref.name])[:200]}"))
    if not labels:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in aside[:5])
        raise NotFound(f"There is no readable image in {as_sources(sources)}. {reasons}")
    predicted = Predicted(chosen.card.name, labels, tuple(aside))
    if out is not None:
        write_json(Path(out) / "predictions.json", predicted.to_json())
        write_text(Path(out) / "report.html", _page(predicted, shown).html())
    return predicted


def _drawn(image: Image, label: Label) -> Image:
    """An answer is words alone, so its picture stays as it is."""
    return image if isinstance(label, Answer) else draw(image, label)


def _page(predicted: Predicted, shown: list[Html]) -> Page:
    aside = [[name, reason] for name, reason in predicted.set_aside]
    sections = [section("Pictures", gallery(shown))]
    if aside:
        sections.insert(0, section("Set aside", table(["File", "Reason"], aside)))
    if len(shown) < len(predicted.labels):
        sections.append(section("The rest", f"All {len(predicted.labels)} pictures are in the folder pictures."))
    return Page("Predictions", f"What {predicted.model} says of {len(predicted.labels)} images.", sections)
