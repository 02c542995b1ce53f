import numpy as np
import pytest

from ocella.errors import NotFound
from ocella.labeling.rule import Rule, by_rule, rules
from ocella.types import Detections

HW = (400, 600)
Box = tuple[float, float, float, float]
Row = tuple[Box, float, int]


def found(rows: list[Row]) -> Detections:
    boxes = np.array([r[0] for r in rows], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array([r[1] for r in rows]), np.array([r[2] for r in rows], np.int64), ("a", "b"))


def box(x1: float, y1: float, x2: float, y2: float, confidence: float = 0.5, class_id: int = 0) -> Row:
    return (x1, y1, x2, y2), confidence, class_id


BIG = box(100, 100, 200, 200, 0.9)

TABLE = [
    ("tiny", "under 3 px wide", [box(10, 10, 12.9, 40)], {0: "reject"}),
    ("tiny", "3 px wide is 1/200 of 600", [box(10, 10, 13, 40)], {}),
    ("tiny", "no area", [box(10, 10, 10, 10)], {0: "reject"}),
    ("tiny", "one of two", [BIG, box(0, 0, 50, 2)], {1: "reject"}),
    ("sliver", "13 times as long, under 8 px", [box(10, 10, 101, 17)], {0: "reject"}),
    ("sliver", "just under 12 times", [box(10, 10, 93.9, 17)], {}),
    ("sliver", "long but 8 px thick", [box(10, 10, 300, 18)], {}),
    ("sliver", "standing", [box(10, 10, 14, 200)], {0: "reject"}),
    ("sliver", "no thickness", [box(10, 10, 10, 200)], {0: "reject"}),
    ("out-of-frame", "inside to the last pixel", [box(0, 0, 600, 400)], {}),
    ("out-of-frame", "over by less than a hundredth", [box(0, 0, 600.005, 400)], {}),
    ("out-of-frame", "over the right border", [box(500, 100, 640, 200)], {0: "clip"}),
    ("out-of-frame", "over all borders", [box(-5, -5, 700, 500)], {0: "clip"}),
    ("out-of-frame", "wholly right of it", [box(610, 100, 640, 200)], {0: "reject"}),
    ("out-of-frame", "touches from outside", [box(-50, 100, 0, 200)], {0: "reject"}),
    ("duplicate", "same box, same class", [BIG, box(100, 100, 200, 200, 0.5)], {1: "reject"}),
    ("duplicate", "the less confident goes, wherever it is", [box(100, 100, 200, 200, 0.5), BIG], {0: "reject"}),
    ("duplicate", "other class", [BIG, box(100, 100, 200, 200, 0.5, 1)], {1: "reject"}),
    ("duplicate", "IoU 0.7 exactly", [BIG, box(100, 100, 200, 170, 0.5)], {}),
    ("duplicate", "IoU 0.71", [BIG, box(100, 100, 200, 171, 0.5)], {1: "reject"}),
    ("duplicate", "equal confidence: the later", [box(1, 1, 50, 50), box(1, 1, 50, 50)], {1: "reject"}),
    (
        "duplicate",
        "a chain: what is gone takes nothing with it",
        [box(0, 0, 100, 100, 0.9), box(15, 0, 115, 100, 0.8), box(30, 0, 130, 100, 0.7)],
        {1: "reject"},
    ),
    ("nested", "a part of its class", [BIG, box(110, 110, 180, 180, 0.5)], {1: "reject"}),
    ("nested", "another class may lie inside", [BIG, box(110, 110, 180, 180, 0.5, 1)], {}),
    ("nested", "more confident than its frame", [box(100, 100, 200, 200, 0.4), box(110, 110, 180, 180)], {}),
    ("nested", "over 4 times smaller: a thing of its own", [BIG, box(110, 110, 159, 159, 0.5)], {}),
    ("nested", "a quarter exactly", [BIG, box(110, 110, 160, 160, 0.5)], {1: "reject"}),
    ("nested", "94 % inside", [BIG, box(194 - 94, 110, 206, 180, 0.5)], {}),
    ("nested", "95 % inside", [BIG, box(105, 110, 205, 180, 0.5)], {1: "reject"}),
]


@pytest.mark.parametrize(("rule", "case", "rows", "wrong"), TABLE, ids=[f"{t[0]}: {t[1]}" for t in TABLE])
def test_a_rule_finds_these_rows(rule: str, case: str, rows: list[Row], wrong: dict[int, str]) -> None:
    findings = rules.get(rule).find(found(rows), HW)
    assert {f.row: f.fix for f in findings} == wrong, case
    assert len({f.row for f in findings}) == len(findings)
    assert all(f.reason for f in findings)


@pytest.mark.parametrize("rule", list(rules), ids=lambda r: r.name)
def test_a_rule_bears_nothing_and_is_listed(rule: Rule) -> None:
    assert rule.find(found([]), HW) == []
    assert rule.summary
    assert by_rule(f"{rule.name}: for some reason")


def test_the_table_has_every_rule() -> None:
    assert {t[0] for t in TABLE} == {r.name for r in rules}


def test_a_person_may_write_notes_too() -> None:
    assert not by_rule("")
    assert not by_rule("wrong breed")
    assert not by_rule("note: tiny")


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(NotFound, match="Did you mean 'duplicate'"):
        rules.get("duplicates")
