"""The parts of the DETR family: input sizes and preparation as the library's, and what becomes of logits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tests.checkpoints.parts import picture
from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil
from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

from ocella.models.detection.detr_family import Chosen, best_class, best_pairs
from ocella.models.detection.detr_prepare import fitted_hw, prepare_by_pillow, prepare_unblurred

EDGES = {"size": {"shortest_edge": 80, "longest_edge": 120}}


@pytest.mark.parametrize(
    ("size_hw", "settings", "fitted"),
    [
        ((48, 64), EDGES, (80, 106)),
        ((64, 48), EDGES, (106, 80)),
        ((80, 100), EDGES, (80, 100)),
        ((50, 300), EDGES, (20, 120)),
        ((1, 300), EDGES, (1, 120)),
        ((300, 1), EDGES, (120, 1)),
        ((1, 1), EDGES, (80, 80)),
        ((50, 300), {"size": 80, "max_size": 120}, (20, 120)),
        ((480, 640), {"size": 800}, (800, 1066)),
        ((48, 64), {"size": {"height": 32, "width": 40}}, (32, 40)),
        ((100, 300), {"size": {"max_height": 60, "max_width": 60}}, (20, 60)),
        ((1, 300), {"size": {"max_height": 60, "max_width": 60}}, (1, 60)),
    ],
)
def test_input_sizes(size_hw: tuple[int, int], settings: dict[str, Any], fitted: tuple[int, int]) -> None:
    assert fitted_hw(size_hw, settings) == fitted


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 90), (33, 301), (7, 5)])
@pytest.mark.parametrize(
    ("library", "settings"),
    [
        (DetrImageProcessorPil, EDGES),
        (DetrImageProcessorPil, {"size": {"height": 64, "width": 40}}),
        (DetrImageProcessorPil, {"size": {"height": 32, "width": 32}, "resample": 3, "image_mean": [0.5, 0.4, 0.3]}),
        (RTDetrImageProcessorPil, {"size": {"height": 64, "width": 64}, "do_normalize": False}),
    ],
)
def test_preparation_by_pillow_is_the_librarys(
    library: Callable[..., Any], settings: dict[str, Any], size_hw: tuple[int, int]
) -> None:
    image = picture(*size_hw)
    theirs = library(**settings)(image.pixels, return_tensors="np")["pixel_values"][0]
    np.testing.assert_allclose(prepare_by_pillow(image.pixels, settings), theirs, atol=1e-5)


def test_unblurred_preparation_takes_the_nearest_four() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels[0, 1] = pixels[1, 0] = 255
    settings = {"size": {"height": 1, "width": 1}, "do_normalize": False}
    np.testing.assert_allclose(prepare_unblurred(pixels, settings), np.full((3, 1, 1), 0.5), atol=1e-6)
    stripes = np.zeros((1, 64, 3), np.uint8)
    stripes[:, ::8] = 255
    wide = {"size": {"height": 1, "width": 8}, "do_normalize": False}
    assert prepare_unblurred(stripes, wide).max() == 0, "what lies between samples is not averaged in"
    assert prepare_by_pillow(stripes, wide).max() > 0.05


LOGITS = np.random.default_rng(4).normal(0, 3, (9, 5)).astype(np.float32)
COLUMNS = np.array([0, 2, 3])


def test_classes_compete_with_each_other_and_with_nothing() -> None:
    chosen = best_class(LOGITS, COLUMNS)
    shares = torch.from_numpy(LOGITS).softmax(-1).numpy()[:, COLUMNS]
    np.testing.assert_allclose(chosen.confidence, shares.max(axis=1), atol=1e-6)
    assert chosen.class_id.tolist() == shares.argmax(axis=1).tolist()
    assert chosen.query.tolist() == list(range(9))


def test_pairs_are_the_best_of_the_columns_asked_for() -> None:
    chosen = best_pairs(LOGITS, COLUMNS)
    scores = torch.from_numpy(LOGITS[:, COLUMNS]).sigmoid()
    best, place = scores.flatten().topk(9)
    np.testing.assert_allclose(chosen.confidence, best.numpy(), atol=1e-6)
    assert (chosen.query * 3 + chosen.class_id).tolist() == place.tolist()


@pytest.mark.parametrize("choose", [best_class, best_pairs])
@pytest.mark.parametrize("large", [1e4, -1e4])
def test_extreme_logits_stay_confidences(choose: Callable[[Any, Any], Chosen], large: float) -> None:
    confidence = choose(np.full((3, 5), large, np.float32), COLUMNS).confidence
    assert ((confidence >= 0) & (confidence <= 1)).all()
