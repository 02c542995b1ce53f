"""Colours of classes, stable by class_id and told apart by colour-blind people too; and palettes by name."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np

from ocella.errors import InvalidValue

__all__ = ["Color", "PaletteName", "class_color", "palette", "text_color"]

Color = tuple[int, int, int]
PaletteName = Literal[
    "DEFAULT",
    "CUSTOM",
    "ROBOFLOW",
    "Matplotlib Viridis",
    "Matplotlib Plasma",
    "Matplotlib Inferno",
    "Matplotlib Magma",
    "Matplotlib Cividis",
    "Matplotlib Pastel1",
    "Matplotlib Pastel2",
    "Matplotlib Paired",
    "Matplotlib Accent",
    "Matplotlib Dark2",
    "Matplotlib Set1",
    "Matplotlib Set2",
    "Matplotlib Set3",
    "Matplotlib Tab10",
    "Matplotlib Tab20",
    "Matplotlib Tab20b",
    "Matplotlib Tab20c",
]

# Okabe and Ito, "Color Universal Design" (2008), without black
_BASE: tuple[Color, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (213, 94, 0),
    (204, 121, 167),
    (0, 114, 178),
)
# the first two as in supervision, the others as in matplotlib: ColorBrewer by Cynthia Brewer, and Tableau
_LISTED = {
    "DEFAULT": "A351FBFF4040FFA1A0FF7633FFB633D1D4354CFB1294CF1A40DE8A1B964000D6C12E9CAA00C4FF3647976675FF0019EF863AFF"
    "530087CD3AFFFF97CAFF39C9",
    "ROBOFLOW": "C28DFCA351FB8315F96706CE5905B34D049A",
    "Pastel1": "fbb4aeb3cde3ccebc5decbe4fed9a6ffffcce5d8bdfddaecf2f2f2",
    "Pastel2": "b3e2cdfdcdaccbd5e8f4cae4e6f5c9fff2aef1e2cccccccc",
    "Paired": "a6cee31f78b4b2df8a33a02cfb9a99e31a1cfdbf6fff7f00cab2d66a3d9affff99b15928",
    "Accent": "7fc97fbeaed4fdc086ffff99386cb0f0027fbf5b16666666",
    "Dark2": "1b9e77d95f027570b3e7298a66a61ee6ab02a6761d666666",
    "Set1": "e41a1c377eb84daf4a984ea3ff7f00ffff33a65628f781bf999999",
    "Set2": "66c2a5fc8d628da0cbe78ac3a6d854ffd92fe5c494b3b3b3",
    "Set3": "8dd3c7ffffb3bebadafb807280b1d3fdb462b3de69fccde5d9d9d9bc80bdccebc5ffed6f",
    "Tab10": "1f77b4ff7f0e2ca02cd627289467bd8c564be377c27f7f7fbcbd2217becf",
    "Tab20": "1f77b4aec7e8ff7f0effbb782ca02c98df8ad62728ff98969467bdc5b0d58c564bc49c94e377c2f7b6d27f7f7fc7c7c7bcbd22dbdb8d"
    "17becf9edae5",
    "Tab20b": "393b795254a36b6ecf9c9ede6379398ca252b5cf6bcedb9c8c6d31bd9e39e7ba52e7cb94843c39ad494ad6616be7969c7b4173a55194"
    "ce6dbdde9ed6",
    "Tab20c": "3182bd6baed69ecae1c6dbefe6550dfd8d3cfdae6bfdd0a231a35474c476a1d99bc7e9c0756bb19e9ac8bcbddcdadaeb636363969696"
    "bdbdbdd9d9d9",
}
_MOST = 10_000


def class_color(class_id: int) -> Color:
    """RGB of a class; after each round of seven the same hues come lighter, then darker."""
    hue, turn = _BASE[class_id % len(_BASE)], class_id // len(_BASE) % 3
    return (_shade(hue[0], turn), _shade(hue[1], turn), _shade(hue[2], turn))


def text_color(background: Color) -> Color:
    """Black or white, whichever is read better on `background` (WCAG relative luminance)."""
    parts = [((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10 else v / 255 / 12.92 for v in background]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return (0, 0, 0) if luminance > 0.179 else (255, 255, 255)


@lru_cache(maxsize=256)
def palette(name: PaletteName, size: int = 10, custom: tuple[Color, ...] = ()) -> Sequence[Color]:
    """Colours of a palette. One of matplotlib is sampled at `size` even steps; CUSTOM are those of `custom`. Raises
    InvalidValue for one without colours.
    """
    if name == "CUSTOM":
        if not custom:
            raise InvalidValue("The palette CUSTOM needs custom_colors, got none. List some, or take DEFAULT.")
        return custom
    plain = name.removeprefix("Matplotlib ")
    if plain == name:
        return _listed(name)
    if not 1 <= size <= _MOST:
        raise InvalidValue(f"palette_size must be within 1..{_MOST}, got {size}.")
    known = _listed(plain) if plain in _LISTED else _gradient(plain)
    steps = np.linspace(0, 1, size) * len(known)
    return tuple(known[min(int(step), len(known) - 1)] for step in steps)


def _listed(name: str) -> tuple[Color, ...]:
    values = bytes.fromhex(_LISTED[name])
    return tuple((values[i], values[i + 1], values[i + 2]) for i in range(0, len(values), 3))


def _gradient(name: str) -> tuple[Color, ...]:
    """The 256 colours of a colour map."""
    import cv2

    ramp = np.arange(256, dtype=np.uint8)[:, None]
    table = np.asarray(cv2.applyColorMap(ramp, getattr(cv2, f"COLORMAP_{name.upper()}")))[:, 0]
    return tuple((r, g, b) for b, g, r in table.tolist())


def _shade(value: int, turn: int) -> int:
    return (value, round(value + (255 - value) * 0.5), round(value * 0.55))[turn]
