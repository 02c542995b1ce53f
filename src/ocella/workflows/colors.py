"""Colours as definitions write them."""

import re
from collections.abc import Sequence

from ocella.errors import InvalidValue

__all__ = ["as_color"]

Color = tuple[int, int, int]
_NAMES = {
    "BLACK": (0, 0, 0), "WHITE": (255, 255, 255), "RED": (255, 0, 0), "GREEN": (0, 128, 0), "BLUE": (0, 0, 255),
    "YELLOW": (255, 255, 0), "ORANGE": (255, 165, 0), "PURPLE": (128, 0, 128), "GRAY": (128, 128, 128), "GREY": (128, 128, 128),
    "CYAN": (0, 255, 255), "MAGENTA": (255, 0, 255), "PINK": (255, 192, 203), "BROWN": (165, 42, 42), "LIME": (0, 255, 0),
}  # fmt: skip  # the names of CSS


def as_color(value: str | Sequence[int]) -> Color:
    """Red, green, blue from "#rrggbb", "#rgb", "rgb(r, g, b)", "(r, g, b)", a name, or three numbers. Raises InvalidValue."""
    if not isinstance(value, str):
        parts = [int(v) for v in value]
    elif re.fullmatch(r"#?[0-9a-fA-F]{6}", value):
        parts = list(bytes.fromhex(value.lstrip("#")))
    elif re.fullmatch(r"#[0-9a-fA-F]{3}", value):
        parts = [int(c * 2, 16) for c in value[1:]]
    elif value.upper() in _NAMES:
        parts = list(_NAMES[value.upper()])
    else:
        match = re.fullmatch(r"(?:rgb)?\s*\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", value, re.IGNORECASE)
        parts = [int(v) for v in match.groups()] if match else []
    if len(parts) != 3 or not all(0 <= v <= 255 for v in parts):
        raise InvalidValue(
            f'A colour must be like "#ff8800", "rgb(255, 136, 0)", "red" or [255, 136, 0], got {value!r}.'
        )
    return parts[0], parts[1], parts[2]
