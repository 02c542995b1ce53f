from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

FONT = cv2.FONT_HERSHEY_SIMPLEX
BLACK = Image(np.zeros((300, 500, 3), np.uint8))


def shown(text: str, image: Image = BLACK, values: dict[str, Any] | None = None, **fields: Any) -> np.ndarray:
    given = {name: f"$inputs.{name}" for name in values or {}}
    made = run_step("text_display", {"image": image, **(values or {})}, text=text, text_parameters=given, **fields)
    return np.asarray(made["image"].pixels)


def by_hand(text: str, corner: tuple[int, int], scale: float = 1.0, padding: int = 10) -> np.ndarray:
    """White on blue as OpenCV draws it."""
    (wide, tall), below = cv2.getTextSize(text, FONT, scale, 2)
    tall, below = cv2.getTextSize("Ag", FONT, scale, 2)[0][1], cv2.getTextSize("Ag", FONT, scale, 2)[1]
    out = BLACK.pixels.copy()
    x, y = corner
    out[y : y + tall + below + 2 * padding, x : x + wide + 2 * padding] = (0, 0, 255)
    cv2.putText(out, text, (x + padding, y + padding + tall), FONT, scale, (255, 255, 255), 2, cv2.LINE_AA)
    return out


def size(text: str, padding: int = 10) -> tuple[int, int]:
    (wide, _), _ = cv2.getTextSize(text, FONT, 1.0, 2)
    (_, tall), below = cv2.getTextSize("Ag", FONT, 1.0, 2)
    return wide + 2 * padding, tall + below + 2 * padding


def test_at_the_top_left_by_default() -> None:
    assert (shown("Hello", background_color="blue") == by_hand("Hello", (10, 10))).all()


@pytest.mark.parametrize(
    ("fields", "share"),
    [
        ({"anchor": "top_right"}, (1, 0)),
        ({"anchor": "center"}, (0.5, 0.5)),
        ({"anchor": "center_left"}, (0, 0.5)),
        ({"anchor": "bottom_center"}, (0.5, 1)),
    ],
)
def test_at_a_place_of_the_image(fields: dict[str, Any], share: tuple[float, float]) -> None:
    wide, tall = size("Hello")
    x = round(500 * share[0]) - round(wide * share[0]) - 20
    y = round(300 * share[1]) - round(tall * share[1]) - 5
    made = shown("Hello", background_color="blue", offset_x=-20, offset_y=-5, **fields)
    assert (made == by_hand("Hello", (max(x, 0), max(y, 0)))).all()


def test_at_a_point_but_never_outside() -> None:
    fields: dict[str, Any] = {"background_color": "blue", "position_mode": "absolute"}
    assert (shown("Hi", position_x=40, position_y=70, **fields) == by_hand("Hi", (40, 70))).all()
    wide, tall = size("Hi")
    made = shown("Hi", position_x=9999, position_y=9999, **fields)
    assert (made == by_hand("Hi", (500 - wide, 300 - tall))).all()
    assert shown("a very long text that is wider than all of the image", **fields)[..., 2].any()
    assert shown("tall", Image(np.zeros((4, 4, 3), np.uint8)), **fields).shape == (4, 4, 3)


def test_parameters_after_their_operations() -> None:
    made = shown(
        "{{ $parameters.n }} of {{$parameters.what}} {{ other }}",
        values={"n": ["a", "b"], "what": "cars"},
        text_parameters_operations={"n": [{"type": "SequenceLength"}]},
    )
    assert (made == shown("2 of cars {{ other }}")).all()


def test_background() -> None:
    grey = Image(np.full((100, 200, 3), 100, np.uint8))
    clear = shown(" ", grey, background_color="Transparent")
    assert (clear == 100).all()
    assert (shown(" ", grey, background_opacity=0) == 100).all()
    half = shown("", grey, background_color="WHITE", background_opacity=0.5)
    assert half[12, 12].tolist() == [178, 178, 178]
    round_corners = shown("", grey, background_color="WHITE", border_radius=10)
    assert (round_corners[10, 10, 0], round_corners[20, 15, 0]) == (100, 255)


def test_several_lines_and_their_side() -> None:
    made = {side: shown("long line\nx", text_align=side, offset_x=0) for side in ("left", "center", "right")}
    tall = size("", 0)[1]
    below = 10 + 10 + tall + round(tall * 0.25)
    starts = [int(np.flatnonzero(made[side][below:].any(axis=(0, 2)))[0]) for side in ("left", "center", "right")]
    assert starts[0] < starts[1] < starts[2]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "{{ $parameters.m }}"}, "names of 'text_parameters', not 'm'"),
        ({"text_parameters_operations": {"k": []}}, "names of 'text_parameters', not 'k'"),
        ({"font_scale": 0}, "font_scale"),
        ({"text_align": "top"}, "text_align"),
        ({"background_color": "none"}, "background_color"),
    ],
)
def test_nonsense(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("text_display", {"image": IMAGE}, **{"text": "a", **fields})
