import itertools

import pytest

from ocella.ops.palette import class_color, text_color


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
