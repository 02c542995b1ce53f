import math
from typing import Any

import pytest

from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.mask_iou import mask_iou
from ocella.types import SegmentationMap


def class_map(class_id: Any, classes: tuple[str, ...]) -> SegmentationMap:
    return SegmentationMap(class_id, classes)


NAMES = ("sky", "road", "car")
TRUTH = class_map([[0, 0, 1, 1], [0, 0, 1, -1]], NAMES)


@pytest.mark.parametrize(
    ("found", "sky", "road", "correct"),
    [
        ([[0, 0, 1, 1], [0, 0, 1, 0]], 1, 1, 1),
        ([[0, 0, 1, 1], [0, 1, 1, 1]], 3 / 4, 3 / 4, 6 / 7),
        ([[0, 0, 1, 1], [0, 0, -1, -1]], 1, 2 / 3, 6 / 7),
    ],
)
def test_shares(found: list[list[int]], sky: float, road: float, correct: float) -> None:
    result = mask_iou([class_map(found, NAMES)], [TRUTH])
    assert result.per_class == pytest.approx({"sky": sky, "road": road, "car": math.nan}, nan_ok=True)
    assert (result.mean, result.correct) == pytest.approx(((sky + road) / 2, correct))
    assert result.to_json()["per_class"]["car"] is None


def test_classes_by_name() -> None:
    turned = class_map([[1, 1, 0, 0], [1, 1, 0, 0]], ("road", "sky"))
    assert mask_iou([turned], [TRUTH]).mean == 1


def test_nothing_labelled() -> None:
    result = mask_iou([class_map([[0]], NAMES)], [class_map([[-1]], NAMES)])
    assert result.to_json() == {"mean": None, "per_class": dict.fromkeys(NAMES), "correct": None}


def test_refusals() -> None:
    with pytest.raises(Mismatch, match=r"\['boat'\]"):
        mask_iou([class_map([[0, 0, 0, 0]] * 2, ("boat",))], [TRUTH])
    with pytest.raises(Mismatch, match="one size"):
        mask_iou([class_map([[0]], NAMES)], [TRUTH])
    with pytest.raises(InvalidValue, match="one an image"):
        mask_iou([], [TRUTH])
