"""Definitions that use EasyOCR, read by another reader."""

import cv2
import numpy as np
import pytest
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

pytest.importorskip("rapidocr")


def sign(text: str) -> Image:
    pixels = np.full((180, 220, 3), 255, np.uint8)
    cv2.putText(pixels, text, (20, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (0, 0, 90), 3, cv2.LINE_AA)
    return Image(pixels)


def test_english() -> None:
    found = run_step("EasyOCR", {"images": sign("GATE 12")}, services(), language="English", quantize=True)
    assert (found["result"], found["predictions"].names) == ("GATE 12", ["GATE 12"])


def test_nothing_to_read() -> None:
    found = run_step("easy_ocr", {"images": sign("")}, services())
    assert (found["result"], len(found["predictions"]), found["prediction_type"]) == ("", 0, "ocr")


def test_a_language_that_its_reader_does_not_know() -> None:
    with pytest.raises(InvalidWorkflow, match="English or Simplified Chinese"):
        run_step("easy_ocr", {"images": sign("A")}, services(), language="Korean")
