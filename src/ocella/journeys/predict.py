"""Run a model over images and keep what it says, with pictures: no data set, no training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.errors import NotFound, Unreadable
from ocella.journeys.inputs import Classes, ModelLike, Sources, as_model, as_ontology, as_sources, as_tile
from ocella.labeling.settings import LabelSettings, annotate
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.write import encode_jpeg, write_bytes, write_json
from ocella.models.compose import Tiled
from ocella.models.tasks import Detector
from ocella.ops.draw import draw
from ocella.progress import Progress, silent
from ocella.types import Answer, Label

__all__ = ["Predicted", "predict"]


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
    chosen = as_model(model, device, api_base=api_base, api_model=api_model)
    if settings.tile is not None and isinstance(chosen, Detector):
        chosen = Tiled(chosen, *settings.tile)
    found = find_images(as_sources(sources))
    aside = list(found.set_aside) + [(v.name, "a video: use `ocella label` for videos") for v in found.videos]
    labels: dict[str, Label] = {}
    for n, ref in enumerate(found.images):
        progress("predict", n + 1, len(found.images), ref.name)
        try:
            image = load(ref)
        except Unreadable as error:
            aside.append((ref.name, str(error)))
            continue
        labels[ref.name] = annotate(chosen, [image], settings)[0]
        if out is not None and not isinstance(labels[ref.name], Answer):
            drawn = encode_jpeg(draw(image, labels[ref.name]), 90)  # type: ignore[arg-type]  # answers are left out above
            write_bytes(Path(out) / "pictures" / f"{ref.name}.jpg", drawn)
    if not labels:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in aside[:5])
        raise NotFound(f"There is no readable image in {as_sources(sources)}. {reasons}")
    predicted = Predicted(chosen.card.name, labels, tuple(aside))
    if out is not None:
        write_json(Path(out) / "predictions.json", predicted.to_json())
    return predicted
