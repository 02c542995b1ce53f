"""A camera flight: pan, zoom, turn and light over still photographs. It shows no scene in motion, and is called a flight."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types import Frame, Image, Origin

__all__ = ["View", "flight", "views"]


@dataclass(frozen=True)
class View:
    """What frame `index` shows: photograph number `photo`, from frame pixels to its pixels by `matrix` (2, 3)."""

    index: int
    shot: int
    photo: int
    matrix: npt.NDArray[np.float64]
    light: float


@dataclass(frozen=True)
class _Pose:
    """Centre in shares of the free room (-1 to 1), zoom from the whole photograph, turn in degrees, light as a gain."""

    x: float
    y: float
    zoom: float
    turn: float
    light: float


def flight(
    photos: Sequence[Image], *, seconds: float, fps: float, size_hw: tuple[int, int], seed: int = 0, rounds: int = 1
) -> Iterator[Frame]:
    """Frames of a deterministic flight, one shot of equal length per photograph and round, cut from one to the next.
    With more `rounds` each photograph comes again on another path. Raises InvalidValue.
    """
    _count(photos, seconds, fps, size_hw, rounds)
    return _frames(
        photos, fps, size_hw, views(photos, seconds=seconds, fps=fps, size_hw=size_hw, seed=seed, rounds=rounds)
    )


def _count(photos: Sequence[Image], seconds: float, fps: float, size_hw: tuple[int, int], rounds: int) -> int:
    count = round(seconds * fps) if math.isfinite(seconds * fps) else 0
    if not photos or rounds < 1 or count < len(photos) * rounds or min(size_hw) < 2:
        raise InvalidValue(
            f"A flight needs photographs, a size, and at least one frame for each of them in each round, got "
            f"{len(photos)} photographs, size {size_hw}, {count} frames for {rounds} rounds. Fly longer."
        )
    return count


def _frames(photos: Sequence[Image], fps: float, size_hw: tuple[int, int], seen: Iterable[View]) -> Iterator[Frame]:
    sized = [_sized(photo, size_hw) for photo in photos]
    for view in seen:
        scale = sized[view.photo].width / photos[view.photo].width
        linear, offset = view.matrix[:, :2] * scale, (view.matrix[:, 2] + 0.5) * scale - 0.5
        pixels = _shoot(sized[view.photo], np.column_stack([linear, offset]), view.light, size_hw)
        yield Frame(pixels, view.index, view.index / fps, f"flight/{view.shot}")


def views(
    photos: Sequence[Image], *, seconds: float, fps: float, size_hw: tuple[int, int], seed: int = 0, rounds: int = 1
) -> Iterator[View]:
    """Where the camera of the same `flight` is at each frame; raises InvalidValue."""
    count = _count(photos, seconds, fps, size_hw, rounds)
    shots = len(photos) * rounds
    for shot in range(shots):
        first, last = count * shot // shots, count * (shot + 1) // shots
        photo = shot % len(photos)
        start, end = _path(np.random.default_rng([seed, shot]))
        for index in range(first, last):
            share = (index - first) / max(last - first - 1, 1)
            pose = _between(start, end, share * share * (3 - 2 * share))
            yield View(index, shot, photo, _view(photos[photo].size_hw, pose, size_hw), pose.light)


def _sized(photo: Image, size_hw: tuple[int, int]) -> Image:
    """A photograph much larger than the frames is made smaller first, since turning would leave pixels out."""
    import cv2

    times = min(photo.height / size_hw[0], photo.width / size_hw[1])
    if times < 2:
        return photo
    smaller = round(photo.width * 1.5 / times), round(photo.height * 1.5 / times)
    return Image(cv2.resize(photo.pixels, smaller, interpolation=cv2.INTER_AREA), photo.origin)


def _path(random: np.random.Generator) -> tuple[_Pose, _Pose]:
    """Two ends: the camera crosses the photograph, comes nearer or goes back, turns and meets other light."""
    angle = random.uniform(0, 2 * math.pi)
    near, far = random.uniform(1.3, 1.8), random.uniform(1.0, 1.15)
    zooms = (near, far) if random.random() < 0.5 else (far, near)
    turns, lights = random.uniform(-6, 6, 2), random.uniform(0.75, 1.2, 2)
    ends = [
        _Pose(sign * math.cos(angle), sign * math.sin(angle), zoom, float(turn), float(light))
        for sign, zoom, turn, light in zip((1, -1), zooms, turns, lights, strict=True)
    ]
    return ends[0], ends[1]


def _between(a: _Pose, b: _Pose, share: float) -> _Pose:
    def mix(p: float, q: float) -> float:
        return p + (q - p) * share

    return _Pose(mix(a.x, b.x), mix(a.y, b.y), mix(a.zoom, b.zoom), mix(a.turn, b.turn), mix(a.light, b.light))


def _shoot(photo: Image, matrix: npt.NDArray[np.float64], light: float, size_hw: tuple[int, int]) -> Image:
    import cv2

    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    seen = cv2.warpAffine(photo.pixels, matrix, size_hw[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    lit = np.clip(np.rint(seen.astype(np.float32) * np.float32(light)), 0, 255).astype(np.uint8)
    return Image(lit, Origin("flight"))


def _view(photo_hw: tuple[int, int], pose: _Pose, size_hw: tuple[int, int]) -> npt.NDArray[np.float64]:
    """From output pixels to pixels of the photograph, such that the turned view lies inside it."""
    height, width = size_hw
    turn = math.radians(pose.turn)
    cos, sin = math.cos(turn), math.sin(turn)
    reach = np.array([(abs(cos) * width + abs(sin) * height) / 2, (abs(sin) * width + abs(cos) * height) / 2])
    middle = np.array([(photo_hw[1] - 1) / 2, (photo_hw[0] - 1) / 2])
    scale = float((middle / reach).min()) / pose.zoom
    room = middle - reach * scale
    centre = middle + room * np.array([pose.x, pose.y])
    linear = scale * np.array([[cos, -sin], [sin, cos]])
    offset = centre - linear @ np.array([(width - 1) / 2, (height - 1) / 2])
    return np.column_stack([linear, offset])
