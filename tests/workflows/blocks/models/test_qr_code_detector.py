import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.types import Image, Moment


def qr(text: str) -> np.ndarray:
    drawn = cv2.QRCodeEncoder.create().encode(text)
    return np.repeat(np.asarray(drawn, np.uint8).repeat(4, 0).repeat(4, 1)[..., None], 3, axis=2)


def test_found_and_read() -> None:
    pixels = np.full((200, 400, 3), 255, np.uint8)
    first, second = qr("https://example.com"), qr("second")
    pixels[30 : 30 + len(first), 20 : 20 + len(first)] = first
    pixels[50 : 50 + len(second), 250 : 250 + len(second)] = second
    found = run_step("qr_code_detector", {"images": Image(pixels)})["predictions"]
    texts = dict(zip(found.data["data"].tolist(), found.xyxy.tolist(), strict=True))
    assert texts.keys() == {"https://example.com", "second"}
    for text, code, left, top in (("https://example.com", first, 20, 30), ("second", second, 250, 50)):
        quiet = 8  # two modules of border
        wanted = (left + quiet, top + quiet, left + len(code) - quiet, top + len(code) - quiet)
        np.testing.assert_allclose(texts[text], wanted, atol=3)
    assert found.names == ["qr_code"] * 2
    assert found.size_hw == (200, 400)


@pytest.mark.parametrize("name", ["QRCodeDetector", "QRCodeDetection", "roboflow_core/qr_code_detector@v1"])
def test_turned_codes_have_upright_boxes(name: str) -> None:
    pixels = np.full((200, 200, 3), 255, np.uint8)
    code = qr("turned")
    pixels[40 : 40 + len(code), 50 : 50 + len(code)] = code
    found = run_step(name, {"image": Image(pixels[::-1, ::-1].copy())})["predictions"]
    assert found.data["data"].tolist() == ["turned"]
    assert (found.xyxy[:, 2:] - found.xyxy[:, :2]).min() > 70


def test_no_code() -> None:
    image = Image(np.full((50, 60, 3), 200, np.uint8), moment=Moment("gate", 0, 0))
    found = run_step("qr_code_detector", {"images": image})["predictions"]
    assert (len(found), found.classes, found.size_hw) == (0, ("qr_code",), (50, 60))
    assert found.data["data"].tolist() == []
