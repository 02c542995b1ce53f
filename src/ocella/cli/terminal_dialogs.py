"""Answers that take more than one key: which class, how many, which box."""

import math
import re
from collections.abc import Sequence

import numpy as np

from ocella.choosing.question import Question, Reply
from ocella.choosing.question_picture import MOST_NUMBERED, draw_question
from ocella.cli.terminal_stage import Drawer, Stage
from ocella.types import Image

__all__ = ["KEYED", "count_missing", "fix_box", "listed", "pick", "type_choice"]

KEYED = 9
"""Choices that have a digit of their own."""
Box = tuple[float, float, float, float]

_ARROWS = {"left": (2, -1), "right": (2, 1), "up": (3, -1), "down": (3, 1)}
_SHIFTED = {"shift-left": (0, -1), "shift-right": (0, 1), "shift-up": (1, -1), "shift-down": (1, 1)}
_MOVES = _ARROWS | _SHIFTED | {"a": (0, -1), "d": (0, 1), "w": (1, -1), "s": (1, 1)}
"""Which side of x1, y1, x2, y2 a key moves, and which way."""
_FIXING = (
    "  arrows: right and bottom edge    a d w s, or Shift and arrows: left and top edge",
    "  [+ -] longer or shorter steps  [=] type four numbers  [Enter] take it  [Esc] back",
)


def listed(choices: Sequence[str]) -> str:
    """Choices with their keys, in a line."""
    named = "  ".join(f"[{i}] {c}" for i, c in enumerate(choices[:KEYED], 1))
    return named + (f"  [t] type one of {len(choices) - KEYED} more" if len(choices) > KEYED else "")


def pick(stage: Stage, text: str, choices: Sequence[str]) -> str | None:
    """One of the choices by its digit, or typed where there are more than nine; None for back."""
    stage.say(f"{text} {listed(choices)}  [Esc] back")
    stage.prompt()
    while (key := stage.key()) not in ("escape", "end"):
        if key and key in "123456789"[: len(choices)]:
            stage.say(key)
            return choices[int(key) - 1]
        if key == "t" and len(choices) > KEYED and (name := type_choice(stage, choices)) is not None:
            return name
    return None


def type_choice(stage: Stage, choices: Sequence[str]) -> str | None:
    """A choice by its beginning, asked until there is one; None for back."""
    typed = stage.line("begins with: ")
    while typed is not None:
        folded = typed.casefold()
        fitting = [c for c in choices if c.casefold().startswith(folded)]
        exact = [c for c in fitting if c.casefold() == folded]
        if len(exact or fitting) == 1:
            stage.say(f"  {(exact or fitting)[0]}")
            return (exact or fitting)[0]
        stage.say(f"  {', '.join(fitting[:12]) or 'none of them'}{' ...' if len(fitting) > 12 else ''}")
        typed = stage.line("begins with: ")
    return None


def count_missing(stage: Stage, classes: Sequence[str]) -> Reply | None:
    """How many are missing: a number of the one class, or a key for each missing thing of several; None for back."""
    if len(classes) == 1:
        while (typed := stage.line("How many? ")) is not None:
            if re.fullmatch(r"\d{1,4}", typed):
                return Reply("missing", missing={classes[0]: int(typed)} if int(typed) else {})
        return None
    stage.say(f"Press a class once for each missing thing: {listed(classes)}  [Backspace] one less  [Enter] done")
    counted: list[str] = []
    stage.prompt()
    while (key := stage.key()) != "enter":
        if key in ("escape", "end"):
            return None
        if key == "resize":
            continue
        if key == "backspace":
            counted = counted[:-1]
        elif key and key in "123456789"[: len(classes)]:
            counted.append(classes[int(key) - 1])
        elif key == "t" and len(classes) > KEYED and (name := type_choice(stage, classes)) is not None:
            counted.append(name)
        stage.say(", ".join(f"{counted.count(c)} {c}" for c in dict.fromkeys(counted)) or "nothing")
    stage.say("done")
    return Reply("missing", missing={c: counted.count(c) for c in dict.fromkeys(counted)})


def fix_box(stage: Stage, question: Question, image: Image) -> Reply | None:
    """The box put right: another one that was found, moved edges, or numbers; "yes" where it stays; None for back."""
    assert question.objects is not None
    boxes = [_box(row) for row in question.objects.xyxy[: 1 + MOST_NUMBERED].tolist()]
    box, step = boxes[0], max(1.0, round(max(boxes[0][2] - boxes[0][0], boxes[0][3] - boxes[0][1]) / 20))
    last = "" if len(boxes) == 2 else f"-{len(boxes) - 1}"
    offer = (f"  [1{last}] take the box of that number",) if len(boxes) > 1 else ()
    begun = False
    while True:
        stage.show(_drawer(question, image, box), again=True)
        if stage.draws or not begun:
            stage.say(*offer, *_FIXING)
        stage.say(f"Box {_numbers(box)}, steps of {step:g} pixels")
        if not begun:
            stage.prompt("")
        begun = True
        key = stage.key()
        if key == "enter":
            return Reply("yes") if box == boxes[0] else Reply("fix", xyxy=box)
        if key in ("escape", "end"):
            return None
        if key in ("+", "-"):
            step = max(0.5, step * 2 if key == "+" else step / 2)
        elif key in _MOVES:
            side, way = _MOVES[key]
            moved = [v + way * step * (i == side) for i, v in enumerate(box)]
            box = _within(moved, image) or box
        elif key and key in "123456789"[: len(boxes) - 1]:
            box = boxes[int(key)]
        elif key == "=":
            box = _typed(stage, image) or box


def _drawer(question: Question, image: Image, box: Box) -> Drawer:
    return lambda room: draw_question(question, image, room, box=box, numbered=True)


def _typed(stage: Stage, image: Image) -> Box | None:
    """Four numbers from the keyboard."""
    text = stage.line("x1 y1 x2 y2: ")
    if text is None:
        return None
    try:
        box = _within([float(v) for v in re.split(r"[,\s]+", text)], image)
    except ValueError:
        box = None
    if box is None:
        stage.say(f"Four numbers like 10 20 110 220 were expected, within the image of {image.width} x {image.height}.")
    return box


def _within(numbers: Sequence[float], image: Image) -> Box | None:
    """Cut to the image; None where that leaves less than a pixel each way, or there are not four numbers."""
    if len(numbers) != 4 or not all(math.isfinite(v) for v in numbers):
        return None
    x1, y1, x2, y2 = np.clip(numbers, 0, (image.width, image.height) * 2).tolist()
    return (x1, y1, x2, y2) if x2 - x1 >= 1 and y2 - y1 >= 1 else None


def _box(row: Sequence[float]) -> Box:
    return row[0], row[1], row[2], row[3]


def _numbers(box: Box) -> str:
    return " ".join(f"{v:g}" for v in np.round(box, 1).tolist())
