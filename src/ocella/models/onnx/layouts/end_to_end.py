"""Detectors with NMS inside, or without need of any: rows of finished objects."""

from dataclasses import dataclass

import numpy as np

from ocella.models.onnx.layout import Arrays, Floats, Found, Given, Layout

__all__ = ["UNITS"]

_MASKS = 32


@dataclass(frozen=True)
class EndToEnd(Layout):
    """Rows of x1, y1, x2, y2 in input pixels, confidence, class: some rows for every image, the rest empty."""

    name: str = "end-to-end"
    looks: str = "(n, objects, 6): x1, y1, x2, y2, confidence, class, as YOLOv10 and YOLO26"
    masks: bool = False

    def room(self, given: Given) -> int | None:
        """Any number of classes."""
        rows = given.of_rank(3)
        if len(rows) != 1 or len(given.of_rank(4)) != self.masks or len(given.outputs) != 1 + self.masks:
            return None
        fits = rows[0].shape[2] == 6 + self._after(given) and rows[0].shape[1] not in given.grids
        return 0 if fits else None

    def _after(self, given: Given) -> int:  # noqa: ARG002  # points need it
        return _MASKS * self.masks

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The rows that reach the floor."""
        rows = outputs[given.of_rank(3)[0].name]
        prototypes = outputs[given.of_rank(4)[0].name] if self.masks else None
        return [
            self._found(rows[i].astype(np.float32), None if prototypes is None else prototypes[i], given, floor)
            for i in range(n)
        ]

    def _found(self, rows: Floats, prototypes: Floats | None, given: Given, floor: float) -> Found:
        rows = _sorted(rows, rows[:, 4], floor)
        masks = None
        if prototypes is not None:
            masks = np.tensordot(rows[:, 6:], prototypes.astype(np.float32), axes=1)
        return Found(rows[:, :4], rows[:, 4].clip(0, 1), _classes(rows[:, 5]), masks, self._points(rows[:, 6:], given))

    def _points(self, rest: Floats, given: Given) -> Floats | None:  # noqa: ARG002  # a head with points has them
        return None


@dataclass(frozen=True)
class EndToEndPose(EndToEnd):
    """The same with the points of each object."""

    tasks = ("keypoints",)

    def _after(self, given: Given) -> int:
        count, numbers = given.pose
        return count * numbers

    def _points(self, rest: Floats, given: Given) -> Floats:
        return given.points_in(rest)


@dataclass(frozen=True)
class Numbered(Layout):
    """One row an object of the whole batch: image, x1, y1, x2, y2 in input pixels, class, confidence."""

    name: str = "end-to-end-numbered"
    looks: str = "(objects, 7): image, x1, y1, x2, y2, class, confidence, as YOLOv7 with NMS"

    def room(self, given: Given) -> int | None:
        """Any number of classes."""
        return 0 if len(given.outputs) == 1 and given.outputs[0].shape[1:] == (7,) else None

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The rows of each image that reach the floor."""
        rows = outputs[given.outputs[0].name].astype(np.float32)
        found = []
        for i in range(n):
            own = _sorted(rows[rows[:, 0] == i], rows[rows[:, 0] == i, 6], floor)
            found.append(Found(own[:, 1:5], own[:, 6].clip(0, 1), _classes(own[:, 5])))
        return found


@dataclass(frozen=True)
class BoxesAndLabels(Layout):
    """Boxes in input pixels with their confidence in one output, classes in another."""

    name: str = "boxes-labels"
    looks: str = "(n, objects, 5): x1, y1, x2, y2, confidence, and classes (n, objects), as mmdeploy"

    def room(self, given: Given) -> int | None:
        """Any number of classes."""
        boxes, labels = given.of_rank(3), given.of_rank(2)
        fits = len(given.outputs) == 2 and len(boxes) == len(labels) == 1 and boxes[0].shape[2] == 5
        return 0 if fits else None

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The rows that reach the floor."""
        boxes, labels = outputs[given.of_rank(3)[0].name], outputs[given.of_rank(2)[0].name]
        found = []
        for i in range(n):
            rows = np.concatenate([boxes[i], labels[i][:, None]], axis=1).astype(np.float32)
            rows = _sorted(rows, rows[:, 4], floor)
            found.append(Found(rows[:, :4], rows[:, 4].clip(0, 1), _classes(rows[:, 5])))
        return found


@dataclass(frozen=True)
class Rtmo(Layout):
    """Boxes with their confidence in one output, points in another. Pixels go in as they are, 0 to 255, blue first,
    padded at the right and the bottom.
    """

    name: str = "rtmo"
    looks: str = "dets (n, objects, 5) and keypoints (n, objects, points, 3), as RTMO"
    tasks = ("keypoints",)
    threshold: float = 0.3
    input = {"fit": "corner", "rgb": False, "factor": 1.0}  # noqa: RUF012  # read only

    def room(self, given: Given) -> int | None:
        """One class."""
        dets, points = given.of_rank(3), given.of_rank(4)
        count = (given.points or (17, 3))[0]
        fits = len(given.outputs) == 2 and len(dets) == len(points) == 1 and dets[0].shape[2] == 5
        return 1 if fits and points[0].shape[2:] == (count, 3) else None

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The rows that reach the floor."""
        dets, points = outputs[given.of_rank(3)[0].name], outputs[given.of_rank(4)[0].name]
        found = []
        for i in range(n):
            flat = np.concatenate([dets[i], points[i].reshape(len(dets[i]), -1)], axis=1).astype(np.float32)
            rows = _sorted(flat, flat[:, 4], floor)
            one = np.zeros(len(rows), np.int64)
            found.append(Found(rows[:, :4], rows[:, 4].clip(0, 1), one, points=rows[:, 5:].reshape(len(rows), -1, 3)))
        return found


def _sorted(rows: Floats, confidence: Floats, floor: float) -> Floats:
    """Rows that reach the floor, most confident first. Rows that only fill the output have confidence 0."""
    kept = np.flatnonzero((confidence >= floor) & (confidence > 0))
    return rows[kept[np.argsort(-confidence[kept], kind="stable")]]


def _classes(column: Floats) -> np.ndarray:
    return np.rint(column).astype(np.int64)


UNITS: tuple[Layout, ...] = (
    EndToEnd(),
    EndToEnd("end-to-end-segment", "(n, objects, 6 + 32) and prototypes (n, 32, h, w), as YOLO26-seg", masks=True),
    EndToEndPose("end-to-end-pose", "(n, objects, 6 + 3 a point), as YOLO26-pose"),
    Numbered(),
    Rtmo(),
    BoxesAndLabels(),
)
