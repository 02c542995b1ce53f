import numpy as np
import pytest
from tests.workflows.blocks.models.chat import KEY, red
from tests.workflows.blocks.models.stability import drawing, parts
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Masks


def two() -> Detections:
    dense = np.zeros((2, 20, 30), bool)
    dense[0, 2:5, 3:9] = dense[1, 10:12, 20:25] = True
    boxes = np.array([[3, 2, 9, 5], [20, 10, 25, 12]], np.float32)
    return Detections(boxes, np.ones(2, np.float32), np.zeros(2, np.int64), ("cat",), masks=Masks.from_dense(dense))


@pytest.mark.parametrize("inverted", [False, True])
def test_what_masks_cover_is_white(*, inverted: bool) -> None:
    made = np.full((20, 30, 3), 7, np.uint8)
    with drawing(made) as server:
        found = run_step(
            "stability_ai_inpainting@v1",
            {"image": red(), "segmentation_mask": two()},
            allowed(),
            prompt="grass",
            api_key=KEY,
            preset="anime",
            seed=5,
            invert_segmentation_mask=inverted,
            base_url=server.url,
        )["image"]
    np.testing.assert_array_equal(found.pixels, made)
    (request,) = server.requests
    sent = parts(request)
    np.testing.assert_array_equal(sent.pop("image"), red().pixels)
    white = (sent.pop("mask") == 255).all(axis=2)
    assert white.sum() == (600 - 28 if inverted else 28)
    assert white[3, 4] == white[11, 22] == (not inverted)
    assert sent == {"prompt": "grass", "style_preset": "anime", "seed": "5", "output_format": "png"}
    assert request.path == "/edit/inpaint"


def test_nothing_found_covers_nothing() -> None:
    with drawing(red().pixels.copy()) as server:
        run_step(
            "stability_ai_inpainting",
            {"image": red(), "segmentation_mask": Detections.empty(["cat"])},
            allowed(),
            prompt="grass",
            api_key=KEY,
            base_url=server.url,
        )
    assert parts(server.requests[0])["mask"].max() == 0


def test_what_cannot_be() -> None:
    with pytest.raises(InvalidWorkflow, match="preset"):
        run_step(
            "stability_ai_inpainting",
            {"image": red(), "segmentation_mask": two()},
            allowed(),
            prompt="x",
            api_key=KEY,
            preset="mud",
        )
