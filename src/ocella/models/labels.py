"""A model's labels of images, whatever its task."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ocella.errors import Mismatch
from ocella.types import Image, Label, Ontology

__all__ = ["label_images"]

Given = Mapping[str, Any]

_ARGUMENTS: dict[str, Callable[[Given], Given]] = {
    "detect": lambda given: {"ontology": given["ontology"], "threshold": given["threshold"]},
    "keypoints": lambda given: {"threshold": given["threshold"]},
    "semantic-segment": lambda given: {"ontology": given["ontology"], "threshold": given["threshold"]},
    "classify": lambda given: {"ontology": given["ontology"]},
    "ocr": lambda _: {},
    "vlm": lambda given: {"prompt": given["prompt"] or "Describe this image."},
}
"""What `predict` of each task takes of what is given."""


def label_images(
    model: Any,
    images: Sequence[Image],
    *,
    ontology: Ontology | None = None,
    threshold: float | None = None,
    prompt: str = "",
) -> list[Label]:
    """The model's label of each image; what its task knows nothing of is left out. Raises Mismatch for tasks that make no
    labels.
    """
    if model.task not in _ARGUMENTS:
        raise Mismatch(
            f"'{model.card.name}' is for {model.task}, which makes no labels. Tasks that do: {', '.join(_ARGUMENTS)}."
        )
    given = {"ontology": ontology, "threshold": threshold, "prompt": prompt}
    return list(model.predict(images, **_ARGUMENTS[model.task](given)))
