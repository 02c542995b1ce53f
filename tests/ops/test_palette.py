import itertools
from typing import get_args

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.ops.palette import PaletteName, class_color, palette, text_color


def test_the_first_21_classes_differ_and_then_it_starts_again() -> None:
    colors = [class_color(i) for i in range(21)]
    assert min(sum(abs(p - q) for p, q in zip(a, b, strict=True)) for a, b in itertools.combinations(colors, 2)) > 40
    assert class_color(21) == class_color(0)
    assert all(0 <= v <= 255 for color in colors for v in color)


@pytest.mark.parametrize("class_id", range(21))
def test_text_can_be_read_on_every_color(class_id: int) -> None:
    def luminance(color: tuple[int, int, int]) -> float:
        parts = [((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10 else v / 3294.6 for v in color]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted(luminance(c) for c in (class_color(class_id), text_color(class_color(class_id))))
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("name", get_args(PaletteName))
@pytest.mark.parametrize("size", [1, 4, 10, 25])
def test_palettes_are_those_of_supervision(name: PaletteName, size: int) -> None:
    sv = pytest.importorskip("supervision")
    pytest.importorskip("matplotlib")
    plain = name.removeprefix("Matplotlib ")
    if name == "CUSTOM":
        assert palette(name, size, ((1, 2, 3),)) == ((1, 2, 3),)
        return
    if plain == name:
        known = getattr(sv.ColorPalette, name)
    else:
        brewed = plain[:-1] in ("Pastel", "Dark", "Set") or plain in ("Paired", "Accent")
        known = sv.ColorPalette.from_matplotlib(plain if brewed else plain.lower(), size)
    np.testing.assert_allclose(palette(name, size), [c.as_rgb() for c in known.colors], atol=1)


def test_palettes_without_colors_are_refused() -> None:
    with pytest.raises(InvalidValue, match="CUSTOM needs custom_colors, got none"):
        palette("CUSTOM")
    with pytest.raises(InvalidValue, match=r"palette_size must be within 1\.\.10000, got 0"):
        palette("Matplotlib Tab10", 0)
