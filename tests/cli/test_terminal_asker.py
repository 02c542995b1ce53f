"""The real asker at a real pseudo-terminal, answered by a simulated typist."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.test_terminal_picture import from_iterm2, from_kitty, from_sixel
from tests.small_models import paint
from tools.typist import Typist, as_text

from ocella.choosing.question import Question
from ocella.choosing.question_picture import draw_question
from ocella.media.load import load
from ocella.types import Detections

CHILD = """
import json, sys
from tests.cli.test_terminal_asker import question
from pathlib import Path
from ocella.cli.terminal_asker import TerminalAsker
folder, told = Path(sys.argv[1]), json.loads(sys.argv[2])
asker = TerminalAsker.here(folder / "out")
i = 0
while i < len(told):
    reply = asker(question(folder, told[i]), i, len(told))
    print("ANSWER", json.dumps(reply if reply in ("undo", None) else reply.to_json()), flush=True)
    if reply is None:
        break
    i += -1 if reply == "undo" else 1
print("input still works:", input())
"""
ROOT = Path(__file__).parents[2]
CLASSES = ("car", "dog", "tree")
MANY = tuple(f"class {a}{b}" for a in "abcd" for b in "xyz")
Told = Mapping[str, Any]
Steps = Sequence[tuple[str, str]]
PROMPT = r"\[\?\] help\r\n> "


def question(folder: Path, told: Told) -> Question:
    """A question about the painted image, from its JSON form."""
    rows = told.get("boxes", [])
    found = Detections(
        np.array(rows, np.float32).reshape(-1, 4), np.ones(len(rows), np.float32), np.zeros(len(rows), np.int64),
        tuple(told.get("choices", CLASSES)) or CLASSES,
    )  # fmt: skip
    path = folder / "image.png"
    other = path if told["kind"] == "pair" else None
    shown = found if len(found) or told["kind"] == "missing" else None
    return Question(
        0, told["kind"], told.get("file", "image.png"), path, told.get("text", "Is it?"), shown,
        tuple(told.get("choices", CLASSES)), other, told.get("note", ""),
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    paint(tmp_path / "image.png", ("red", 10, 10, 40, 30), ("blue", 60, 30, 80, 50))
    return tmp_path


def at_work(folder: Path, told: Sequence[Told], kind: str = "old", **more: Any) -> Typist:
    path = ":".join(map(str, (ROOT, ROOT / "src", ROOT / "packages" / "starter" / "src")))
    env = {"PYTHONPATH": path, "COLUMNS": "", "LINES": "", **more.pop("env", {})}
    return Typist([sys.executable, "-c", CHILD, str(folder), json.dumps(told)], kind, env=env, **more)


def answer(typist: Typist) -> Any:
    return json.loads(typist.until(r"ANSWER [^\n]*\n").rsplit("ANSWER ", 1)[1])


BOX = {"kind": "object", "boxes": [[10, 10, 40, 30]], "text": "Is this a car?"}
TWO = {**BOX, "boxes": [[10, 10, 40, 30], [60, 30, 80, 50]]}
GAP = {"kind": "missing", "boxes": [[10, 10, 40, 30]], "text": "Is anything missing?"}
CAR = {**GAP, "choices": ["car"]}
WHAT = {"kind": "class", "text": "What is it?"}
WHICH = r"back\r\n> "
ANSWERS: Sequence[tuple[str, Told, Steps, Told]] = [
    ("yes", BOX, [("", "y")], {"verdict": "yes"}),
    ("capital no", BOX, [("", "N")], {"verdict": "no"}),
    ("skip", BOX, [("", "s")], {"verdict": "skip"}),
    ("keys that mean nothing", BOX, [("", "x\x1b[5~7\x1b[200~y")], {"verdict": "yes"}),
    ("another class", BOX, [("", "w"), (WHICH, "2")], {"verdict": "class", "class_name": "tree"}),
    ("back from another class", BOX, [("", "w"), (WHICH, "\x1b"), (PROMPT, "y")], {"verdict": "yes"}),
    ("the only other class", {**BOX, "choices": ["car", "dog"]}, [("", "w")], {"verdict": "class", "class_name": "dog"}),
    ("another box", TWO, [("", "f"), ("pixels", "1"), ("60 30 80 50", "\r")], {"verdict": "fix", "xyxy": [60, 30, 80, 50]}),
    (
        "moved edges",
        BOX,
        [
            ("", "f"), ("steps of 2 pixels", "-"), ("steps of 1 pixels", "\x1b[C"), ("10 10 41 30,", "\x1b[1;2B"),
            ("10 11 41 30,", "ww"), ("10 9 41 30,", "\x1bOA"), ("10 9 41 29,", "+a"), ("8 9 41 29,", "\r"),
        ],
        {"verdict": "fix", "xyxy": [8, 9, 41, 29]},
    ),
    (
        "four numbers",
        BOX,
        [
            ("", "f"), ("pixels", "=1 2 3\r"), ("were expected", "=5, 6 ,70,x\x7f0\r"), ("5 6 70 0|were expected", "=5,6,70,50.25\r"),
            (r"5 6 70 50\.2", "\r"),
        ],
        {"verdict": "fix", "xyxy": [5, 6, 70, 50.25]},
    ),
    ("no farther than the image", BOX, [("", "f"), ("pixels", "=-9 -9 999 999\r"), ("0 0 96 64", "\r")], {"verdict": "fix", "xyxy": [0, 0, 96, 64]}),
    ("a box that stays", BOX, [("", "f"), ("pixels", "\r")], {"verdict": "yes"}),
    ("back from a box", BOX, [("", "f"), ("pixels", "d"), ("12 10", "\x1b"), (PROMPT, "n")], {"verdict": "no"}),
    ("nothing missing", GAP, [("", "n")], {"verdict": "missing"}),
    (
        "some missing",
        GAP,
        [("", "m"), ("done\r\n> ", "2"), ("1 dog", "2"), ("2 dog", "1"), ("2 dog, 1 car", "3"), ("1 tree", "\x7f"), ("car\r\n", "\r")],
        {"verdict": "missing", "missing": {"dog": 2, "car": 1}},
    ),
    ("three of one class", CAR, [("", "3")], {"verdict": "missing", "missing": {"car": 3}}),
    ("none of one class", CAR, [("", "0")], {"verdict": "missing"}),
    ("twelve of one class", CAR, [("", "m"), ("many", "1x2\r"), ("many", "12\r")], {"verdict": "missing", "missing": {"car": 12}}),
    ("which class", WHAT, [("", "2")], {"verdict": "class", "class_name": "dog"}),
    ("none of the classes", WHAT, [("", "n")], {"verdict": "no"}),
    (
        "one of many classes",
        {**WHAT, "choices": MANY},
        [("", "t"), ("begins with: ", "class\r"), ("with: ", "CLASS CZ\r")],
        {"verdict": "class", "class_name": "class cz"},
    ),
    ("two images", {"kind": "pair"}, [("", "y")], {"verdict": "yes"}),
    ("one text", {"kind": "text", "choices": ["three cars"]}, [("", "n")], {"verdict": "no"}),
    ("several texts", {"kind": "text", "choices": ["a", "b"]}, [("", "1")], {"verdict": "class", "class_name": "a"}),
    ("help first", BOX, [("", "?"), (r"kept\r\n> ", "y")], {"verdict": "yes"}),
]  # fmt: skip


def test_every_kind_of_answer(folder: Path) -> None:
    with at_work(folder, [told for _, told, _, _ in ANSWERS]) as typist:
        for place, (case, _, steps, expected) in enumerate(ANSWERS, 1):
            typist.until(f"Question {place} of {len(ANSWERS)}.*?{PROMPT}")
            for wait, keys in steps:
                typist.until(wait)
                typist.press(keys)
            got = answer(typist)
            assert got.pop("seconds", 0) >= 0
            assert got == expected, case
        typist.press("hello\n")
        typist.until("input still works: hello")
        assert typist.end() == 0


def test_undo_stop_and_what_is_told(folder: Path) -> None:
    noted = {**BOX, "note": "nanodet-g 0.8 [0.5, 0.9] so far"}
    with at_work(folder, [BOX, noted, BOX]) as typist:
        first = typist.until(PROMPT)
        assert "image.png (96 x 64), car at 10 10 40 30\r\nIs this a car?" in first
        typist.press("u")
        typist.until("no answer to take back yet.*> ")
        typist.press("y")
        assert answer(typist)["verdict"] == "yes"
        assert "nanodet-g 0.8 [0.5, 0.9] so far" in typist.until(PROMPT)
        typist.press("u")
        assert answer(typist) == "undo"
        typist.until(f"Question 1 of 3, .* seconds each so far.*{PROMPT}")
        typist.press("n")
        assert answer(typist)["verdict"] == "no"
        typist.until(PROMPT)
        typist.press("\x1a")
        assert answer(typist) == "undo"
        typist.until(PROMPT)
        typist.press("q")
        assert answer(typist) is None


def test_the_picture_is_a_file_where_there_are_no_graphics(folder: Path) -> None:
    with at_work(folder, [BOX, GAP]) as typist:
        said = typist.until(PROMPT)
        file = folder / "out" / "question.png"
        assert f"Picture: {file}" in said
        assert np.array_equal(load(file).pixels, drawn(folder, BOX, (720, 1280)))
        typist.press("y")
        typist.until(f"Question 2.*{PROMPT}")
        assert np.array_equal(load(file).pixels, drawn(folder, GAP, (720, 1280)))
        typist.press("q")
        typist.until("ANSWER")


def drawn(folder: Path, told: Told, room: tuple[int, int]) -> Any:
    asked = question(folder, told)
    return draw_question(asked, load(asked.path), room).pixels


@pytest.mark.parametrize(
    ("kind", "env", "escapes"),
    [
        ("old", {}, {b"\x1b[c"}),
        ("silent", {}, {b"\x1b[c"}),
        ("kitty", {"TERM": "dumb"}, set()),
        ("kitty", {"TERM": "linux"}, set()),
    ],
)
def test_a_terminal_that_says_nothing_of_graphics_gets_none(
    folder: Path, kind: str, env: dict[str, str], escapes: set[bytes]
) -> None:
    with at_work(folder, [BOX], kind, env=env) as typist:
        typist.until(PROMPT)
        typist.press("?")
        typist.until("kept")
        assert {b"\x1b" + part[:2] for part in typist.screen.split(b"\x1b")[1:]} == escapes


def test_a_later_terminal_without_graphics_gets_a_link(folder: Path) -> None:
    with at_work(folder, [BOX], "plain") as typist:
        said = typist.until(PROMPT)
        address = (folder / "out" / "question.png").as_uri().removeprefix("file://")
        assert f"{address}\x1b\\" in said
        assert "\x1b]8;;file://" in said
        assert f"Picture: {folder / 'out' / 'question.png'}" in as_text(said)


def test_kitty_shows_the_picture_itself_and_again_after_a_resize(folder: Path) -> None:
    with at_work(folder, [TWO], "kitty") as typist:
        typist.until(PROMPT)
        pictures = from_kitty(typist.screen)
        assert len(pictures) == 1
        assert np.array_equal(pictures[0], drawn(folder, TWO, (31 * 20, 99 * 10)))
        typist.resize(60, 30)
        typist.until(PROMPT)
        assert np.array_equal(from_kitty(typist.screen)[1], drawn(folder, TWO, (21 * 20, 59 * 10)))
        typist.press("f")
        typist.until("steps of 2 pixels")
        typist.press("1")
        typist.until("60 30 80 50")
        typist.press("\r")
        assert answer(typist)["xyxy"] == [60, 30, 80, 50]
        asked = question(folder, TWO)
        fixed = draw_question(asked, load(asked.path), (420, 590), box=(60, 30, 80, 50), numbered=True)
        assert np.array_equal(from_kitty(typist.screen)[-1], fixed.pixels)
        assert not (folder / "out").exists()


def test_sixel_and_inline_images(folder: Path) -> None:
    full = drawn(folder, BOX, (31 * 20, 99 * 10))
    with at_work(folder, [BOX], "sixel") as typist:
        typist.until(PROMPT)
        assert np.abs(from_sixel(typist.screen).astype(int) - full).mean() < 3
        assert b"\x1b_G" not in typist.screen
    with at_work(folder, [BOX], "iterm2") as typist:
        typist.until(PROMPT)
        assert np.abs(from_iterm2(typist.screen).astype(int) - full).mean() < 3


def test_keys_pressed_before_the_question_was_seen_do_not_count(folder: Path) -> None:
    with at_work(folder, [BOX, BOX], "silent") as typist:
        typist.until(r"\x1b\[c")
        typist.press("nnn")
        typist.until(PROMPT)
        typist.press("y")
        assert answer(typist)["verdict"] == "yes"


@pytest.mark.parametrize("keys", ["", "f"])
def test_the_terminal_is_as_before_after_an_interrupt(folder: Path, keys: str) -> None:
    with at_work(folder, [BOX]) as typist:
        before = typist.mode()
        typist.until(PROMPT)
        if keys:
            typist.press(keys)
            typist.until("steps of")
        assert typist.mode() != before
        typist.press("\x03")
        assert typist.end() != 0
        assert b"KeyboardInterrupt" in typist.screen
        assert typist.mode() == before


def test_nobody_there_any_more_is_a_stop(folder: Path) -> None:
    with at_work(folder, [BOX]) as typist:
        typist.until(PROMPT)
        typist.press("\x04")
        assert answer(typist) is None


def test_names_cannot_steer_the_terminal(folder: Path) -> None:
    with at_work(folder, [{**BOX, "file": "a\x1b[2J\u202eb.png", "text": "Is\r\n\x07 it?"}]) as typist:
        said = typist.until(PROMPT)
        assert "a?[2J?b.png" in said
        assert "Is??? it?" in said


def test_without_a_terminal_it_says_how_to_answer(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from ocella.cli.terminal_asker import TerminalAsker; TerminalAsker.here(Path({str(tmp_path)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "InvalidValue: Questions need a terminal" in done.stderr
    assert "--answers FOLDER" in done.stderr


def test_the_transcript_of_the_docs_is_made_by_asking(tmp_path: Path) -> None:
    out = tmp_path / "choose.txt"
    made = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "choose_transcript.py"), "--out", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    text = out.read_text(encoding="utf-8")
    assert text.startswith("SIMULATED ANSWERS")
    assert text.count("Question 10 of 10") == 1
    assert text.count("Question 5 of 10") == 2
    assert "> undo" in text
    assert "10 answers are kept." in text
    shown = ROOT / "docs" / "how-to" / "transcripts" / "choose.txt"
    figures = re.compile(r"\d+(\.\d+)?")
    assert figures.sub("0", shown.read_text(encoding="utf-8")) == figures.sub("0", text)
