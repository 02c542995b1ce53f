"""Points of images, for maps that give every pixel a class: one key answers what is at a point, where nobody would draw a map.

Points are drawn evenly over the pixels of all images, so that shares of points are shares of pixels, as in
`metrics.mask_iou`. With n of them in all these differ by about sqrt(p (1 - p) / n), which beside the error of a few dozen
answers is little: 5000 points for 40 answers add less than a hundredth to the variance.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.choosing.ballots import class_of, exclusive_pool, likeliest, said_of, settled
from ocella.choosing.pool import Settled
from ocella.choosing.question import Question, Reply
from ocella.choosing.run import Run
from ocella.errors import InvalidValue
from ocella.types import Detections, SegmentationMap

__all__ = ["Spots", "places_of"]

Indices = npt.NDArray[np.int64]


class Spots:
    """Units are points, about `per_image` an image, more in larger ones; a run claims the class of its pixel there, and none
    of these where that is unlabelled. Raises InvalidValue where runs differ in images or sizes.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        files: Sequence[tuple[str, Path]],
        classes: Sequence[str],
        *,
        per_image: int = 40,
        seed: int = 0,
    ) -> None:
        self._files, self.classes = tuple(files), tuple(classes)
        said = [said_of(run, len(files), SegmentationMap) for run in runs]
        shapes = [_shape(maps, file) for maps, (file, _) in zip(zip(*said, strict=True), files, strict=True)]
        image, self._y, self._x = _points(shapes, per_image, seed)
        tables = [[places_of(m, self.classes) for m in of_run] for of_run in said]
        class_id = np.empty((len(runs), len(image)), np.int64)
        for i in range(len(files)):
            here = image == i
            for r, (of_run, places) in enumerate(zip(said, tables, strict=True)):
                class_id[r, here] = places[i][of_run[i].class_id[self._y[here], self._x[here]]]
        sure = np.full(class_id.shape, 0.5)
        self.pool = exclusive_pool(runs, self.classes, len(files), image, class_id, sure)

    def __len__(self) -> int:
        return len(self.pool)

    def name(self, unit: int) -> str:
        """The image's and the point."""
        return f"{self._files[self.pool.image[unit]][0]} {self._x[unit]} {self._y[unit]}"

    def question(self, unit: int) -> Question:
        """What is at the point, which is shown as a box of one pixel."""
        x, y = float(self._x[unit]), float(self._y[unit])
        box = np.array([[x, y, x + 1, y + 1]], np.float32)
        point = Detections(box, np.ones(1, np.float32), np.zeros(1, np.int64), ("point",))
        choices = tuple(self.classes[k] for k in likeliest(self.pool, unit))
        file, path = self._files[self.pool.image[unit]]
        return Question(unit, "class", file, path, "What is at the marked point?", point, choices)

    def settle(self, unit: int, reply: Reply) -> Settled | None:
        """What an answer means; None where nobody could tell."""
        class_id = class_of(reply, self.classes, self.question(unit).choices[0])
        return None if class_id is None else settled(self.pool, unit, class_id)


def places_of(said: SegmentationMap, classes: Sequence[str]) -> Indices:
    """The place in `classes` of each class of a map, and last that of unlabelled pixels; those beyond come after all."""
    place = {name: k for k, name in enumerate(classes)}
    return np.array([*(place.get(name, len(classes)) for name in said.classes), len(classes)], np.int64)


def _shape(maps: Sequence[SegmentationMap], file: str) -> tuple[int, int]:
    shapes = {(m.class_id.shape[0], m.class_id.shape[1]) for m in maps}
    if len(shapes) != 1:
        raise InvalidValue(f"All maps of {file} must be of one size, that of the image, got {sorted(shapes)}.")
    return shapes.pop()


def _points(shapes: Sequence[tuple[int, int]], per_image: int, seed: int) -> tuple[Indices, Indices, Indices]:
    """(n,) image, row and column of each; in an image as many as its share of all pixels, none twice."""
    random = np.random.default_rng(seed)
    area = np.array([h * w for h, w in shapes])
    # an image's share, rounded up or down by chance, so that the mean is right
    count = np.floor(per_image * area / area.mean() + random.random(len(area))).astype(int)
    drawn = [random.choice(a, min(c, a), replace=False) for a, c in zip(area.tolist(), count.tolist(), strict=True)]
    image = np.repeat(np.arange(len(shapes)), [len(d) for d in drawn])
    width = np.array([w for _, w in shapes])[image]
    flat = np.concatenate([*drawn, np.zeros(0, np.int64)]).astype(np.int64)
    return image, flat // width, flat % width
