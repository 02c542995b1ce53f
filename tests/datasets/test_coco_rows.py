import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.datasets.coco_rows import from_rows, to_rows
from ocella.errors import DatasetError
from ocella.types import Annotation, Detections, Masks, Source, TextLines

SOURCE = Source("model", "m")
CLASSES = ("cat", "dog", "bird")

pixels = st.floats(-5000, 5000, width=32).filter(lambda v: v == 0 or abs(v) > 1e-3)
scores = st.floats(0, 1, width=32)


@given(st.lists(st.tuples(pixels, pixels, pixels, pixels, scores, st.integers(0, 2)), max_size=5))
def test_boxes_and_scores_come_back_bit_by_bit(rows: list[tuple[float, float, float, float, float, int]]) -> None:
    corners = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d, _, _ in rows]
    value = Detections(
        np.array(corners, np.float32).reshape(-1, 4),
        np.array([r[4] for r in rows], np.float32),
        np.array([r[5] for r in rows], np.int64),
        CLASSES,
    )
    written = json.loads(json.dumps(list(to_rows(Annotation(value, SOURCE)))))
    assert from_rows(written, SOURCE, CLASSES, None, "detect").value == value


def test_ids_count_from_one_and_areas_are_those_of_masks() -> None:
    dense = np.zeros((1, 4, 4), bool)
    dense[0, :2, :2] = True
    box = np.array([[0, 0, 4, 4]], np.float32)
    value = Detections(box, np.ones(1, np.float32), np.array([2]), CLASSES, Masks.from_dense(dense))
    (row,) = to_rows(Annotation(value, SOURCE))
    assert row["category_id"] == 3
    assert row["area"] == 4
    assert row["segmentation"] == {"size": [4, 4], "counts": [0, 2, 2, 2, 10]}


@pytest.mark.parametrize(("task", "kind"), [("detect", Detections), ("ocr", TextLines)])
def test_no_rows_mean_nothing_there(task: str, kind: type) -> None:
    value = from_rows([], SOURCE, CLASSES, None, task).value
    assert isinstance(value, kind)
    assert len(value) == 0  # type: ignore[arg-type]  # both kinds have rows


def test_rows_of_plain_coco_count_as_accepted_and_certain() -> None:
    label = from_rows([{"bbox": [1, 2, 3, 4], "category_id": 1}], SOURCE, CLASSES, None, "detect")
    assert label.state == ("accepted",)
    assert isinstance(label.value, Detections)
    assert label.value.xyxy.tolist() == [[1, 2, 4, 6]]
    assert label.value.confidence.tolist() == [1]


def test_a_row_without_a_box_is_refused() -> None:
    with pytest.raises(DatasetError, match="bbox"):
        from_rows([{"category_id": 1}], SOURCE, CLASSES, None, "detect")
