from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, supervision
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image

LOGO = Image(np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8))


def laid(found: Detections | None = None, icon: Image = LOGO, **fields: Any) -> np.ndarray:
    values = {"image": IMAGE, "icon": icon} | ({} if found is None else {"predictions": found})
    return np.asarray(run_step("icon_visualization", values, icon_width=16, icon_height=16, **fields)["image"].pixels)


@pytest.mark.parametrize("position", ["TOP_CENTER", "CENTER", "BOTTOM_RIGHT"])
def test_icons_are_where_supervision_lays_them(position: str, tmp_path: Path) -> None:
    sv = supervision()
    cv2.imwrite(str(tmp_path / "logo.png"), LOGO.pixels[..., ::-1])
    annotator = sv.IconAnnotator((16, 16), sv.Position[position])
    scene = np.ascontiguousarray(IMAGE.pixels[..., ::-1])
    expected = annotator.annotate(scene, OBJECTS.to_supervision(), str(tmp_path / "logo.png"))[..., ::-1]
    assert (laid(OBJECTS, position=position) == expected).all()


@pytest.mark.parametrize(("at", "corner"), [((10, 20), (10, 20)), ((-10, -3), (194, 141))])
def test_one_at_a_fixed_place(at: tuple[int, int], corner: tuple[int, int]) -> None:
    expected = IMAGE.pixels.copy()
    expected[corner[1] : corner[1] + 16, corner[0] : corner[0] + 16] = LOGO.pixels
    assert (laid(mode="static", x_position=at[0], y_position=at[1]) == expected).all()
    assert (laid(mode="static", x_position=5000, y_position=0) == IMAGE.pixels).all()


def test_an_oblong_icon_keeps_its_shape() -> None:
    red = Image(np.full((10, 40, 3), (255, 0, 0), np.uint8))
    made = laid(icon=red, mode="static", x_position=0, y_position=0)
    ys, xs = np.nonzero((made != IMAGE.pixels).any(axis=2))
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (0, 15, 6, 9)


def test_nothing_and_nonsense() -> None:
    assert (laid(Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="objects for mode 'dynamic'"):
        laid()
    with pytest.raises(InvalidWorkflow, match="x_position"):
        laid(mode="static", x_position="left")
