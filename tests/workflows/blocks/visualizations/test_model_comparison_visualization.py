from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, boxes
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


def compared(a: Detections, b: Detections, **fields: Any) -> np.ndarray:
    values = {"image": IMAGE, "predictions_a": a, "predictions_b": b}
    return np.asarray(run_step("model_comparison_visualization", values, **fields)["image"].pixels)


def test_four_areas_by_formula() -> None:
    assert OBJECTS.masks is not None
    found = boxes([[60, 60, 110, 90], [-5, -5, 10, 10]])
    a = OBJECTS.masks.dense()[:2].any(axis=0)
    b = np.zeros_like(a)
    b[60:90, 60:110] = b[:10, :10] = True
    colors = np.zeros(IMAGE.pixels.shape)
    colors[a & ~b], colors[b & ~a] = (0, 255, 0), (255, 0, 0)
    colors[a & b] = IMAGE.pixels[a & b]
    expected = IMAGE.pixels * 0.3 + colors * 0.7
    np.testing.assert_allclose(compared(OBJECTS[:2], found), expected, atol=0.51)


def test_nothing_and_nonsense() -> None:
    none = Detections.empty(("a",))
    assert (compared(none, none, opacity=1, background_color="#102030") == [16, 32, 48]).all()
    with pytest.raises(InvalidWorkflow, match="color_a"):
        compared(none, none, color_a="none")
