from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Image
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import run_workflow


def plain(level: int, size_hw: tuple[int, int] = (10, 20)) -> Image:
    return Image(np.full((*size_hw, 3), level, np.uint8))


def grid(images: list[Image | None] | None, **fields: Any) -> np.ndarray:
    return np.asarray(run_step("grid_visualization", {"images": images}, **fields)["image"].pixels)


def test_images_row_by_row_as_large_as_their_cells_allow() -> None:
    made = grid([plain(10), plain(20, (20, 10)), plain(30)], width=80, height=80)
    expected = np.zeros((80, 80), np.uint8)
    expected[10:30, :40] = 10
    expected[:40, 50:70] = 20
    expected[50:70, :40] = 30
    assert (made[..., 0] == expected).all()


def test_missing_images_leave_their_cells_black() -> None:
    made = grid([None, plain(20)], width=40, height=10)
    assert made[:5, 25, 0].tolist() == [20] * 5
    assert not made[:, :20].any()
    assert grid([]).shape == (1440, 2560, 3)
    assert not grid(None, width=30, height=20).any()


def test_a_list_of_images_of_several_steps() -> None:
    images = [{"type": "WorkflowImage", "name": name} for name in "ab"]
    step = {"type": "roboflow_core/grid_visualization@v1", "name": "grid", "images": ["$inputs.a", "$inputs.b"]}
    definition = {
        "inputs": images,
        "steps": [{**step, "width": 40, "height": 40}],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.grid.image"}],
    }
    result = run_workflow(compile_workflow(definition), {"a": plain(50), "b": plain(70)})
    made = result[0]["image"].pixels
    assert (made[10, 5, 0], made[10, 35, 0], made[30, 5, 0]) == (50, 70, 0)


def test_nonsense() -> None:
    with pytest.raises(InvalidValue, match="takes images, got int"):
        grid([3])  # type: ignore[list-item]  # no image
    with pytest.raises(InvalidWorkflow, match="width"):
        grid([], width=0)
