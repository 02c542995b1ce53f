"""How a page looks: two colour schemes and one style sheet made from them."""

from collections.abc import Mapping
from typing import Final

from ocella.reports.sheet import SHEET

__all__ = ["DARK", "DASHES", "LIGHT", "SERIES", "SHADES", "blend", "shades", "style_sheet"]

SERIES: Final = 8
SHADES: Final = 11

LIGHT: Final[Mapping[str, str]] = {
    "paper": "#fdfcfa",
    "surface": "#f5f3ee",
    "ink": "#1d2228",
    "muted": "#5b6169",
    "rule": "#dfdbd2",
    "accent": "#0a5cad",
    "good": "#0b6b44",
    "warning": "#7a5700",
    "bad": "#b02a2a",
    "heat": "#6fa8e0",
    "c0": "#0a5cad",
    "c1": "#b3470a",
    "c2": "#006e50",
    "c3": "#8a3a94",
    "c4": "#775a00",
    "c5": "#00657c",
    "c6": "#b0245c",
    "c7": "#5b6169",
}
DARK: Final[Mapping[str, str]] = {
    "paper": "#14171a",
    "surface": "#1d2125",
    "ink": "#e8e6e1",
    "muted": "#a5abb2",
    "rule": "#353b42",
    "accent": "#82bbf5",
    "good": "#5fcf9c",
    "warning": "#e0bd58",
    "bad": "#f58f88",
    "heat": "#2b5f96",
    "c0": "#82bbf5",
    "c1": "#f2975c",
    "c2": "#4fcba3",
    "c3": "#dd9fe2",
    "c4": "#dcc05a",
    "c5": "#66cadf",
    "c6": "#f78fb1",
    "c7": "#a5abb2",
}
# a line is told by its dashes too, never by its colour alone
DASHES: Final = ("none", "8 4", "2 3", "10 3 2 3", "5 2", "14 4", "1 4", "6 2 1 2 1 2")


def blend(over: str, under: str, share: float) -> str:
    """The colour `share` of the way from `under` to `over`, both #rrggbb."""
    pairs = zip(bytes.fromhex(over[1:]), bytes.fromhex(under[1:]), strict=True)
    return "#" + bytes(round(b + (a - b) * share) for a, b in pairs).hex()


def shades(scheme: Mapping[str, str]) -> list[str]:
    """The backgrounds of heat map cells, from nothing to most."""
    return [blend(scheme["heat"], scheme["paper"], step / (SHADES - 1)) for step in range(SHADES)]


def style_sheet() -> str:
    """The style sheet of every page; charts print in light colours."""
    shared = [f".c{i}{{color:var(--c{i})}}.d{i}{{stroke-dasharray:{DASHES[i]}}}" for i in range(SERIES)]
    shared += [f".h{i}{{background:var(--h{i})}}" for i in range(SHADES)]
    light = f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    return "\n".join([light, dark, SHEET.strip(), *shared]) + "\n"


def _variables(scheme: Mapping[str, str]) -> str:
    named = {**scheme, **{f"h{i}": colour for i, colour in enumerate(shades(scheme))}}
    return "".join(f"--{name}:{colour};" for name, colour in named.items())
