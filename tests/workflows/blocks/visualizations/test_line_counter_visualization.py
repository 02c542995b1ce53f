from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, SIZE, supervision
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow

LINE = [[110, 60], [200, 150]]


def made(zone: Any = LINE, **fields: Any) -> np.ndarray:
    return np.asarray(run_step("line_counter_visualization", {"image": IMAGE}, zone=zone, **fields)["image"].pixels)


def test_the_line_and_the_counts_at_its_start() -> None:
    sv = supervision()
    where = np.zeros(SIZE, np.uint8)
    cv2.line(where, LINE[0], LINE[1], 1, 4)
    mixed = np.rint(IMAGE.pixels * 0.5 + np.array([0, 0, 255]) * 0.5).astype(np.uint8)
    scene = np.where(where[..., None] > 0, mixed, IMAGE.pixels)
    expected = sv.draw_text(
        scene.copy(),
        "in: 3, out: 1",
        sv.Point(110, 60),
        text_thickness=2,
        text_scale=0.5,
        text_padding=0,
        background_color=sv.Color.WHITE,
    )
    fields: dict[str, Any] = {"text_scale": 0.5, "text_thickness": 2, "count_in": 3, "count_out": 1}
    drawn = made(color="blue", opacity=0.5, thickness=4, **fields)
    far = (np.abs(drawn.astype(int) - expected.astype(int)) > 1).any(axis=2)
    assert not far[75:].any()
    assert far.sum() < 400  # where letters stand may differ by a pixel
    assert drawn[60, 115:].max() == 255


def test_nonsense() -> None:
    with pytest.raises(InvalidValue, match="zone must be 2 points"):
        made([[1, 2], [3, 4], [5, 6]])
    with pytest.raises(InvalidWorkflow, match="count_in"):
        made(count_in="many")
