"""Every hygiene rule of the registry keeps the same promises."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocella.labeling.rule import Finding, Rule, rules
from ocella.ops.boxes import clip
from ocella.types import Detections

CLASSES = ("person", "dog")
SIZE_HW = (90, 120)

every_rule = pytest.mark.parametrize("rule", list(rules), ids=lambda r: r.name)

Row = tuple[float, float, float, float, float, int]
side = st.floats(-60, 180, width=32) | st.sampled_from([-10.0, 0.0, 90.0, 119.99, 120.0])
row = st.tuples(side, side, side, side, st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]), st.integers(0, 1))


def boxes(rows: list[Row]) -> Detections:
    """Rows of two corners in any order, confidence and class."""
    corners = np.array([r[:4] for r in rows], np.float32).reshape(-1, 2, 2)
    xyxy = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    confidence, class_id = np.array([r[4] for r in rows], np.float32), np.array([r[5] for r in rows], np.int64)
    return Detections(xyxy, confidence, class_id, CLASSES)


def fixed(found: Detections, findings: list[Finding], size_hw: tuple[int, int]) -> Detections:
    """As `clean` leaves it: rejected rows are gone, clipped ones are cut to the image."""
    xyxy = np.array(found.xyxy)
    for finding in findings:
        if finding.fix == "clip":
            xyxy[finding.row] = clip(xyxy[finding.row : finding.row + 1], size_hw)[0]
    gone = {f.row for f in findings if f.fix == "reject"}
    return found.replace(xyxy=xyxy)[[i not in gone for i in range(len(found))]]


def assert_sound(rule: Rule, found: Detections, size_hw: tuple[int, int]) -> None:
    findings = rule.find(found, size_hw)
    named = [f.row for f in findings]
    assert all(type(i) is int and 0 <= i < len(found) for i in named)
    assert len(set(named)) == len(named)
    assert all(f.fix in ("reject", "clip") and f.reason.strip() for f in findings)
    assert rule.find(found, size_hw) == findings
    assert rule.find(fixed(found, findings, size_hw), size_hw) == []


def test_names_are_unique_and_kebab_case() -> None:
    assert [r.name for r in rules if not re.fullmatch(r"[a-z]+(-[a-z]+)*", r.name)] == []


@every_rule
def test_it_says_what_it_looks_for(rule: Rule) -> None:
    assert len(rule.summary) > 10
    assert type(rule).__doc__


@every_rule
def test_nothing_is_wrong_with_nothing(rule: Rule) -> None:
    assert rule.find(Detections.empty(CLASSES), SIZE_HW) == []
    assert rule.find(Detections.empty(), (1, 1)) == []


@every_rule
def test_one_good_box_is_left_alone(rule: Rule) -> None:
    assert rule.find(boxes([(30, 20, 80, 70, 0.9, 0)]), SIZE_HW) == []


@every_rule
def test_two_good_boxes_side_by_side_are_left_alone(rule: Rule) -> None:
    assert rule.find(boxes([(10, 20, 50, 70, 0.9, 0), (60, 20, 110, 70, 0.4, 1)]), SIZE_HW) == []


@every_rule
@given(rows=st.lists(row, max_size=7))
@example(rows=[(0, 0, 0, 0, 1.0, 0)])
@example(rows=[(10, 10, 60, 60, 0.5, 0)] * 3)
@example(rows=[(-50, -50, -20, -20, 0.5, 0), (-20, 20, 200, 60, 0.5, 1)])
@example(rows=[(10, 10, 60, 60, 0.9, 0), (12, 12, 50, 50, 0.5, 0), (14, 14, 40, 40, 0.3, 0)])
def test_findings_point_to_rows_once_and_their_fix_mends_them(rule: Rule, rows: list[Row]) -> None:
    assert_sound(rule, boxes(rows), SIZE_HW)


@every_rule
@given(rows=st.lists(row, max_size=4), size_hw=st.tuples(st.integers(1, 300), st.integers(1, 300)))
def test_any_image_size_will_do(rule: Rule, rows: list[Row], size_hw: tuple[int, int]) -> None:
    assert_sound(rule, boxes(rows), size_hw)


@every_rule
def test_the_same_boxes_in_another_order_give_the_same_findings(rule: Rule) -> None:
    found = boxes(
        [
            (10, 10, 60, 60, 0.9, 0),
            (12, 12, 61, 61, 0.5, 1),
            (14, 14, 48, 48, 0.3, 0),
            (-10, 20, 30, 60, 0.7, 1),
            (0, 0, 1, 1, 0.8, 0),
            (100, 0, 101, 80, 0.6, 1),
        ]
    )
    order = np.array([3, 5, 0, 4, 2, 1])
    there = {f.row: (f.reason, f.fix) for f in rule.find(found, SIZE_HW)}
    back = {int(order[f.row]): (f.reason, f.fix) for f in rule.find(found[order], SIZE_HW)}
    assert back == there
