from typing import Any

import cv2
import numpy as np
import pytest

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Image
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session


def code(**fields: Any) -> Image:
    definition = {
        "inputs": [],
        "steps": [{"type": "QRCodeGenerator", "name": "code", **fields}],
        "outputs": [{"type": "JsonField", "name": "code", "selector": "$steps.code.qr_code"}],
    }
    with Session(compile_workflow(definition)) as session:
        result = session.run({})
        for failure in result.failures:
            raise failure.cause
        made = result[0]["code"]
    assert isinstance(made, Image)
    return made


@pytest.mark.parametrize(
    ("text", "fields", "modules"),
    [
        ("https://example.com/abc?x=1", {}, 29),  # 27 bytes: version 3 at M, by ISO/IEC 18004
        ("https://example.com/abc?x=1", {"error_correct": "High (~30% word recovery / lowest data capacity)"}, 33),
        ("gr\u00fc\u00dfe \u4e16\u754c", {"border": 0}, 21),
        ("A" * 300, {"fill_color": "mediumpurple", "back_color": "(240, 240, 255)"}, 57),
    ],
)
def test_size_and_text(text: str, fields: dict[str, Any], modules: int) -> None:
    made = code(text=text, **fields)
    assert made.size_hw == (10 * (modules + 2 * fields.get("border", 4)),) * 2
    padded = cv2.copyMakeBorder(made.pixels, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    assert cv2.QRCodeDetector().detectAndDecode(padded)[0] == text


def test_colours_are_red_green_blue() -> None:
    made = code(text="hi", fill_color="#0000ff", back_color="yellow")
    assert np.unique(made.pixels.reshape(-1, 3), axis=0).tolist() == [[0, 0, 255], [255, 255, 0]]
    assert made.pixels[0, 0].tolist() == [255, 255, 0]
    assert made.pixels[45, 45].tolist() == [0, 0, 255]


def test_wrong_values() -> None:
    with pytest.raises(InvalidValue, match="A colour must be like"):
        code(text="hi", fill_color="nightish")
    with pytest.raises(InvalidValue, match="too long for a QR code"):
        code(text="x" * 5000)
    with pytest.raises(InvalidWorkflow, match="error_correct"):
        code(text="hi", error_correct="some")
