import numpy as np
import pytest
from tests.workflows.blocks.models.chat import KEY, red
from tests.workflows.blocks.models.stability import drawing, parts
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow


def test_sides_that_grow() -> None:
    made = np.full((20, 130, 3), 7, np.uint8)
    with drawing(made) as server:
        found = run_step(
            "stability_ai_outpainting@v1",
            {"image": red()},
            allowed(),
            left=40,
            right=60,
            creativity=0.2,
            prompt="sky",
            api_key=KEY,
            base_url=server.url,
        )["image"]
    assert (found.size_hw, found.origin.root_hw) == ((20, 130), None)
    (request,) = server.requests
    sent = parts(request)
    np.testing.assert_array_equal(sent.pop("image"), red().pixels)
    assert sent == {
        "left": "40",
        "right": "60",
        "up": "0",
        "down": "0",
        "creativity": "0.2",
        "prompt": "sky",
        "output_format": "png",
    }
    assert request.path == "/edit/outpaint"


@pytest.mark.parametrize(("fields", "message"), [({}, "Give left, right, up or down"), ({"left": 2001}, "left")])
def test_what_cannot_be(fields: dict[str, int], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("stability_ai_outpainting", {"image": red()}, allowed(), api_key=KEY, **fields)
