"""What is written on objects."""

from collections.abc import Callable, Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Detections

__all__ = ["Capital", "label_texts", "sized"]

Capital = Annotated[float, Field(gt=0, le=100)]
"""Size of letters."""

_SMALLEST_SIDE = 1080


def label_texts(found: Detections, what: str) -> list[str]:
    """One text an object: a choice like "Class and Confidence", or a column of its data. Raises InvalidValue."""
    if what in _CHOICES:
        return _CHOICES[what](found)
    if what in found.data:
        return [str(v) if v is not None and v != "" else "" for v in found.data[what].tolist()]
    columns = ", ".join(sorted(found.data)) or "none"
    raise InvalidValue(
        f"text must be one of {', '.join(_CHOICES)}, or a column of the objects ({columns}), got '{what}'."
    )


def sized(size: float, mode: str, limits: tuple[float, float], size_hw: tuple[int, int]) -> float:
    """`size` itself; where the mode is Automatic it is for an image whose shorter side is 1080, within limits."""
    if mode != "Automatic":
        return size
    return min(max(size * min(size_hw) / _SMALLEST_SIDE, limits[0]), limits[1])


def _dimensions(found: Detections) -> list[str]:
    rows = found.xyxy.astype(np.float64).tolist()
    return [f"{int((a + c) / 2)}, {int((b + d) / 2)} {int(c - a)}x{int(d - b)}" for a, b, c, d in rows]


def _area(found: Detections) -> list[str]:
    area = found.area if found.masks is None else found.masks.area
    return [str(int(v)) for v in area.tolist()]


def _tracks(found: Detections) -> list[str]:
    if found.track_id is None:
        return ["No Tracker ID"] * len(found)
    return [str(i) for i in found.track_id.tolist()]


def _measured(column: str, text: str, unit: str = "") -> Callable[[Detections], list[str]]:
    def texts(found: Detections) -> list[str]:
        values = found.data.get(column)
        known = [None] * len(found) if values is None else values.tolist()
        return [f"{text}: N/A" if v is None or v != v else f"{text}: {v:.2f}{unit}" for v in known]  # noqa: PLR0124  # NaN

    return texts


def _stay(found: Detections) -> list[str]:
    seconds = found.data.get("time_in_zone")
    known = [None] * len(found) if seconds is None else seconds.tolist()
    return [f"In zone: {round(float(s), 2)}s" if s else "In zone: N/A" for s in known]


_CHOICES: Mapping[str, Callable[[Detections], list[str]]] = {
    "Class": lambda found: found.names,
    "Confidence": lambda found: [f"{c:.2f}" for c in found.confidence.tolist()],
    "Class and Confidence": lambda found: [
        f"{n} {c:.2f}" for n, c in zip(found.names, found.confidence.tolist(), strict=True)
    ],
    "Index": lambda found: [str(i) for i in range(len(found))],
    "Dimensions": _dimensions,
    "Area": _area,
    "Area (mask)": _measured("area_px", "Area (mask)"),
    "Area (converted)": _measured("area_converted", "Area (conv)"),
    "Tracker Id": _tracks,
    "Time In Zone": _stay,
}
