from typing import Any

import numpy as np
import pytest
import supervision as sv
from tests.workflows.running import Many, run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.ops.crop import crop, resize
from ocella.types import Detections, Image, Masks, Origin

IMAGE = Image(np.zeros((60, 80, 3), np.uint8), Origin("street"))


def boxes(image: Image, *rows: tuple[float, ...], names: tuple[str, ...] = ("a", "b")) -> Detections:
    """Rows of x1, y1, x2, y2, confidence, class."""
    table = np.array(rows).reshape(len(rows), 6)
    return Detections(table[:, :4], table[:, 4], table[:, 5].astype(int), names).on(image)


def stitch(slices: list[Detections], image: Image = IMAGE, **fields: Any) -> Detections:
    values = {"reference_image": image, "predictions": Many(slices)}
    found: Detections = run_step("detections_stitch", values, **fields)["predictions"]
    return found


def test_objects_of_slices_lie_where_they_are_on_the_image() -> None:
    left, right = crop(IMAGE, [(0, 0, 40, 60), (30, 10, 80, 60)])
    found = stitch([boxes(left, (1, 2, 11, 12, 0.9, 0)), boxes(right, (20, 5, 30, 15, 0.8, 1))])
    assert found.xyxy.tolist() == [[1, 2, 11, 12], [50, 15, 60, 25]]
    assert found.names == ["a", "b"]
    assert (found.origin, found.size_hw) == (IMAGE.origin, IMAGE.size_hw)


def test_crops_of_crops_and_enlarged_ones() -> None:
    (outer,) = crop(IMAGE, [(20, 10, 60, 50)])
    (inner,) = crop(outer, [(5, 6, 25, 26)])
    twice = resize(inner, (40, 40))
    found = boxes(twice, (2, 4, 12, 14, 0.5, 0))
    # an enlarged pixel is half a pixel of the inner crop, which begins at 25, 16 of the image and 5, 6 of the outer crop
    assert stitch([found]).xyxy.tolist() == [[26, 18, 31, 23]]
    assert stitch([found], outer).xyxy.tolist() == [[6, 8, 11, 13]]


def test_masks_move_too() -> None:
    (part,) = crop(IMAGE, [(10, 20, 30, 40)])
    dense = np.zeros((1, 20, 20), bool)
    dense[0, 3:5, 6:9] = True
    found = stitch([boxes(part, (6, 3, 9, 5, 0.5, 0)).replace(masks=Masks.from_dense(dense))])
    expected = np.zeros((60, 80), bool)
    expected[23:25, 16:19] = True
    assert found.masks is not None
    assert np.array_equal(found.masks.dense()[0], expected)


def crowd(*, masks: bool) -> Detections:
    random = np.random.default_rng(5)
    corner = random.uniform(0, 40, (15, 2))
    once = np.floor(np.concatenate([corner, corner + random.uniform(8, 20, (15, 2))], axis=1))
    xyxy = np.concatenate([once, once + random.integers(0, 3, (15, 4))])
    dense = np.zeros((30, 60, 80), bool)
    for mask, (x1, y1, x2, y2) in zip(dense, xyxy.astype(int), strict=True):
        mask[y1:y2, x1:x2] = True
    confidence = random.permutation(np.linspace(0.1, 0.9, 30))
    found = Detections(xyxy, confidence, np.tile(random.integers(0, 2, 15), 2), ("a", "b")).on(IMAGE)
    return found.replace(masks=Masks.from_dense(dense)) if masks else found


@pytest.mark.parametrize("masks", [False, True], ids=["boxes", "masks"])
@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.6])
def test_suppression_is_that_of_supervision(masks: bool, threshold: float) -> None:  # noqa: FBT001
    found = crowd(masks=masks)
    expected = found.to_supervision().with_nms(threshold=threshold)
    ours = stitch([found], iou_threshold=threshold)
    assert ours.xyxy.tolist() == expected.xyxy.tolist()
    assert ours.confidence.tolist() == expected.confidence.tolist()
    assert 3 < len(ours) < 30


@pytest.mark.parametrize("masks", [False, True], ids=["boxes", "masks"])
@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.6])
def test_merging_is_that_of_supervision(masks: bool, threshold: float) -> None:  # noqa: FBT001
    found = crowd(masks=masks)
    expected: sv.Detections = found.to_supervision().with_nmm(threshold=threshold)
    ours = stitch([found], iou_threshold=threshold, overlap_filtering_strategy="nmm")
    assert ours.xyxy.tolist() == expected.xyxy.tolist()
    assert np.allclose(ours.confidence, np.asarray(expected.confidence), atol=1e-6)
    assert ours.class_id.tolist() == np.asarray(expected.class_id).tolist()
    if masks:
        assert ours.masks is not None
        assert np.array_equal(ours.masks.dense(), np.asarray(expected.mask))


def test_none_keeps_all_and_different_classes_meet_by_name() -> None:
    left = boxes(IMAGE, (0, 0, 9, 9, 0.5, 0), names=("a", "b"))
    right = boxes(IMAGE, (0, 0, 9, 9, 0.5, 0), (0, 0, 9, 9, 0.4, 1), names=("b", "c"))
    found = stitch([left, right], overlap_filtering_strategy="none")
    assert found.names == ["a", "b", "c"]
    assert found.classes == ("a", "b", "c")
    assert len(stitch([left, right])) == 3


@pytest.mark.parametrize("slices", [[], [boxes(IMAGE)], [Detections.empty(("a", "b"))]])
@pytest.mark.parametrize("strategy", ["none", "nms", "nmm"])
def test_nothing_found_is_nothing_on_the_image(slices: list[Detections], strategy: str) -> None:
    found = stitch(slices, overlap_filtering_strategy=strategy)
    assert len(found) == 0
    assert (found.origin, found.size_hw) == (IMAGE.origin, IMAGE.size_hw)
    assert found.classes == (("a", "b") if slices else ())


def test_objects_that_do_not_know_their_slice_are_refused() -> None:
    lost = boxes(IMAGE, (0, 0, 9, 9, 0.5, 0)).replace(origin=None)
    with pytest.raises(InvalidValue, match="know which part of the image"):
        stitch([lost])


def test_a_wrong_strategy_is_told() -> None:
    with pytest.raises(InvalidWorkflow, match="overlap_filtering_strategy"):
        stitch([], overlap_filtering_strategy="soft")
