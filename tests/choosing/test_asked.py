"""Answers survive stops, crashes and second thoughts."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from ocella.choosing.asked import FILE, Asked, Recorded, key_of, recording
from ocella.choosing.question import Question, QuestionKind, Reply
from ocella.errors import Busy, InvalidValue, Unreadable
from ocella.types import Detections

CLASSES = ("car", "dog")


def objects(*rows: Sequence[float], names: Sequence[str] = ()) -> Detections:
    ids = [CLASSES.index(n) for n in names] or [0] * len(rows)
    return Detections(
        np.array(rows, np.float32).reshape(-1, 4), np.ones(len(rows), np.float32), np.array(ids, np.int64), CLASSES
    )


def asked(
    unit: int = 0, kind: QuestionKind = "object", file: str = "a.jpg", found: Detections | None = None, text: str = "",
    choices: Sequence[str] = CLASSES,
) -> Question:  # fmt: skip
    return Question(unit, kind, file, Path(file), text, found, tuple(choices))


class Script:
    """Gives prepared answers, counts how often it was asked."""

    name = "a person"

    def __init__(self, *answers: Reply | Literal["undo"] | None) -> None:
        self.answers = list(answers)
        self.asked: list[int] = []

    def __call__(self, question: Question, done: int, most: int) -> Reply | Literal["undo"] | None:
        del done, most
        self.asked.append(question.unit)
        return self.answers.pop(0)


FIRST, SECOND = (asked(i, found=objects((10 * i, 0, 50 + 10 * i, 50))) for i in (1, 2))
FULL = [
    Reply("yes", seconds=1.25), Reply("no"), Reply("class", "dog"), Reply("fix", xyxy=(1.5, 2, 30, 40)),
    Reply("missing", missing={"dog": 2}), Reply("missing"), Reply("skip"),
]  # fmt: skip


def test_replies_come_back_in_the_next_run(tmp_path: Path) -> None:
    questions = [asked(i, found=objects((i, 0, i + 20, 20))) for i in range(len(FULL))]
    with recording(tmp_path, "a person") as record:
        for question, reply in zip(questions, FULL, strict=True):
            record.add(question, reply)
    with recording(tmp_path, "a person") as record:
        assert [record.get(q) for q in questions] == FULL
    with recording(tmp_path, "labels in ./ds") as record:
        assert len(record) == 0


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    with recording(tmp_path, "a person") as record:
        asker = Recorded(Script(Reply("yes"), None), record)
        assert asker(FIRST, 0, 2) == Reply("yes")
        assert asker(SECOND, 1, 2) is None
    with recording(tmp_path, "a person") as record:
        script = Script(Reply("no"))
        asker = Recorded(script, record)
        assert asker(FIRST, 0, 2) == Reply("yes")
        assert asker(SECOND, 1, 2) == Reply("no")
        assert (script.asked, asker.name) == ([2], "a person")


def test_an_undo_takes_back_the_last_answer_even_one_of_a_run_before(tmp_path: Path) -> None:
    with recording(tmp_path, "a person") as record:
        Recorded(Script(Reply("yes")), record)(FIRST, 0, 2)
    with recording(tmp_path, "a person") as record:
        asker = Recorded(Script("undo", Reply("no"), None), record)
        assert asker(FIRST, 0, 2) == Reply("yes")
        assert asker(SECOND, 1, 2) == "undo"
        assert record.get(FIRST) is None
        assert asker(FIRST, 0, 2) == Reply("no")
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text(encoding="utf-8").splitlines()]
    assert [line.get("undo", line.get("reply", {}).get("verdict")) for line in lines] == ["yes", True, "no"]
    with recording(tmp_path, "a person") as record:
        assert record.get(FIRST) == Reply("no")


def test_there_must_be_an_answer_to_take_back(tmp_path: Path) -> None:
    with recording(tmp_path, "a person") as record, pytest.raises(InvalidValue, match="take back"):
        Recorded(Script("undo"), record)(FIRST, 0, 2)


@pytest.mark.parametrize("torn", [1, 20, -1])
def test_a_half_written_line_is_dropped_and_the_file_goes_on(tmp_path: Path, torn: int) -> None:
    with recording(tmp_path, "a person") as record:
        record.add(FIRST, Reply("yes"))
        record.add(SECOND, Reply("no"))
    first, second = (tmp_path / FILE).read_bytes().splitlines(keepends=True)
    (tmp_path / FILE).write_bytes(first + second[:torn])
    with recording(tmp_path, "a person") as record:
        assert (record.get(FIRST), record.get(SECOND)) == (Reply("yes"), None)
        record.add(SECOND, Reply("skip"))
    with recording(tmp_path, "a person") as record:
        assert (record.get(FIRST), record.get(SECOND)) == (Reply("yes"), Reply("skip"))


@pytest.mark.parametrize(
    "line", ['{"unit":"x"}', "[]", "null", "{", '{"unit":"x","by":"a person","reply":{"verdict":"maybe"}}']
)
def test_a_whole_line_that_is_no_answer_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(line + "\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"Line 1 of .*replies\.jsonl"), recording(tmp_path, "a person"):
        pass


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with recording(tmp_path / "asked", "a person"), pytest.raises(Busy), recording(tmp_path / "asked", "a person"):
        pass


KILLED = """
import sys, pathlib, numpy as np
from ocella.choosing.asked import recording
from ocella.choosing.question import Question, Reply
with recording(pathlib.Path(sys.argv[1]), "a person") as record:
    for i in range(1000000):
        record.add(Question(i, "class", f"{i}.jpg", pathlib.Path("x"), "", None, ("car",)), Reply("class", "car"))
        print(i, flush=True)
