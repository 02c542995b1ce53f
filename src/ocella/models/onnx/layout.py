"""What the outputs of an ONNX detector mean: the interface of a layout, and how the one of a file is recognised."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.models.onnx.runtime import Slot
from ocella.ops.nms import nms
from ocella.registry import Registry, did_you_mean

__all__ = [
    "BLANK",
    "Arrays",
    "Floats",
    "Found",
    "Given",
    "Layout",
    "best_rows",
    "corners",
    "layouts",
    "recognise",
    "recognise_room",
]

Floats = npt.NDArray[np.float32]
Arrays = Mapping[str, npt.NDArray[Any]]

BLANK = ("N/A", "")
"""Names of places that are no class, as in COCO's 91."""
_MOST = 300
"""Objects of an image, as the exporters with NMS inside keep."""
_CANDIDATES = 3000


@dataclass(frozen=True)
class Found:
    """Objects of one image in pixels of the network's input: boxes (k, 4), confidence (k,), class_id (k,), and maybe
    mask logits (k, h, w) over the whole input and points (k, p, 3) as x, y, confidence.
    """

    xyxy: Floats
    confidence: Floats
    class_id: npt.NDArray[np.int64]
    masks: Floats | None = None
    points: Floats | None = None


@dataclass(frozen=True)
class Given:
    """What is known of a file: the size of its input, its outputs with their real shapes, the names of its classes
    (none where not known), points of an object as (count, numbers a point), and its outputs for a grey image.
    """

    input_hw: tuple[int, int]
    outputs: tuple[Slot, ...]
    classes: tuple[str, ...]
    points: tuple[int, int] | None
    grey: Callable[[], Arrays]

    def of_rank(self, rank: int) -> tuple[Slot, ...]:
        """Outputs of that many axes."""
        return tuple(o for o in self.outputs if len(o.shape) == rank)

    @property
    def pose(self) -> tuple[int, int]:
        """Points of an object and numbers a point; where nothing is known, a person's 17 with how visible they are."""
        return self.points or (17, 3)

    def points_in(self, rest: Floats) -> Floats:
        """Points (n, k, 3) from the numbers of each object; those without how visible they are count as seen."""
        count, numbers = self.pose
        points = rest.reshape(-1, count, numbers)
        return points if numbers == 3 else np.concatenate([points, np.ones_like(points[..., :1])], axis=2)

    @property
    def blank(self) -> list[int]:
        """Places of the list of classes that are none."""
        return [i for i, name in enumerate(self.classes) if name in BLANK]

    @property
    def cells(self) -> tuple[int, ...]:
        """How many cells the usual grids of strides have over the input."""
        height, width = self.input_hw
        grids = ((8, 16, 32), (8, 16, 32, 64), (4, 8, 16, 32))
        return tuple(sum(-(-height // s) * -(-width // s) for s in strides) for strides in grids)

    @property
    def grids(self) -> tuple[int, ...]:
        """Rows of boxes that the usual grids have, with one box or three a cell."""
        return tuple(cells * anchors for cells in self.cells for anchors in (1, 3))

    def is_decoded(self, boxes: Slot) -> bool:
        """Whether the centres of a grey image's boxes (n, cells, columns) spread over the input, as decoded ones do."""
        return bool(np.ptp(self.grey()[boxes.name][0][:, 0]) > self.input_hw[1] / 2)


class Layout(ABC):
    """One arrangement of a detector's outputs. `input` holds settings of `ImageInput` that such networks are trained
    with; `free_hw` the size where a file leaves it open; `threshold` the usual least confidence; `looks` says in words
    what its outputs are.
    """

    name: str
    looks: str
    tasks: ClassVar[tuple[str, ...]] = ("detect",)
    threshold: float = 0.25
    free_hw: ClassVar[tuple[int, int]] = (640, 640)
    input: ClassVar[Mapping[str, Any]] = {}

    @abstractmethod
    def room(self, given: Given) -> int | None:
        """How many classes the outputs have room for, 0 where for any number; None where they are not so arranged."""

    @abstractmethod
    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """Objects of each of n images with confidence of at least `floor`, most confident first."""


layouts: Registry[Layout] = Registry(
    "layout",
    "ocella.models.onnx.layouts",
    "ocella.layouts",
    Layout,  # type: ignore[type-abstract]  # only asked whether a unit is one
)
"""Every layout, by walking `layouts/` and the entry points `ocella.layouts`."""


def recognise(given: Given, task: str, name: str = "") -> Layout:
    """The layout `name`, or the only one that fits outputs and classes. Raises InvalidValue where several do or `name` is
    none, Mismatch where none does or the number of classes does not fit.
    """
    able = [layout for layout in layouts if task in layout.tasks]
    if name:
        able = [layout for layout in able if layout.name == name]
        if not able:
            known = [layout.name for layout in layouts if task in layout.tasks]
            raise InvalidValue(f"layout '{name}' is none of a network for {task}.{did_you_mean(name, known)}")
    rooms = {layout: room for layout in able if (room := layout.room(given)) is not None}
    fitting = [layout for layout, room in rooms.items() if room in (0, len(given.classes))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        either = " or ".join(f"layout='{layout.name}' ({layout.looks})" for layout in fitting)
        raise InvalidValue(f"{_described(given)} may be of several layouts. Say which: {either}.")
    if rooms:
        fits = " or ".join(f"{room} classes (as layout '{layout.name}')" for layout, room in rooms.items())
        raise Mismatch(
            f"{_described(given)} have room for {fits}, but the list given has {len(given.classes)}: "
            f"{', '.join(given.classes[:5])}. Give all classes of the training, in order."
        )
    listed = "; ".join(f"{layout.name}: {layout.looks}" for layout in able)
    raise Mismatch(f"{_described(given)} are of no layout known for {task}. Known are {listed}.")


def recognise_room(given: Given, task: str) -> tuple[int, ...]:
    """The numbers of classes that the outputs may have room for."""
    found = (layout.room(given) for layout in layouts if task in layout.tasks)
    return tuple(dict.fromkeys(room for room in found if room))


def best_rows(xyxy: Floats, confidence: Floats, class_id: npt.NDArray[np.integer], iou: float) -> npt.NDArray[np.int64]:
    """Rows to keep after NMS within each class, at most 300, most confident first."""
    best = np.argsort(-confidence, kind="stable")[:_CANDIDATES]
    # classes moved apart, so that one pass does for all of them
    apart = xyxy[best].astype(np.float64)
    span = float(np.abs(apart).max(initial=0)) * 2 + 1
    apart += (class_id[best] * span)[:, None]
    return np.asarray(best[nms(apart, confidence[best], None, iou)][:_MOST], np.int64)


def corners(centres: Floats) -> Floats:
    """Centre and size (k, 4) to xyxy."""
    half = centres[:, 2:] / 2
    return np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1).astype(np.float32)


def _described(given: Given) -> str:
    return "The outputs " + ", ".join(f"{o.name} {_shape(o.shape)}" for o in given.outputs)


def _shape(shape: Sequence[int]) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"
