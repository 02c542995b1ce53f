"""The starter networks run in ONNX Runtime with the shapes they state, alone and in batches."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

import ocella_starter

Array = npt.NDArray[Any]
RANDOM = np.random.default_rng(7)


@lru_cache
def session(name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(ocella_starter.path(name), options, providers=["CPUExecutionProvider"])


def run(name: str, images: Array) -> dict[str, Array]:
    outputs = [output.name for output in session(name).get_outputs()]
    return dict(zip(outputs, session(name).run(outputs, {"images": images}), strict=True))


def normal(*shape: int) -> Array:
    return RANDOM.normal(size=shape).astype(np.float32)


SHAPES = [
    ("nanodet-g", normal(1, 3, 416, 416), {"scores": (1, 3549, 80), "distances": (1, 3549, 44)}),
    ("nanodet-g", normal(2, 3, 320, 224), {"scores": (2, 1470, 80), "distances": (2, 1470, 44)}),
    ("efficientnet-lite0", normal(1, 3, 224, 224), {"features": (1, 1280), "logits": (1, 1000)}),
    ("efficientnet-lite0", normal(3, 3, 160, 192), {"features": (3, 1280), "logits": (3, 1000)}),
    ("movenet-multipose", RANDOM.integers(0, 256, (1, 256, 256, 3), np.int32), {"poses": (1, 6, 56)}),
    ("movenet-multipose", RANDOM.integers(0, 256, (1, 192, 256, 3), np.int32), {"poses": (1, 6, 56)}),
    ("person-segmentation", RANDOM.random((1, 3, 256, 256), np.float32), {"mask": (1, 1, 256, 256)}),
    ("person-segmentation", RANDOM.random((2, 3, 256, 256), np.float32), {"mask": (2, 1, 256, 256)}),
]


@pytest.mark.parametrize(("name", "images", "shapes"), SHAPES)
def test_shapes_are_as_documented(name: str, images: Array, shapes: dict[str, tuple[int, ...]]) -> None:
    outputs = run(name, images)
    assert {key: value.shape for key, value in outputs.items()} == shapes
    assert all(value.dtype == np.float32 and np.isfinite(value).all() for value in outputs.values())


@pytest.mark.parametrize(
    ("name", "key"), [("nanodet-g", "scores"), ("person-segmentation", "mask"), ("movenet-multipose", "poses")]
)
def test_probabilities_are_between_0_and_1(name: str, key: str) -> None:
    images = next(images for model, images, _ in SHAPES if model == name)
    values = run(name, images)[key]
    values = values[..., 2:51:3] if key == "poses" else values
    assert values.min() >= 0
    assert values.max() <= 1


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("nanodet-g", (3, 3, 96, 128)),
        ("efficientnet-lite0", (3, 3, 96, 128)),
        ("person-segmentation", (3, 3, 256, 256)),
    ],
)
def test_a_batch_gives_the_same_as_its_images_alone(name: str, shape: tuple[int, ...]) -> None:
    images = normal(*shape)
    together = run(name, images)
    for index in range(len(images)):
        alone = run(name, images[index : index + 1])
        for key, values in alone.items():
            np.testing.assert_allclose(values[0], together[key][index], rtol=1e-4, atol=1e-5)


def test_detector_cells_of_the_finest_stride_come_first_row_by_row() -> None:
    """A patch moved by 64 rows and 96 columns moves the response by 8 rows and 12 columns of stride 8."""
    patch = normal(3, 32, 32)
    dark = np.zeros((1, 3, 256, 320), np.float32)
    canvases = [dark.copy(), dark.copy()]
    canvases[0][0, :, 64:96, 96:128] = patch
    canvases[1][0, :, 128:160, 192:224] = patch
    nothing = run("nanodet-g", dark)["distances"]
    before, after = (
        np.abs(run("nanodet-g", canvas)["distances"] - nothing).sum(axis=2)[0, : 32 * 40].reshape(32, 40)
        for canvas in canvases
    )
    assert np.corrcoef(before[:-8, :-12].ravel(), after[8:, 12:].ravel())[0, 1] > 0.9
    assert np.corrcoef(before[:-12, :-8].ravel(), after[12:, 8:].ravel())[0, 1] < 0.5


def test_detector_upsamples_and_downsamples_by_two_at_any_size() -> None:
    sizes = [(32, 32), (64, 416), (416, 640)]
    cells = [run("nanodet-g", normal(1, 3, *size))["scores"].shape[1] for size in sizes]
    assert cells == [sum(h // s * (w // s) for s in (8, 16, 32)) for h, w in sizes]