"""


def test_a_killed_process_loses_no_answer_that_it_took(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        taken = -1
        while taken < 20:
            taken = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        taken = max([taken, *(int(line) for line in process.stdout.read().split("\n")[:-1] if line)])
    with recording(tmp_path, "a person") as record:
        assert all(record.get(asked(0, "class", f"{i}.jpg", None, "", ["car"])) for i in range(taken + 1))
        assert taken + 1 <= len(record) <= taken + 2


SAME = [
    ("place in the pool", FIRST, asked(9, found=objects((10, 0, 60, 50)))),
    ("less than half a pixel", FIRST, asked(found=objects((10.3, 0, 60, 49.8)))),
    ("other boxes for it", FIRST, asked(found=objects((10, 0, 60, 50), (11, 0, 60, 50)))),
    ("the words", FIRST, asked(found=objects((10, 0, 60, 50)), text="Car?")),
    ("order of the choices", asked(kind="class"), asked(kind="class", choices=["dog", "car"])),
    (
        "order of what is known",
        asked(kind="missing", found=objects((0, 0, 9, 9), (20, 20, 30, 30))),
        asked(kind="missing", found=objects((20, 20, 30, 30), (0, 0, 9, 9))),
    ),
]
OTHER = [
    ("file", asked(file="b.jpg", found=objects((10, 0, 60, 50)))),
    ("class", asked(found=objects((10, 0, 60, 50), names=["dog"]))),
    ("box", asked(found=objects((12, 0, 60, 50)))),
    ("kind", asked(kind="outline", found=objects((10, 0, 60, 50)))),
]


@pytest.mark.parametrize(("one", "two"), [pytest.param(*c[1:], id=c[0]) for c in SAME])
def test_a_question_is_the_same_whatever_its(one: Question, two: Question) -> None:
    assert key_of(one) == key_of(two)


@pytest.mark.parametrize("other", [pytest.param(*c[1:], id=c[0]) for c in OTHER])
def test_a_question_is_another_by_its(other: Question) -> None:
    assert key_of(other) != key_of(FIRST)


def test_what_is_missing_depends_on_what_is_known_and_asked_for() -> None:
    known = objects((0, 0, 9, 9))
    keys = {
        key_of(asked(kind="missing", found=known)),
        key_of(asked(kind="missing", found=objects())),
        key_of(asked(kind="missing", found=known, choices=["dog"])),
        key_of(asked(kind="text", text="How many?")),
        key_of(asked(kind="text", text="Which colour?")),
    }
    assert len(keys) == 5


def test_a_pair_is_another_by_the_folder_of_its_second_image() -> None:
    path = Path("photos")
    keys = {
        key_of(Question(0, "pair", "x/a.jpg", path / "x" / "a.jpg", "", other=path / folder / "b.jpg"))
        for folder in "xy"
    }
    assert len(keys) == 2
    moved = Question(0, "pair", "x/a.jpg", Path("/elsewhere/x/a.jpg"), "", other=Path("/elsewhere/y/b.jpg"))
    assert key_of(moved) in keys


def test_names_that_are_no_unicode_are_kept(tmp_path: Path) -> None:
    odd = asked(kind="class", file="a\udce9.jpg")
    with recording(tmp_path, "a person") as record:
        record.add(odd, Reply("no"))
        assert isinstance(record, Asked)
    with recording(tmp_path, "a person") as record:
        assert record.get(odd) == Reply("no")
