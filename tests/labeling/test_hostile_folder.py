"""A folder as it comes: each bad file is reported by name, the good ones are labelled, nothing is changed."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.hostile import Hostile, make

from ocella.cli.main import main
from ocella.datasets import Dataset
from ocella.types import Detections


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of every regular file."""
    return {
        p.relative_to(folder).as_posix(): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in folder.rglob("*")
        if p.is_file()
    }


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two runs over the folder, and what lay there before and after."""
    base = tmp_path_factory.mktemp("hostile")
    met = make(base / "in")
    before = fingerprint(base / "in")
    command = ["label", str(base / "in"), "--out", str(base / "out"), "--model", "nanodet-g"]
    codes, notes = [], []
    for _ in range(2):
        codes.append(main([*command, "--json"]))
        notes.append((base / "out" / "annotations.json").read_bytes())
    return {"met": met, "codes": codes, "notes": notes, "before": before, "base": base, "command": command}


def test_it_ends_well_and_nothing_in_the_source_changed(ran: dict[str, Any]) -> None:
    assert ran["codes"] == [0, 0]
    assert fingerprint(ran["base"] / "in") == ran["before"]


def test_each_bad_file_is_reported_by_name(ran: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ran["command"], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    aside = {a["name"]: a["reason"] for a in told["set_aside"]}
    bad: list[Hostile] = [h for h in ran["met"] if not h.good]
    assert sorted(aside) == sorted(h.name for h in bad)
    assert all(len(reason) > 10 for reason in aside.values())
    assert main(ran["command"]) == 0
    text = capsys.readouterr().out
    assert all(f"Set aside: {h.name}: {aside[h.name]}" in text for h in bad)
    page = (ran["base"] / "out" / "report.html").read_text(encoding="utf-8")
    assert all(h.name in page for h in bad if not set(h.name) & set("&'\""))


def test_all_good_ones_are_labelled_under_their_own_names(ran: dict[str, Any]) -> None:
    opened = Dataset.open(ran["base"] / "out")
    good: list[Hostile] = [h for h in ran["met"] if h.good]
    assert {s.file: s.size_hw for s in opened} == {f"images/{h.name}": h.size_hw for h in good}
    for sample in opened:
        assert [type(a.value) for a in sample.annotations] == [Detections]
        content = (ran["base"] / "in" / sample.file.removeprefix("images/")).read_bytes()
        assert opened.path(sample).read_bytes() == content
        assert sample.sha256 == hashlib.sha256(content).hexdigest()


def test_equal_stems_stay_apart(ran: dict[str, Any]) -> None:
    opened = Dataset.open(ran["base"] / "out")
    by_file = {s.file: s.sha256 for s in opened}
    stems = ["images/a.jpg", "images/a.png", "images/sub/a.jpg"]
    assert len({by_file[f] for f in stems}) == 3


def test_a_second_run_changes_nothing(ran: dict[str, Any]) -> None:
    assert ran["notes"][0] == ran["notes"][1]
