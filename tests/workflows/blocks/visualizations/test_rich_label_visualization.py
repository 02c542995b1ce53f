import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, SIZE, boxes, drawn

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image
from ocella.workflows.blocks.visualizations import rich_label_visualization

BLACK = Image(np.zeros((*SIZE, 3), np.uint8))
BOX = boxes([[20, 100, 120, 140]], 0, ("Grüße",))


def plate(classes: str, found: Detections = BOX, **fields: Any) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what was drawn on black."""
    made = drawn("rich_label", found.replace(classes=(classes,)), BLACK, **fields)
    ys, xs = np.nonzero(made.any(axis=2))
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def test_the_plate_fits_the_text_as_opencv_measures_it() -> None:
    wide = cv2.getTextSize((0, 0), "Grüße", (0, 0), cv2.FontFace("sans"), 20, 400)[2]
    assert plate("Grüße", font_size=20, text_padding=4) == (20, 100 - 28, 20 + wide + 8, 100)
    assert plate("Grüße", font_size=20, text_padding=4, text_position="BOTTOM_LEFT")[1] == 140


def test_letters_have_the_color() -> None:
    made = drawn(
        "rich_label", BOX, BLACK, text_color="#00ff00", color_palette="CUSTOM", custom_colors=["#000001"], font_size=30
    )
    assert (made == [0, 255, 0]).all(axis=2).sum() > 20
    assert not (made[..., 0] > 0).any()


def test_long_lines_are_broken() -> None:
    left, top, right, bottom = plate("one two three", font_size=20, text_padding=4, max_line_length=7)
    assert bottom - top == 2 * 20 + 3 * 4
    assert right - left < plate("one two three", font_size=20, text_padding=4)[2] - left


def test_automatic_size() -> None:
    large = Image(np.zeros((540, 960, 3), np.uint8))
    small = drawn("rich_label", image=large, font_size=40, text_size_mode="Automatic")
    assert (small == drawn("rich_label", image=large, font_size=20)).all()
    assert (drawn("rich_label", text_size_mode="Automatic") == drawn("rich_label", font_size=8)).all()


def test_an_installed_font_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = pytest.importorskip("matplotlib").get_data_path() + "/fonts/ttf/DejaVuSansMono.ttf"
    plain = drawn("rich_label", BOX, BLACK, font_family="Fira Code")
    (tmp_path / "fonts").mkdir()
    shutil.copy(font, tmp_path / "fonts" / "FiraCode-Regular.ttf")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    rich_label_visualization._file.cache_clear()
    mono = drawn("rich_label", BOX, BLACK, font_family="fira_code")
    rich_label_visualization._file.cache_clear()
    wide = cv2.getTextSize((0, 0), "Grüße", (0, 0), cv2.FontFace(font), 14, 400)[2]
    assert (mono != plain).any()
    assert mono.any(axis=(0, 2)).sum() == wide + 21


def test_nothing_and_nonsense() -> None:
    assert (drawn("rich_label", Detections.empty()) == IMAGE.pixels).all()
    assert (drawn("rich_label", OBJECTS, font_family="ibm_plex_mono") != IMAGE.pixels).any()
    with pytest.raises(InvalidWorkflow, match="font_family"):
        drawn("rich_label", font_family="Comic Sans")
