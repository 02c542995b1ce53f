"""Two readers: one finds the lines, the other reads them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.compose.joined_card import joined_card
from ocella.models.tasks import TextReader
from ocella.types import Image, TextLines

__all__ = ["LineByLine", "straightened"]


class LineByLine(TextReader):
    """Lines that `finder` finds, each cut out, turned straight and read by `reader`. Places are the finder's, texts and
    confidences the reader's; a line that the reader finds empty is left out.
    """

    def __init__(self, finder: TextReader, reader: TextReader) -> None:
        self.finder, self.reader = finder, reader

    @property
    def card(self) -> ModelCard:
        """Both cards; languages and what a confidence means are the reader's."""
        one, two = self.finder.card, self.reader.card
        return joined_card(
            f"{one.name}+{two.name}", (one, two), languages=two.languages, score_kind=two.score_kind, extra=two.extra
        )

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """Lines of each image in the finder's order."""
        found = self.finder.predict(images)
        return [self._read(image, lines) for image, lines in zip(images, found, strict=True)]

    def _read(self, image: Image, lines: TextLines) -> TextLines:
        read = self.reader.predict([straightened(image, polygon) for polygon in lines.polygons])
        kept = [(polygon, r) for polygon, r in zip(lines.polygons, read, strict=True) if len(r)]
        if not kept:
            return TextLines.empty()
        texts = tuple(" ".join(r.texts) for _, r in kept)
        return TextLines(
            np.stack([p for p, _ in kept]), texts, np.array([r.confidence.mean() for _, r in kept], np.float32)
        )


def straightened(image: Image, polygon: npt.NDArray[np.float32]) -> Image:
    """What is inside of four corners, clockwise from top left, as an upright picture of their size."""
    import cv2

    sides = np.linalg.norm(polygon - np.roll(polygon, -1, axis=0), axis=1)
    width, height = (max(1, round(float(sides[i] + sides[i + 2]) / 2)) for i in (0, 1))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if min(sides) < 1:  # corners that lie on each other have no perspective
        left, top = np.floor(polygon.min(axis=0)).astype(int)
        cut = image.pixels[max(0, top) :, max(0, left) :][:height, :width]
        return Image(cut.copy()) if cut.size else Image(np.zeros((1, 1, 3), np.uint8))
    matrix = cv2.getPerspectiveTransform(polygon.astype(np.float32), target)
    made = cv2.warpPerspective(
        image.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return Image(np.asarray(made, np.uint8))
