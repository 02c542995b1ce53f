"""Every colour of text can be read on every background it may stand on, in both schemes."""

import re

import pytest

from ocella.reports.style import DARK, DASHES, LIGHT, SERIES, blend, shades, style_sheet

SCHEMES = {"light": LIGHT, "dark": DARK}
TEXTS = ["ink", "muted", "accent", "good", "warning", "bad", *(f"c{i}" for i in range(SERIES))]


def luminance(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("under", ["paper", "surface"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_stands_out(scheme: str, under: str, text: str) -> None:
    assert contrast(SCHEMES[scheme][text], SCHEMES[scheme][under]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_numbers_stand_out_on_every_shade(scheme: str) -> None:
    assert min(contrast(SCHEMES[scheme]["ink"], shade) for shade in shades(SCHEMES[scheme])) >= 4.5
    assert contrast(SCHEMES[scheme]["muted"], shades(SCHEMES[scheme])[0]) >= 4.5


def test_shades_run_from_the_paper_to_the_heat() -> None:
    assert (shades(LIGHT)[0], shades(LIGHT)[-1]) == (LIGHT["paper"], LIGHT["heat"])
    assert blend("#ffffff", "#000000", 0.5) == "#808080"


def test_schemes_name_the_same_colours_and_every_series_has_its_own_dashes() -> None:
    assert set(LIGHT) == set(DARK)
    assert len(set(DASHES)) == SERIES
    assert len({LIGHT[f"c{i}"] for i in range(SERIES)}) == len({DARK[f"c{i}"] for i in range(SERIES)}) == SERIES


def test_sheet_uses_only_colours_it_defines_and_fetches_nothing() -> None:
    sheet = style_sheet()
    defined = set(re.findall(r"--([a-z0-9]+):", sheet))
    assert set(re.findall(r"var\(--([a-z0-9]+)\)", sheet)) <= defined
    assert not re.search(r"url\(|@import|https?:", sheet)
    assert sheet.count("{") == sheet.count("}")
