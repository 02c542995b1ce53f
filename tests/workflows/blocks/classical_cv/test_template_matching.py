from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

RANDOM = np.random.default_rng(0)
LOGO = RANDOM.integers(0, 256, (8, 12, 3), np.uint8)
PLACES = [(5, 30), (40, 3), (60, 50)]


def scene() -> Image:
    pixels = RANDOM.integers(100, 110, (70, 80, 3), np.uint8)
    for left, top in PLACES:
        pixels[top : top + 8, left : left + 12] = LOGO
    return Image(pixels)


def matched(image: Image, template: Image, **fields: Any) -> dict[str, Any]:
    return dict(run_step("template_matching", {"image": image, "template": template}, **fields))


def test_found_where_it_was_put() -> None:
    found = matched(scene(), Image(LOGO))
    boxes = sorted(found["predictions"].xyxy.tolist())
    assert boxes == [[x, y, x + 12, y + 8] for x, y in PLACES]
    assert found["number_of_matches"] == 3
    assert found["predictions"].names == ["template_match"] * 3
    np.testing.assert_allclose(found["predictions"].confidence, 1, atol=1e-4)
    assert found["predictions"].size_hw == (70, 80)


def test_of_overlapping_places_the_best_is_kept() -> None:
    image = scene()
    soft = {"matching_threshold": 0.05}
    every = matched(image, Image(LOGO), apply_nms=False, **soft)
    kept = matched(image, Image(LOGO), nms_threshold=0.0, **soft)
    assert every["number_of_matches"] > kept["number_of_matches"] >= 3
    best = kept["predictions"].xyxy[kept["predictions"].confidence > 0.99]
    assert sorted(best[:, :2].tolist()) == [list(p) for p in PLACES]


def test_nothing_alike_or_too_large() -> None:
    image = Image(RANDOM.integers(0, 256, (20, 20, 3), np.uint8))
    other = Image(RANDOM.integers(0, 256, (6, 6, 3), np.uint8))
    for template in (other, Image(np.zeros((21, 5, 3), np.uint8)), Image(np.full((5, 5, 3), 7, np.uint8))):
        found = matched(image, template, matching_threshold=0.9)
        assert (found["number_of_matches"], found["predictions"].classes) == (0, ("template_match",))


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match="nms_threshold"):
        matched(scene(), Image(LOGO), nms_threshold=2)
