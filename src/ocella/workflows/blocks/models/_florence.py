"""What Florence-2 is asked for each task, and its answers with places in pixels of the image."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from ocella.errors import InvalidValue
from ocella.models.language.boxes import florence_boxes, florence_quads
from ocella.models.language.generate import Said
from ocella.types import Detections, Image

__all__ = ["OF_CLASSES", "OF_PROMPT", "OF_REGION", "FlorenceTask", "Pick", "asked", "parsed", "region"]

FlorenceTask = Literal[
    "open-vocabulary-object-detection",
    "ocr",
    "ocr-with-text-detection",
    "caption",
    "detailed-caption",
    "more-detailed-caption",
    "object-detection-and-caption",
    "object-detection",
    "phrase-grounded-object-detection",
    "phrase-grounded-instance-segmentation",
    "detection-grounded-instance-segmentation",
    "detection-grounded-classification",
    "detection-grounded-caption",
    "detection-grounded-ocr",
    "region-proposal",
    "custom",
]
Pick = Literal["first", "last", "biggest", "smallest", "most-confident", "least-confident"]
OF_PROMPT = ("phrase-grounded-object-detection", "phrase-grounded-instance-segmentation", "custom")
OF_CLASSES = ("open-vocabulary-object-detection",)
OF_REGION = (
    "detection-grounded-instance-segmentation",
    "detection-grounded-classification",
    "detection-grounded-caption",
    "detection-grounded-ocr",
)

_ASKED: Mapping[str, str] = {
    "open-vocabulary-object-detection": "Locate {} in the image.",
    "ocr": "<OCR>",
    "ocr-with-text-detection": "<OCR_WITH_REGION>",
    "caption": "<CAPTION>",
    "detailed-caption": "<DETAILED_CAPTION>",
    "more-detailed-caption": "<MORE_DETAILED_CAPTION>",
    "object-detection-and-caption": "<DENSE_REGION_CAPTION>",
    "object-detection": "<OD>",
    "phrase-grounded-object-detection": "Locate the phrases in the caption: {}",
    "phrase-grounded-instance-segmentation": "Locate {} in the image with mask",
    "detection-grounded-instance-segmentation": "What is the polygon mask of region {}",
    "detection-grounded-classification": "What is the region {}?",
    "detection-grounded-caption": "What does the region {} describe?",
    "detection-grounded-ocr": "What text is in the region {}?",
    "region-proposal": "<REGION_PROPOSAL>",
    "custom": "{}",
}
"""The sentence, or the task's word, that the model was taught."""
_BOXES = (
    "object-detection-and-caption", "object-detection", "phrase-grounded-object-detection", "region-proposal"
)  # fmt: skip
_OUTLINES = ("phrase-grounded-instance-segmentation", "detection-grounded-instance-segmentation")
_RING = re.compile(r"([^<>]*)((?:<loc_\d+>)+)")
_PLACE = re.compile(r"<loc_(\d+)>")
_BINS = 1000
_PICKS: Mapping[str, Any] = {
    "first": lambda _: 0,
    "last": lambda found: len(found) - 1,
    "biggest": lambda found: int(np.argmax(found.area)),
    "smallest": lambda found: int(np.argmin(found.area)),
    "most-confident": lambda found: int(np.argmax(found.confidence)),
    "least-confident": lambda found: int(np.argmin(found.confidence)),
}


def asked(task: str, said: str) -> str:
    """What is put to the model; `said` is the prompt, the classes or the region of tasks that have one."""
    return _ASKED[task].replace("{}", said)


def region(given: Detections | Sequence[float], pick: str, image: Image) -> str | None:
    """A box as the model knows it: of one object, or from four whole numbers in pixels or four shares of the image; None
    where there is no object.
    """
    if isinstance(given, Detections):
        if not len(given):
            return None
        corners, shares = given.xyxy[_PICKS[pick](given)].tolist(), False
    else:
        corners, shares = list(given)[:4], all(isinstance(v, float) for v in given)
        if len(corners) != 4 or not (shares or all(isinstance(v, int) for v in corners)):
            raise InvalidValue(
                f"grounding_detection must be four whole numbers in pixels or four shares 0.0 to 1.0, got {given!r}."
            )
    sides = (1, 1, 1, 1) if shares else (image.width, image.height) * 2
    bins = [round(min(max(v / side, 0.0), 1.0) * _BINS) for v, side in zip(corners, sides, strict=True)]
    return "".join(f"<loc_{min(b, _BINS - 1)}>" for b in bins)


def parsed(task: str, text: str, image: Image) -> dict[str, Any] | None:
    """Places in an answer, in pixels; None for tasks that are answered in words."""
    said = Said(text, (text,), np.ones(1, np.float32))
    sides = (image.width, image.height)
    if task == "ocr-with-text-detection":
        quads = florence_quads(said)
        return {"quad_boxes": [_pixels(q.corners, sides) for q in quads], "labels": [q.text for q in quads]}
    if task in _OUTLINES:
        rings = [(label.strip(), _places(marks)) for label, marks in _RING.findall(text)]
        return {"polygons": [[_pixels(r, sides)] for _, r in rings], "labels": [label for label, _ in rings]}
    boxes = [(_pixels(b.corners, sides), b.phrase) for b in florence_boxes(said)]
    places = {"bboxes": [b for b, _ in boxes]}
    labels = [label for _, label in boxes]
    if task in _BOXES:
        return {**places, "labels": labels}
    if task in OF_CLASSES:
        return {**places, "bboxes_labels": labels, "polygons": [], "polygons_labels": []}
    return None


def _places(marks: str) -> list[float]:
    numbers = [(int(n) + 0.5) / _BINS for n in _PLACE.findall(marks)]
    return numbers[: len(numbers) // 2 * 2]


def _pixels(shares: Sequence[float], sides: tuple[int, int]) -> list[float]:
    return [share * sides[i % 2] for i, share in enumerate(shares)]
