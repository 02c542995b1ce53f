"""A small export like YOLO-pose's: random boxes and points of every cell."""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import helper, numpy_helper
from tests.onnx_files import info, write_file

__all__ = ["make"]

SIDE, STRIDE = 64, 16
CELLS = (SIDE // STRIDE) ** 2
COLUMNS = 56


def make(folder: Path, name: str) -> dict[str, Any]:
    """Each cell's box of 32 x 24 about its middle, a score, and 17 points about the middle, all moved by the image."""
    del name
    rng = np.random.default_rng(9)
    filters = rng.normal(0, 0.02, (COLUMNS, 3, STRIDE, STRIDE)).astype(np.float32)
    gain, shift = np.zeros((1, COLUMNS, CELLS), np.float32), np.zeros((1, COLUMNS, CELLS), np.float32)
    y, x = np.mgrid[0:SIDE:STRIDE, 0:SIDE:STRIDE] + STRIDE / 2
    # after the sigmoid all is 0..1: centres and points move by 8 pixels, sizes stay, the rest are confidences
    for column, middle in ((0, x.ravel()), (1, y.ravel())):
        gain[0, column], shift[0, column] = 8, middle - 4
        gain[0, 5 + column :: 3], shift[0, 5 + column :: 3] = 8, middle - 4
    shift[0, 2], shift[0, 3] = 32, 24
    gain[0, 4] = gain[0, 7::3] = 1
    constants = {"filters": filters, "flat": np.array([0, COLUMNS, CELLS]), "gain": gain, "shift": shift}
    nodes = [
        helper.make_node("Constant", [], [key], value=numpy_helper.from_array(np.asarray(value)))
        for key, value in constants.items()
    ]
    nodes += [
        helper.make_node("Conv", ["images", "filters"], ["features"], strides=[STRIDE, STRIDE]),
        helper.make_node("Reshape", ["features", "flat"], ["cells"]),
        helper.make_node("Sigmoid", ["cells"], ["parts"]),
        helper.make_node("Mul", ["parts", "gain"], ["wide"]),
        helper.make_node("Add", ["wide", "shift"], ["output0"]),
    ]
    file = write_file(
        folder / "yolo-pose.onnx",
        nodes,
        [info("images", np.float32, ("n", 3, SIDE, SIDE))],
        [info("output0", np.float32, ("n", COLUMNS, CELLS))],
        {"names": "{0: 'person'}", "task": "pose", "kpt_shape": "[17, 3]"},
    )
    return {"weights": file}
