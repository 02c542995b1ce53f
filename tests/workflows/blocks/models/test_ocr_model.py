"""Text that OpenCV draws, read with a reader of one's choice."""

import cv2
import numpy as np
import pytest
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import Mismatch
from ocella.types import Image

LINE = "trocr-small-printed"


def sign(text: str) -> Image:
    pixels = np.full((180, 220, 3), 255, np.uint8)
    cv2.putText(pixels, text, (20, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (0, 0, 90), 3, cv2.LINE_AA)
    return Image(pixels)


def test_a_sign() -> None:
    pytest.importorskip("rapidocr")
    found = run_step("OCRModel", {"images": sign("EXIT 7")}, services(), reader="pp-ocr")
    assert (found["result"], found["predictions"].names) == ("EXIT 7", ["EXIT 7"])


def test_a_reader_of_single_lines() -> None:
    image = sign("EXIT 7")
    found = run_step("ocr_model", {"images": image}, services(LINE, "trocr"), reader=LINE)
    (wanted,) = by_hand(LINE, "trocr").predict([image])
    assert found["result"] == " ".join(wanted.texts)
    assert found["predictions"].names == list(wanted.texts)


def test_a_model_that_does_not_read() -> None:
    with pytest.raises(Mismatch, match="takes models for 'ocr'"):
        run_step("ocr_model", {"images": sign("A")}, services(), reader="nanodet-g")


@pytest.mark.torchvision
def test_without_a_choice_it_is_doctr() -> None:
    pytest.importorskip("doctr")
    image = sign("EXIT 7")
    found = run_step("ocr_model", {"images": image}, services("doctr", "doctr"))
    (wanted,) = by_hand("doctr", "doctr").predict([image])
    assert found["result"] == " ".join(wanted.texts)
