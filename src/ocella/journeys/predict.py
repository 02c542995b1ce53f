"""Run a model over images and keep what it says, with pictures: no data set, no training."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, NotFound, Unreadable
from ocella.journeys.inputs import Classes, ModelLike, Sources, as_list, as_model, as_ontology, as_sources, as_tile
from ocella.labeling.settings import LabelSettings, annotate
from ocella.labeling.words import in_words
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.write import encode_jpeg, write_bytes, write_json, write_text
from ocella.models.compose import tiled
from ocella.models.tasks import DepthEstimator, Embedder, Model, Segmenter, VideoSegmenter
from ocella.ops.draw import draw
from ocella.progress import Progress, silent
from ocella.reports.blocks import table
from ocella.reports.gallery import gallery, picture
from ocella.reports.markup import Html
from ocella.reports.page import Page, section
from ocella.types import Answer, DepthMap, Embedding, Image, Label

__all__ = ["Predicted", "predict"]

Said = Label | DepthMap | Embedding

_SHOWN = 60


@dataclass(frozen=True)
class Predicted:
    """What the model said, by name of the image, and (name, reason) of what could not be read."""

    model: str
    labels: Mapping[str, Said]
    set_aside: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "model": self.model,
            "images": {name: _told(name, label) for name, label in self.labels.items()},
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
    progress: Progress = silent,
    **options: Any,
) -> Predicted:
    """What the model says of each image; with `out` also as `predictions.json` and drawn pictures in that folder. An
    image that cannot be read is set aside by name. `options` are further ones of `ocella.load`. Raises NotFound where
    there is no readable image at all.
    """
    own = as_list(model, classes)
    settings = LabelSettings(None if own else as_ontology(classes), threshold, as_tile(tile), prompt)
    chosen = tiled(as_model(model, device, classes=own, **options), settings.tile)
    found = find_images(as_sources(sources))
    aside = list(found.set_aside) + [(name, "a video: use `ocella label` for videos") for name in found.video_names]
    labels: dict[str, Said] = {}
    shown: list[Html] = []
    for n, ref in enumerate(found.images):
        progress("predict", n + 1, len(found.images), ref.name)
        try:
            image = load(ref)
            labels[ref.name] = _say(chosen, image, settings)
        except Unreadable as error:
            aside.append((ref.name, str(error)))
            continue
        if out is not None:
            drawn = _drawn(image, labels[ref.name])
            _keep_depth(Path(out), ref.name, labels[ref.name])
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


def _say(model: Model, image: Image, settings: LabelSettings) -> Said:
    """What the model says of one image; raises Mismatch for a model that must be pointed at something."""
    if isinstance(model, DepthEstimator | Embedder):
        return model.predict([image])[0]
    if isinstance(model, Segmenter | VideoSegmenter):
        raise Mismatch(
            f"'{model.card.name}' outlines what it is pointed at. Join it with a detector, which points: "
            f"--model nanodet-g+{model.card.name}; in Python, predict(images, boxes)."
        )
    return annotate(model, [image], settings)[0]


def _drawn(image: Image, label: Said) -> Image:
    """An answer is words and a vector is numbers, so their picture stays as it is."""
    return image if isinstance(label, Answer | Embedding) else draw(image, label)


def _keep_depth(out: Path, name: str, label: Said) -> None:
    """Every pixel of a depth map as float32, which is too much for JSON."""
    if isinstance(label, DepthMap):
        write_bytes(out / "depth" / f"{name}.npy", _npy(label.depth))


def _npy(array: npt.NDArray[np.float32]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _told(name: str, label: Said) -> dict[str, Any]:
    if isinstance(label, DepthMap):
        near, far = float(label.depth.min()), float(label.depth.max())
        return {"type": "depth_map", "metric": label.metric, "near": near, "far": far, "file": f"depth/{name}.npy"}
    return label.to_json()


def _page(predicted: Predicted, shown: list[Html]) -> Page:
    aside = [[name, reason] for name, reason in predicted.set_aside]
    sections = [section("Pictures", gallery(shown))]
    if aside:
        sections.insert(0, section("Set aside", table(["File", "Reason"], aside)))
    if len(shown) < len(predicted.labels):
        sections.append(section("The rest", f"All {len(predicted.labels)} pictures are in the folder pictures."))
    return Page("Predictions", f"What {predicted.model} says of {len(predicted.labels)} images.", sections)
