from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow

PATH = [[10, 20], [100, 50], [150, 140]]


def made(path: Any, **fields: Any) -> np.ndarray:
    values = {"image": IMAGE}
    return np.asarray(run_step("reference_path_visualization", values, reference_path=path, **fields)["image"].pixels)


def test_the_path_is_what_opencv_draws() -> None:
    expected = IMAGE.pixels.copy()
    cv2.polylines(expected, [np.array(PATH, np.int32)], False, (0x5B, 0xB5, 0x73), 2)
    assert (made(PATH) == expected).all()
    assert (made([(*point, 0.5) for point in PATH]) == expected).all()
    cv2.polylines(expected, [np.array(PATH, np.int32)], False, (255, 255, 255), 5)
    assert (made(PATH, color="WHITE", thickness=5) == expected).all()


def test_nonsense() -> None:
    with pytest.raises(InvalidValue, match="reference_path must be"):
        made([])
    with pytest.raises(InvalidValue, match="reference_path must be"):
        made([["a", "b"]])
    with pytest.raises(InvalidWorkflow, match="thickness"):
        made(PATH, thickness=0)
