"""Whole definitions with the outputs that they must give: each file of `definitions/` says who made them. They run on values
of Python and on JSON.
"""

import base64
import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services
from ocella.workflows.wire_in import read_value
from ocella.workflows.wire_out import write_value

FILES = sorted((Path(__file__).parent / "definitions").glob("*.json"))
CASES = {f"{file.stem}/{case['name']}": case for file in FILES for case in json.loads(file.read_text(encoding="utf-8"))}
MADE_UP = {"detection_id", "inference_id", "parent_id", "root_parent_id", "video_metadata", "time"}
"""Names that are drawn anew in every run."""


def test_there_are_enough() -> None:
    assert len(CASES) >= 300


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["python", "json"])
def test_a_definition_gives_what_it_must(name: str, form: str) -> None:
    case = CASES[name]
    workflow = compile_workflow(case["definition"])
    services = Services(allow=frozenset(case.get("allow", ())))
    with Session(workflow, services, on_error="fail") as session:
        for inputs, expected in zip(case["runs"], case["expected"], strict=True):
            given = json.loads(json.dumps(inputs)) if form == "json" else as_values(workflow, inputs, services)
            rows = [{key: write_value(value, images="png") for key, value in row.items()} for row in session.run(given)]
            assert_same(rows, expected, "")


def as_values(workflow: Any, inputs: dict[str, Any], services: Services) -> dict[str, Any]:
    """Images and predictions as the values of `ocella.types`."""
    values: dict[str, Any] = {}
    for name, value in inputs.items():
        wanted = workflow.inputs[name]
        items = value if isinstance(value, list) else [value]
        (kind, *more) = sorted(wanted.kinds)
        known = not more and kind != "*" and wanted.depth == 1
        values[name] = [read_value(kind, item, services) for item in items] if known else value
    return values


def pixels_of(written: dict[str, Any], quality: int = 0) -> npt.NDArray[np.int16]:
    """With a quality as a JPEG of it would show them."""
    data = np.frombuffer(base64.b64decode(written["value"]), np.uint8)
    if quality:
        _, data = cv2.imencode(".jpg", cv2.imdecode(data, cv2.IMREAD_COLOR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.int16)


def assert_same(got: Any, expected: Any, where: str) -> None:
    """Equal but for drawn names, the last digits of numbers, and what JPEG does to pictures."""
    if isinstance(expected, dict) and expected.get("type") == "base64":
        mine, theirs = pixels_of(got, quality=95), pixels_of(expected)
        assert mine.shape == theirs.shape, where
        assert np.abs(mine - theirs).mean() < 1, where
    elif expected == {"width": None, "height": None}:
        assert set(got) == {"width", "height"}, where  # that engine forgets the size of an image where nothing is left
    elif isinstance(expected, dict):
        assert isinstance(got, dict), where
        assert set(expected) - MADE_UP <= set(got), where
        for key in set(expected) - MADE_UP:
            assert_same(got[key], expected[key], f"{where}.{key}")
    elif isinstance(expected, list):
        assert isinstance(got, list), where
        assert len(got) == len(expected), where
        for place, (a, b) in enumerate(zip(got, expected, strict=True)):
            assert_same(a, b, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert math.isclose(got, expected, rel_tol=1e-4, abs_tol=1e-4), where
    else:
        assert got == expected, where
