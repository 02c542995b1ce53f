from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import CLASSES, IMAGE, supervision
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Classification

ONE = Classification(np.array([0.2, 0.7, 0.1]), CLASSES)
MANY = Classification(np.array([0.5, 0.3, 0.9]), CLASSES, multi_label=True)
SMALL: dict[str, Any] = {"text_scale": 0.4, "text_padding": 2}
APART = 20 * 0.4 + 2 * 2 + 2 + 5


def made(value: Classification, **fields: Any) -> np.ndarray:
    values = {"image": IMAGE, "predictions": value}
    return np.asarray(run_step("classification_label_visualization", values, **{**SMALL, **fields})["image"].pixels)


def expected(rows: list[tuple[float, float, str, int]], position: str) -> np.ndarray:
    """Labels of supervision at points (x, y)."""
    sv = supervision()
    found = sv.Detections(
        np.array([[x, y, x, y] for x, y, _, _ in rows], np.float32), class_id=np.array([i for *_, i in rows])
    )
    annotator = sv.LabelAnnotator(text_position=sv.Position[position], text_scale=0.4, text_padding=2)
    scene = np.ascontiguousarray(IMAGE.pixels[..., ::-1])
    return np.asarray(annotator.annotate(scene, found, [text for _, _, text, _ in rows]))[..., ::-1]


def test_the_best_class_of_several() -> None:
    assert (made(ONE) == expected([(0, APART, "dog", 1)], "TOP_LEFT")).all()
    both = expected([(0, APART, "dog 0.70", 1)], "TOP_LEFT")
    assert (made(ONE, text="Class and Confidence") == both).all()
    assert (made(ONE, text="Confidence") == expected([(0, APART, "0.70", 1)], "TOP_LEFT")).all()


@pytest.mark.parametrize(
    ("position", "rows", "side"),
    [
        ("TOP_RIGHT", [(220, APART, "bird", 2), (220, 2 * APART, "cat", 0)], "TOP_RIGHT"),
        ("TOP_CENTER", [(110, APART, "bird", 2), (110, 2 * APART, "cat", 0)], "TOP_CENTER"),
        ("BOTTOM_LEFT", [(0, 160 - 2 * APART, "bird", 2), (0, 160 - APART, "cat", 0)], "BOTTOM_LEFT"),
        ("CENTER", [(110, 80 - APART / 2, "bird", 2), (110, 80 + APART / 2, "cat", 0)], "CENTER"),
        ("CENTER_LEFT", [(0, 80 - APART / 2, "bird", 2), (0, 80 + APART / 2, "cat", 0)], "CENTER_RIGHT"),
        ("CENTER_RIGHT", [(220, 80 - APART / 2, "bird", 2), (220, 80 + APART / 2, "cat", 0)], "CENTER_LEFT"),
    ],
)
def test_all_likely_classes_of_a_model_with_several(
    position: str, rows: list[tuple[float, float, str, int]], side: str
) -> None:
    assert (made(MANY, text_position=position) == expected(rows, side)).all()


def test_nothing_and_nonsense() -> None:
    for value in (
        Classification(np.zeros(0, np.float32), ()),
        Classification(np.array([0.4, 0.1, 0]), CLASSES, multi_label=True),
    ):
        assert (made(value) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="text"):
        made(ONE, text="Index")
