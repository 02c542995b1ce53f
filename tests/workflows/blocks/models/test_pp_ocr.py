"""Text that OpenCV draws, read by PP-OCR on its real weights."""

import cv2
import numpy as np
import pytest
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

pytest.importorskip("rapidocr")


def page(*lines: tuple[str, int, int]) -> Image:
    """Dark words on white: text, left, baseline."""
    pixels = np.full((200, 240, 3), 255, np.uint8)
    for text, x, y in lines:
        cv2.putText(pixels, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 20), 3, cv2.LINE_AA)
    return Image(pixels)


def test_lines_in_reading_order_and_where_they_are() -> None:
    found = run_step("pp_ocr", {"images": page(("HELLO", 20, 60), ("GATE 42", 40, 140))}, services())
    assert found["result"] == "HELLO GATE 42"
    assert found["prediction_type"] == "ocr"
    objects = found["predictions"]
    assert objects.names == ["HELLO", "GATE 42"]
    assert (objects.confidence > 0.8).all()
    assert objects.size_hw == (200, 240)
    assert len(set(objects.data["detection_id"].tolist())) == 2
    sizes = [cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 3)[0] for text in ("HELLO", "GATE 42")]
    drawn = [
        [*at, at[0] + width, at[1] + high]
        for at, (width, high) in zip([(20, 60 - 26), (40, 140 - 26)], sizes, strict=True)
    ]
    np.testing.assert_allclose(objects.xyxy, drawn, atol=12)


def test_an_empty_page() -> None:
    found = run_step("roboflow_core/pp_ocr@v1", {"images": page()}, services(), text_detection="tiny")
    assert (found["result"], len(found["predictions"])) == ("", 0)


@pytest.mark.parametrize("field", ["text_detection", "text_recognition"])
def test_both_parts_are_needed(field: str) -> None:
    with pytest.raises(InvalidWorkflow, match=field):
        run_step("pp_ocr", {"images": page()}, services(), **{field: "none"})
