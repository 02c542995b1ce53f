from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image


def enhanced(values: list[int], **fields: Any) -> list[int]:
    """The red channel of a row; green is constant."""
    pixels = np.zeros((1, len(values), 3), np.uint8)
    pixels[0, :, 0], pixels[0, :, 1] = values, 77
    made = run_step("contrast_enhancement", {"image": Image(pixels)}, **fields)["image"].pixels
    assert (made[..., 1] == 77).all()
    return [int(v) for v in made[0, :, 0]]


def test_stretched_to_the_full_range() -> None:
    assert enhanced([50, 100, 150]) == [0, 127, 255]


def test_percent_left_out() -> None:
    values = list(range(101))
    low, high = np.quantile(values, [0.1, 0.9])
    wanted = np.clip((np.array(values) - low) / (high - low) * 255, 0, 255)
    assert np.abs(np.array(enhanced(values, clip_limit=10)) - np.floor(wanted)).max() <= 1


def test_multiplier_works_around_128() -> None:
    assert enhanced([0, 128, 192, 255], contrast_multiplier=2.0) == [0, 128, 255, 255]
    assert enhanced([0, 128, 255], contrast_multiplier=0.5) == [64, 128, 191]


def test_midtones() -> None:
    assert enhanced([0, 64, 255], normalize_brightness=True) == [0, int((64 / 255) ** (1 / 1.3) * 255), 255]


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match="clip_limit"):
        enhanced([0, 1], clip_limit=51)
