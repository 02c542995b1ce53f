"""Small real models, and the pictures that they understand: painted blocks on grey."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ocella.errors import NoMatch
from ocella.models.card import ModelCard, Task
from ocella.models.tasks import Classifier, Detector, SemanticSegmenter, TextReader, VisionLanguageModel
from ocella.models.text.match import Match
from ocella.types import Answer, Classification, Detections, Image, Ontology, SegmentationMap, TextLines

__all__ = ["COLOURS", "Blocks", "Brightness", "Light", "Rulers", "Teller", "card", "paint"]

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
Block = tuple[str, int, int, int, int]


def paint(file: Path, *blocks: Block, size_hw: tuple[int, int] = (64, 96), grey: int = 120) -> Path:
    """A PNG with blocks (colour, x1, y1, x2, y2)."""
    pixels: npt.NDArray[np.uint8] = np.full((*size_hw, 3), grey, np.uint8)
    for colour, x1, y1, x2, y2 in blocks:
        pixels[y1:y2, x1:x2] = COLOURS[colour]
    file.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(file), pixels[:, :, ::-1])
    return file


def card(name: str, task: Task, classes: Sequence[str] = (), sha256: str = "1") -> ModelCard:
    return ModelCard(
        name, task, "Made for tests.", "none", "Apache-2.0", "CC0-1.0", True, 0, 0.1, (64, 96), tuple(classes),
        sha256=sha256,
    )  # fmt: skip


class Blocks(Detector):
    """Finds painted blocks to the pixel, `shift` pixels too far right; counts what it was shown."""

    def __init__(
        self, name: str = "blocks", *, knows: Sequence[str] = tuple(COLOURS), shift: float = 0, confidence: float = 0.9
    ) -> None:
        self._card = card(name, "detect", knows)
        self.shift, self.confidence = shift, confidence
        self.seen = 0

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def classes(self) -> tuple[str, ...]:
        return self._card.classes

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        unknown = [p for p, _ in ontology.prompts if p not in self.classes]
        if unknown:
            raise NoMatch(f"{unknown} are no colours.")
        return tuple(Match(p, ontology.names[i], p, 1.0, "exact") for p, i in ontology.prompts)

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        self.seen += len(images)
        names = self.classes if ontology is None else ontology.names
        prompts = [(c, i) for i, c in enumerate(names)] if ontology is None else list(ontology.prompts)
        found = [self._find(image, prompts, names) for image in images]
        return [f[f.confidence >= (0.3 if threshold is None else threshold)] for f in found]

    def _find(self, image: Image, prompts: Sequence[tuple[str, int]], names: tuple[str, ...]) -> Detections:
        boxes, ids = [], []
        for prompt, class_id in prompts:
            painted = (image.pixels == COLOURS[prompt]).all(axis=2).astype(np.uint8)
            _, _, stats, _ = cv2.connectedComponentsWithStats(painted)
            for x, y, w, h, _area in stats[1:]:
                boxes.append([x + self.shift, y, x + w + self.shift, y + h])
                ids.append(class_id)
        n = len(boxes)
        return Detections(
            np.array(boxes, np.float32).reshape(-1, 4), np.full(n, self.confidence), np.array(ids, np.int64), names
        )


class Brightness(Classifier):
    """Tells dark pictures from light ones."""

    classes = ("dark", "light")
    card = card("brightness", "classify", classes)

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        names = self.classes if ontology is None else ontology.names
        light = [float(i.pixels.mean()) / 255 for i in images]
        return [Classification(np.array([1 - x, x], np.float32), names) for x in light]


class Rulers(TextReader):
    """Reads the size of a picture."""

    card = card("rulers", "ocr")

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        polygon = np.array([[[0, 0], [10, 0], [10, 5], [0, 5]]], np.float32)
        return [TextLines(polygon, (f"{i.width} x {i.height}",), np.array([0.75])) for i in images]


class Light(SemanticSegmenter):
    """Marks what is lighter than middle grey."""

    card = card("light", "semantic-segment", ("dark", "light"))

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[SegmentationMap]:
        assert ontology is None
        level = 255 * (0.5 if threshold is None else threshold)
        return [SegmentationMap((i.pixels.mean(axis=2) > level).astype(np.int64), ("dark", "light")) for i in images]


class Teller(VisionLanguageModel):
    """Answers with the prompt and the width."""

    card = card("teller", "vlm")

    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        assert not options
        return [Answer(f"{prompt} {i.width}", prompt) for i in images]
