"""What a person gets to see of a question."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ocella.choosing.question import Question, QuestionKind
from ocella.choosing.question_picture import draw_question
from ocella.types import Detections, Image, Keypoints, Masks, Skeleton

ROOM = (400, 800)
MARK = (255, 220, 0)
GREY = 90


def found(*rows: tuple[float, float, float, float]) -> Detections:
    return Detections(
        np.array(rows, np.float32).reshape(-1, 4),
        np.ones(len(rows), np.float32),
        np.zeros(len(rows), np.int64),
        ("car",),
    )


def asked(kind: QuestionKind, objects: Detections | None) -> Question:
    return Question(0, kind, "a.png", Path("a.png"), "", objects)


def scene(size_hw: tuple[int, int], *blocks: tuple[int, int, int, int]) -> Image:
    pixels = np.full((*size_hw, 3), GREY, np.uint8)
    for x1, y1, x2, y2 in blocks:
        pixels[y1:y2, x1:x2] = (200, 0, 0)
    return Image(pixels)


def frame(pixels: npt.NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """The extent of what has the colour of the mark."""
    rows, columns = np.nonzero((pixels == MARK).all(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def red(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    return np.asarray((pixels[..., 0] > 150) & (pixels[..., 1] < 40))


BOXES = [
    ("small", (500, 300, 508, 306)), ("at the corner", (0, 0, 20, 10)), ("at the end", (980, 590, 1000, 600)),
    ("wide", (100, 300, 300, 310)), ("tall", (700, 50, 712, 200)), ("without area", (500, 300, 500, 300)),
]  # fmt: skip


@pytest.mark.parametrize("box", [pytest.param(b, id=name) for name, b in BOXES])
def test_the_thing_is_enlarged_framed_and_marked_in_the_whole(box: tuple[int, int, int, int]) -> None:
    image = scene((600, 1000), box)
    pixels = draw_question(asked("object", found(box)), image, ROOM).pixels
    assert pixels.shape[0] <= ROOM[0]
    assert pixels.shape[1] <= ROOM[1]
    detail, whole = pixels[:, :472], pixels[:, 480:]
    left, top, right, low = frame(detail)
    inside = detail[top:low, left:right]
    # all of the thing is within the frame, and the frame is close around it
    assert red(detail).sum() == red(inside).sum()
    wide, tall = box[2] - box[0], box[3] - box[1]
    if wide and tall:
        scale = red(inside).any(axis=0).sum() / wide
        assert scale * max(wide, tall) >= 60
        assert right - left - red(inside).any(axis=0).sum() <= 20
        assert low - top - red(inside).any(axis=1).sum() <= 20
    if 200 > box[0] > 0:  # in the middle: there is something to see around it
        assert left > 0.2 * detail.shape[1]
        assert right < 0.8 * detail.shape[1]
    small = frame(whole)
    assert small[2] - small[0] >= 10
    assert small[3] - small[1] >= 10


def test_a_thing_that_fills_the_image_is_shown_in_it_alone() -> None:
    pixels = draw_question(asked("object", found((0, 0, 100, 80))), scene((100, 120)), ROOM).pixels
    assert pixels.shape == (400, 480, 3)
    left, top, right, low = frame(pixels)
    assert (left, top) != (right, low)


def test_other_boxes_show_with_numbers_only_when_they_can_be_chosen() -> None:
    image, boxes = (
        scene((300, 300)),
        asked("object", found((100, 100, 120, 120), (98, 98, 130, 125), (90, 105, 118, 121))),
    )
    one, several = (draw_question(boxes, image, ROOM, numbered=n).pixels for n in (False, True))
    colours = [np.unique(p[:, :400].reshape(-1, 3), axis=0).tolist() for p in (one, several)]
    assert [86, 180, 233] not in colours[0]
    assert [86, 180, 233] in colours[1]
    assert [0, 158, 115] in colours[1]


def test_a_moved_box_is_drawn_in_place_of_its_own() -> None:
    image, question = scene((300, 300)), asked("object", found((100, 100, 120, 120)))
    moved = frame(draw_question(question, image, ROOM, box=(100, 100, 140, 120)).pixels[:, :472])
    own = frame(draw_question(question, image, ROOM).pixels[:, :472])
    assert (moved[2] - moved[0]) / (moved[3] - moved[1]) > 1.5 > (own[2] - own[0]) / (own[3] - own[1])


def test_everything_that_is_known_is_marked_where_something_may_be_missing() -> None:
    image = scene((300, 600))
    known = draw_question(asked("missing", found((10, 10, 50, 50), (300, 100, 360, 200))), image, ROOM).pixels
    assert known.shape == (400, 800, 3)
    orange = (known == (230, 159, 0)).all(axis=2)
    assert orange[:, :200].any()
    assert orange[:, 390:490].any()
    assert not orange[:, 500:].any()
    assert (draw_question(asked("missing", found()), image, ROOM).pixels == GREY).all()


def test_points_and_outlines_are_drawn_on_the_thing() -> None:
    image = scene((300, 300))
    points = Keypoints(
        np.array([[[105, 105], [115, 118]]], np.float32), np.ones((1, 2), np.float32), np.ones((1, 2), bool),
        Skeleton(("a", "b"), ((0, 1),)),
    )  # fmt: skip
    dense = np.zeros((1, 300, 300), bool)
    dense[0, 102:110, 102:118] = True
    plain = found((100, 100, 120, 120))
    questions = (
        asked("object", plain),
        asked("points", plain.replace(keypoints=points)),
        asked("outline", plain.replace(masks=Masks.from_dense(dense))),
    )
    marks = [(draw_question(q, image, ROOM).pixels[:, :472] == MARK).all(axis=2) for q in questions]
    assert marks[1].sum() > marks[0].sum()
    rows = np.flatnonzero(marks[2].any(axis=1))
    assert 0 < rows[-1] - rows[0] < 0.6 * (np.ptp(np.flatnonzero(marks[0].any(axis=1))))


def test_two_images_lie_side_by_side() -> None:
    one, two = scene((100, 200)), scene((200, 100), (0, 0, 100, 200))
    pixels = draw_question(asked("pair", None), one, ROOM, other=two).pixels
    assert not red(pixels[:, :396]).any()
    assert red(pixels[:, 404:]).all()
    assert pixels.shape == (400, 604, 3)
