"""What blocks share that read text: lines as outputs."""

from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np

from ocella.types import Detections, Image, TextLines
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._detector import named
from ocella.workflows.blocks.models._model import ModelBlock, ParentId
from ocella.workflows.kinds import Is, Objects

__all__ = ["Read", "ReaderBlock", "as_objects"]


class Read(NamedTuple):
    """The text of one image, and where each line of it is: an object whose class is its text."""

    result: str
    predictions: Objects
    parent_id: ParentId
    root_parent_id: ParentId
    prediction_type: Annotated[str, Is("prediction_type")]


class ReaderBlock(ModelBlock):
    """A step that reads text with one model."""

    _tasks: ClassVar[tuple[str, ...]] = ("ocr",)

    def model_id(self) -> str:
        """Which model reads."""
        raise NotImplementedError

    def run(self, images: Batch[Image]) -> Batch[Read]:
        """The text of each image, lines in reading order with a space between."""
        with self.leased(self.model_id()) as model:
            found = model.predict(images)
        return [_read(lines, image) for lines, image in zip(found, images, strict=True)]


def _read(lines: TextLines, image: Image) -> Read:
    low, high = (f(lines.polygons, axis=1).reshape(-1, 2) for f in (np.min, np.max))
    objects = as_objects(np.concatenate([low, high], axis=1), lines.texts, lines.confidence, image)
    source = image.origin.source
    return Read(" ".join(lines.texts), objects, source, source, "ocr")


def as_objects(xyxy: Any, texts: Any, confidence: Any, image: Image) -> Detections:
    """Pieces of text as objects, each with its text as its class."""
    classes = tuple(dict.fromkeys(texts))
    place = {text: i for i, text in enumerate(classes)}
    height, width = image.size_hw
    boxes = np.clip(np.asarray(xyxy, np.float32).reshape(-1, 4), 0, (width, height, width, height))
    ids = np.array([place[text] for text in texts], np.int64)
    sure = np.clip(np.asarray(confidence, np.float32).reshape(-1), 0, 1)
    return named(Detections(boxes, sure, ids, classes)).on(image)
