"""A small export like YOLO-World's: random features of an image, compared with vectors of texts."""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import helper, numpy_helper
from tests.checkpoints import clip
from tests.onnx_files import info, write_file

__all__ = ["export", "make"]

WIDTH = 16
"""Numbers of a text's vector, those of the small CLIP."""
TEXTS = 3
SIDE, STRIDE = 64, 16
CELLS = (SIDE // STRIDE) ** 2


def export(path: Path) -> Path:
    """Two inputs, images (n, 3, 64, 64) and txt_feats (n, 3, 16); one output (n, 4 + 3, 16 cells). Each cell has a box of
    32 x 24 about its middle, and scores that are the likeness of its features and each text.
    """
    rng = np.random.default_rng(5)
    filters = rng.normal(0, 0.2, (WIDTH, 3, STRIDE, STRIDE)).astype(np.float32)
    y, x = np.mgrid[0:SIDE:STRIDE, 0:SIDE:STRIDE] + STRIDE / 2
    size = np.ones(CELLS)
    boxes = np.stack([x.ravel(), y.ravel(), 32 * size, 24 * size])[None].astype(np.float32)
    constants = {"filters": filters, "flat": np.array([0, WIDTH, CELLS]), "boxes": boxes, "nought": np.float32(0)}
    nodes = [
        helper.make_node("Conv", ["images", "filters"], ["features"], strides=[STRIDE, STRIDE]),
        helper.make_node("Reshape", ["features", "flat"], ["cells"]),
        helper.make_node("MatMul", ["txt_feats", "cells"], ["likeness"]),
        helper.make_node("Sigmoid", ["likeness"], ["scores"]),
        # the same boxes for every image of the batch
        helper.make_node("ReduceMean", ["scores"], ["one"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["one", "nought"], ["none"]),
        helper.make_node("Add", ["none", "boxes"], ["placed"]),
        helper.make_node("Concat", ["placed", "scores"], ["output0"], axis=1),
    ]
    held = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))
        for name, value in constants.items()
    ]
    inputs = [info("images", np.float32, ("n", 3, SIDE, SIDE)), info("txt_feats", np.float32, ("n", TEXTS, WIDTH))]
    return write_file(path, [*held, *nodes], inputs, [info("output0", np.float32, ("n", 4 + TEXTS, CELLS))])


def make(folder: Path, name: str) -> dict[str, Any]:
    """The export, and beside it a small CLIP that reads the texts."""
    del name
    clip.make(folder / "text_encoder", "clip-vit-base-patch32-embed")
    return {"weights": export(folder / "yolo-world.onnx")}
