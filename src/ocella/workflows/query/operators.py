"""What conditions compare with: of two values, and of one."""

from collections.abc import Callable, Mapping
from typing import Any

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.query.rows import Row

__all__ = ["BINARY", "UNARY"]


def _greater(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a > b)


def _greater_equal(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a >= b)


def _less(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a < b)


def _less_equal(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a <= b)


def _in_range(a: Any, limits: Any) -> bool:
    """Within [low, high], both ends included; an end of None is open."""
    low, high = limits
    return a is not None and (low is None or bool(a >= low)) and (high is None or bool(a <= high))


def _starts(a: str, b: str) -> bool:
    return a.startswith(b)


def _ends(a: str, b: str) -> bool:
    return a.endswith(b)


def _in_zone(a: Any, zone: Any) -> bool:
    """Whether a point, or the centre of an object, lies in a polygon or on its edge."""
    import cv2
    import numpy as np

    if isinstance(a, Row):
        a = a.get("center")
    elif isinstance(a, Detections):
        if len(a) != 1:
            raise InvalidValue(f"expected one object, got {len(a)}.")
        a = Row(a, 0).get("center")
    x, y = a
    polygon = np.asarray(zone, np.float32).reshape(-1, 1, 2)
    return len(polygon) > 2 and cv2.pointPolygonTest(polygon, (float(x), float(y)), False) >= 0


BINARY: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "(Number) ==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "(Number) !=": lambda a, b: bool(a != b),
    "(Number) >": _greater,
    "(Number) >=": _greater_equal,
    "(Number) <": _less,
    "(Number) <=": _less_equal,
    "(Number) in range": _in_range,
    "(String) startsWith": _starts,
    "(String) endsWith": _ends,
    "(String) contains": lambda a, b: b in a,
    "in (Sequence)": lambda a, b: a in b,
    "any in (Sequence)": lambda a, b: any(item in b for item in a),
    "all in (Sequence)": lambda a, b: all(item in b for item in a),
    "(Detection) in zone": _in_zone,
}
"""By name. A missing number (None) is neither greater nor smaller than any, nor within a range."""

UNARY: Mapping[str, Callable[[Any], bool]] = {
    "Exists": lambda a: a is not None,
    "DoesNotExist": lambda a: a is None,
    "(Boolean) is True": lambda a: a is True,
    "(Boolean) is False": lambda a: a is False,
    "(Sequence) is empty": lambda a: len(a) == 0,
    "(Sequence) is not empty": lambda a: len(a) > 0,
}
