"""A small file like RTMPose's: random features of a crop, as how likely each place is along both axes."""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import helper, numpy_helper
from tests.onnx_files import info, write_file

__all__ = ["make"]

HEIGHT, WIDTH, STRIDE = 64, 48, 16
CELLS = (HEIGHT // STRIDE) * (WIDTH // STRIDE)


def make(folder: Path, name: str) -> dict[str, Any]:
    """input (n, 3, 64, 48); simcc_x (n, 17, 96) and simcc_y (n, 17, 128), two bins a pixel."""
    del name
    rng = np.random.default_rng(2)
    constants = {
        "filters": rng.normal(0, 0.05, (17, 3, STRIDE, STRIDE)).astype(np.float32),
        "flat": np.array([0, 17, CELLS]),
        "across": rng.normal(0, 0.3, (CELLS, 2 * WIDTH)).astype(np.float32),
        "down": rng.normal(0, 0.3, (CELLS, 2 * HEIGHT)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Constant", [], [key], value=numpy_helper.from_array(np.asarray(value)))
        for key, value in constants.items()
    ]
    nodes += [
        helper.make_node("Conv", ["input", "filters"], ["features"], strides=[STRIDE, STRIDE]),
        helper.make_node("Reshape", ["features", "flat"], ["cells"]),
        helper.make_node("MatMul", ["cells", "across"], ["simcc_x"]),
        helper.make_node("MatMul", ["cells", "down"], ["simcc_y"]),
    ]
    file = write_file(
        folder / "end2end.onnx",
        nodes,
        [info("input", np.float32, ("n", 3, HEIGHT, WIDTH))],
        [
            info("simcc_x", np.float32, ("n", 17, 2 * WIDTH)),
            info("simcc_y", np.float32, ("n", 17, 2 * HEIGHT)),
        ],
    )
    return {"weights": file}
