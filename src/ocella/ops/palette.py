"""Colours of classes: stable by class_id, told apart by colour-blind people too."""

__all__ = ["class_color", "text_color"]

Color = tuple[int, int, int]

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


def class_color(class_id: int) -> Color:
    """RGB of a class; after each round of seven the same hues come lighter, then darker."""
    hue, turn = _BASE[class_id % len(_BASE)], class_id // len(_BASE) % 3
    return (_shade(hue[0], turn), _shade(hue[1], turn), _shade(hue[2], turn))


def text_color(background: Color) -> Color:
    """Black or white, whichever is read better on `background` (WCAG relative luminance)."""
    parts = [((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10 else v / 255 / 12.92 for v in background]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return (0, 0, 0) if luminance > 0.179 else (255, 255, 255)


def _shade(value: int, turn: int) -> int:
    return (value, round(value + (255 - value) * 0.5), round(value * 0.55))[turn]
