"""Labels by a chosen setting are what the setting says, and say that they are."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.choosing.results import chosen, scored
from tests.onnx_files import constant_file
from tests.small_models import Blocks, paint

import ocella
import ocella_starter
from ocella.choosing.choice_file import write_choice
from ocella.choosing.setting import Setting
from ocella.cli.main import main
from ocella.datasets import Dataset
from ocella.errors import InvalidValue, NotFound
from ocella.journeys.inputs import as_choice
from ocella.media.load import load as open_image
from ocella.models.compose import tiled
from ocella.models.labels import label_images
from ocella.types import ClassDef, Detections, Label, Ontology

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
THINGS = Ontology(
    (
        ClassDef("human", ("person",), threshold=0.6),
        ClassDef("pet", ("cat", "dog", "horse"), threshold=0.26),
        ClassDef("boat"),
    )
)


def photos() -> list[Path]:
    return [PHOTOS / name for name in ("astronaut.png", "boats.jpg", "camera.png", "cat.png")]


def written(folder: Path, setting: Setting, **changes: Any) -> Path:
    return write_choice(folder / "choice.yaml", chosen(scored(setting), **changes))


def rows(found: Label) -> list[tuple[str, float, list[float]]]:
    assert isinstance(found, Detections)
    return [
        (name, round(float(c), 5), [round(float(v), 2) for v in box])
        for name, c, box in zip(found.names, found.confidence, found.xyxy, strict=True)
    ]


def labelled(out: Path) -> dict[str, list[tuple[str, float, list[float]]]]:
    dataset = Dataset.open(out)
    return {s.file.removeprefix("images/"): rows(s.detections(dataset.classes)) for s in dataset}


@pytest.mark.parametrize("tile", [None, (2, 2)])
def test_labels_are_those_of_the_setting(tmp_path: Path, tile: tuple[int, int] | None) -> None:
    setting = Setting("nanodet-g", THINGS, tile)
    ocella.label(photos(), tmp_path / "out", setting=written(tmp_path, setting))
    model = tiled(ocella.load("nanodet-g"), tile)
    direct = {p.name: rows(label_images(model, [open_image(p)], ontology=THINGS)[0]) for p in photos()}
    assert labelled(tmp_path / "out") == direct
    found = [row for of_one in direct.values() for row in of_one]
    least = {n: min(c for name, c, _ in found if name == n) for n in THINGS.names}
    assert least["human"] >= 0.6
    assert 0.26 <= least["pet"] < 0.6


@pytest.mark.parametrize("tile", [None, (2, 2)])
def test_thresholds_do_what_was_judged(tmp_path: Path, tile: tuple[int, int] | None) -> None:
    """What is seen far below all thresholds, cut at those of the setting, is what label makes."""
    least = {"human": 0.6, "pet": 0.26, "boat": 0.3}
    open_to_all = Ontology(tuple(replace(c, threshold=None) for c in THINGS.classes))
    ocella.label(photos(), tmp_path / "out", setting=Setting("nanodet-g", open_to_all, tile).at(least))
    model = tiled(ocella.load("nanodet-g"), tile)
    seen = {
        p.name: rows(label_images(model, [open_image(p)], ontology=open_to_all, threshold=0.02)[0]) for p in photos()
    }
    cut = {name: [row for row in found if row[1] >= least[row[0]]] for name, found in seen.items()}
    assert labelled(tmp_path / "out") == cut
    assert sum(map(len, cut.values())) < sum(map(len, seen.values()))


def test_the_record_says_where_the_setting_is_from(tmp_path: Path) -> None:
    ocella.label(photos()[:2], tmp_path / "out", setting=written(tmp_path, Setting("nanodet-g", THINGS, (1, 2))))
    source = Dataset.open(tmp_path / "out").samples[0].annotations[0].source
    assert source.name == "tiled-1x2(nanodet-g)"
    told = source.settings["chosen"]
    assert (told["answers"], told["answered_by"], told["goal"], told["good_enough"]) == (
        40,
        "a person",
        "balance",
        True,
    )
    assert source.settings["classes"] == THINGS.to_json()["classes"]
    assert source.settings["tile"] == [1, 2]
    before = (tmp_path / "out" / "annotations.json").read_bytes()
    again = ocella.label(photos()[:2], tmp_path / "out", setting=tmp_path / "choice.yaml")
    assert (again.new, again.reused) == (0, 2)
    assert (tmp_path / "out" / "annotations.json").read_bytes() == before


def test_where_a_setting_is_from_changes_no_label_and_asks_nothing_again(tmp_path: Path) -> None:
    setting = Setting("nanodet-g", THINGS)
    ocella.label(photos()[:2], tmp_path / "out", classes=THINGS)
    again = ocella.label(photos()[:2], tmp_path / "out", setting=written(tmp_path, setting))
    assert (again.new, again.reused) == (0, 2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"guess": True}, "chosen without anyone looking at a label"),
        ({"good_enough": False}, "no setting was good enough"),
        ({}, ""),
    ],
)
def test_the_page_warns_of_a_doubtful_setting(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    ocella.label(photos()[:1], tmp_path / "out", setting=written(tmp_path, Setting("nanodet-g"), **changes))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert ("The setting is a guess" in page or "When this setting was chosen" in page) == bool(told)
    assert told in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"model": "nanodet-g"}, "so model cannot"),
        ({"classes": "person"}, "so classes cannot"),
        ({"threshold": 0.0}, "so threshold cannot"),
        ({"tile": "2x2", "prompt": "What?"}, "so tile and prompt cannot .* Take them away"),
    ],
)
def test_what_a_setting_says_is_not_given_beside_it(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        ocella.label(photos()[:1], tmp_path / "out", setting=written(tmp_path, Setting("nanodet-g")), **given)
    assert not (tmp_path / "out").exists()


def test_a_setting_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="ocella choose"):
        ocella.label(photos()[:1], tmp_path / "out", setting=tmp_path / "absent.yaml")


def test_without_a_setting_the_usual_model_labels(tmp_path: Path) -> None:
    assert as_choice(None, model="x", classes="y") is None
    labeled = ocella.label(photos()[:1], tmp_path / "out")
    assert labeled.model == "nanodet-g"
    paint(tmp_path / "in" / "one.png", ("red", 10, 10, 30, 40))
    labeled = ocella.label(tmp_path / "in", tmp_path / "own", model=Blocks(), classes="red")
    assert (labeled.model, labeled.counts) == ("blocks", {"red": 1})
    source = labeled.dataset.samples[0].annotations[0].source
    assert "chosen" not in source.settings


def test_keypoints_take_the_one_threshold_there_is(tmp_path: Path) -> None:
    person = Ontology((ClassDef("person", threshold=0.97),))
    model = next(c.name for c in ocella.list_models(task="keypoints") if c.run_here == "its real weights")
    few = ocella.label(photos(), tmp_path / "few", setting=Setting(model, person))
    all_of_them = ocella.label(photos(), tmp_path / "all", model=model, threshold=0.02)
    assert sum(few.counts.values()) < sum(all_of_them.counts.values())
    for sample in few.dataset:
        assert (sample.detections(few.dataset.classes).confidence >= 0.97).all()


@pytest.mark.parametrize(("threshold", "count"), [(0.5, 1), (0.95, 0)])
def test_a_file_that_names_no_classes_keeps_their_thresholds(tmp_path: Path, threshold: float, count: int) -> None:
    """A file of two classes that finds one thing, a 0.9."""
    out = np.zeros((1, 6, 21), np.float32)
    out[0, :, 3] = 16, 16, 8, 4, 0.9, 0.1
    file = constant_file(tmp_path / "my.onnx", {"output0": out})
    setting = Setting(str(file), Ontology((ClassDef("ant", threshold=threshold), ClassDef("bee"))))
    photo = paint(tmp_path / "in" / "photo.png")
    labeled = ocella.label(photo, tmp_path / "out", setting=setting, task="detect")
    assert labeled.counts == {"ant": count, "bee": 0}


def test_the_command_takes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = written(tmp_path, Setting("nanodet-g", THINGS)), tmp_path / "out"
    given = ["label", str(PHOTOS / "cat.png"), "--setting", str(path), "--out", str(out), "--json"]
    assert main([*given, "--model", "nanodet-g"]) == 2
    assert "so model cannot be given beside it" in capsys.readouterr().out
    assert main(given) == 0
    assert set(json.loads(capsys.readouterr().out)["counts"]) == set(THINGS.names)
