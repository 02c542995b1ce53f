import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

RANDOM = np.random.default_rng(0)
PIXELS = (RANDOM.normal(90, 15, (64, 80, 3))).clip(0, 255).astype(np.uint8)


def equalized(pixels: np.ndarray, kind: str) -> np.ndarray:
    return np.asarray(
        run_step("contrast_equalization", {"image": Image(pixels)}, equalization_type=kind)["image"].pixels
    )


def test_stretching_between_percentiles() -> None:
    low, high = np.percentile(PIXELS, 2), np.percentile(PIXELS, 98)
    wanted = np.clip((PIXELS - low) / (high - low), 0, 1) * 255
    assert (equalized(PIXELS, "Contrast Stretching") == wanted.astype(np.uint8)).all()


def test_histogram_becomes_flat() -> None:
    values = equalized(PIXELS, "Histogram Equalization").reshape(-1)
    shares = [(values <= v).mean() for v in (63, 127, 191)]
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.75], atol=0.03)
    assert (np.argsort(values, kind="stable")[::1].size) == values.size


def test_adaptive_makes_a_dark_half_as_lively_as_a_bright_one() -> None:
    pixels = np.repeat(RANDOM.normal(0, 4, (64, 80, 1)), 3, axis=2)
    pixels[:, :40] += 30
    pixels[:, 40:] += 200
    made = equalized(pixels.clip(0, 255).astype(np.uint8), "Adaptive Equalization")
    assert made[:, :32, 0].std() > 4 * 4
    assert made[:, 48:, 0].std() > 4 * 4
    assert np.abs(made[..., 0].astype(int) - made[..., 2]).max() <= 1


@pytest.mark.parametrize("kind", ["Contrast Stretching", "Histogram Equalization", "Adaptive Equalization"])
def test_a_flat_image_stays(kind: str) -> None:
    flat = np.full((20, 20, 3), 90, np.uint8)
    assert np.ptp(equalized(flat, kind)) <= 1


def test_a_type_must_be_given() -> None:
    with pytest.raises(InvalidWorkflow, match="equalization_type"):
        equalized(PIXELS, "gaussian")
