import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
PARITY = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]


def ean13(number: str) -> str:
    """Bars of an EAN-13 code, by the tables of GS1."""
    right = ["".join("10"[int(b)] for b in code) for code in LEFT]
    g = [code[::-1] for code in right]
    half = "".join((LEFT if p == "L" else g)[int(d)] for p, d in zip(PARITY[int(number[0])], number[1:7], strict=True))
    return "101" + half + "01010" + "".join(right[int(d)] for d in number[7:]) + "101"


def scene(number: str, *, turned: bool = False) -> Image:
    bars = np.array([0 if b == "1" else 255 for b in ean13(number)], np.uint8).repeat(2)
    pixels = np.full((180, 270, 3), 255, np.uint8)
    pixels[40:140, 40 : 40 + len(bars)] = bars[None, :, None]
    return Image(np.ascontiguousarray(pixels.transpose(1, 0, 2) if turned else pixels))


@pytest.mark.parametrize("reader", ["zxing", "opencv"])
@pytest.mark.parametrize("name", ["barcode_detector", "BarcodeDetector", "BarcodeDetection"])
def test_read_and_found(reader: str, name: str) -> None:
    if reader == "zxing":
        pytest.importorskip("zxingcpp")
    found = run_step(name, {"images": scene("4006381333931")}, reader=reader)["predictions"]
    assert found.data["data"].tolist() == ["4006381333931"]
    assert found.names == ["barcode"]
    left, top, right, bottom = found.xyxy[0]
    near = 6 if reader == "zxing" else 22
    assert (left, right) == (pytest.approx(40, abs=near), pytest.approx(40 + 95 * 2, abs=near))
    assert 40 - near <= top < bottom <= 140 + near
    assert found.size_hw == (180, 270)


def test_a_turned_code() -> None:
    pytest.importorskip("zxingcpp")
    found = run_step("barcode_detector", {"images": scene("4006381333931", turned=True)})["predictions"]
    assert found.data["data"].tolist() == ["4006381333931"]
    assert found.xyxy[0, 3] - found.xyxy[0, 1] == pytest.approx(95 * 2, abs=8)


@pytest.mark.parametrize("reader", ["zxing", "opencv"])
def test_no_code(reader: str) -> None:
    if reader == "zxing":
        pytest.importorskip("zxingcpp")
    image = Image(np.full((50, 60, 3), 200, np.uint8))
    found = run_step("barcode_detector", {"images": image}, reader=reader)["predictions"]
    assert (len(found), found.classes, found.data["data"].tolist()) == (0, ("barcode",), [])


def test_an_unknown_reader() -> None:
    with pytest.raises(InvalidWorkflow, match="reader"):
        run_step("barcode_detector", {"images": scene("4006381333931")}, reader="laser")
