import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

RANDOM = np.random.default_rng(0)


def test_red_green_blue_of_the_largest_part() -> None:
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:, :55] = (250, 120, 10)
    pixels[:, 55:80] = (0, 0, 255)
    pixels[:, 80:] = (0, 255, 0)
    assert run_step("dominant_color", {"image": Image(pixels)}) == {"rgb_color": [250, 120, 10]}


def test_noise_is_averaged() -> None:
    pixels = RANDOM.normal((60, 160, 90), 6, (120, 90, 3))
    pixels[:40] = RANDOM.normal((220, 20, 30), 6, (40, 90, 3))
    made = run_step("dominant_color", {"image": Image(pixels.clip(0, 255).astype(np.uint8))}, color_clusters=2)
    np.testing.assert_allclose(made["rgb_color"], (60, 160, 90), atol=1)


def test_the_same_image_gives_the_same_colour() -> None:
    image = Image(RANDOM.integers(0, 256, (40, 40, 3), np.uint8))
    first = run_step("dominant_color", {"image": image})
    assert first == run_step("dominant_color", {"image": image})


@pytest.mark.parametrize("clusters", [1, 10])
def test_more_clusters_than_colours(clusters: int) -> None:
    image = Image(np.full((1, 1, 3), (1, 2, 3), np.uint8))
    assert run_step("dominant_color", {"image": image}, color_clusters=clusters)["rgb_color"] == [1, 2, 3]


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match="color_clusters"):
        run_step("dominant_color", {"image": Image(np.zeros((2, 2, 3), np.uint8))}, color_clusters=11)
