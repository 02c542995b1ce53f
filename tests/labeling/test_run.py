"""Label runs with small real models."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.small_models import Blocks, Brightness, Light, Rulers, Teller, paint

from ocella.datasets import Dataset
from ocella.errors import Busy, InvalidValue, Mismatch, NoMatch, NotFound
from ocella.labeling.report import label_sections
from ocella.labeling.run import label
from ocella.labeling.settings import LabelSettings
from ocella.models.tasks import Model
from ocella.reports.page import Page
from ocella.store.lock import exclusive
from ocella.types import ClassDef, Detections, Image, Ontology


def pictures(folder: Path) -> Path:
    paint(folder / "one.png", ("red", 10, 10, 30, 40))
    paint(folder / "two.png", ("blue", 5, 5, 25, 25), ("red", 50, 20, 80, 60))
    paint(folder / "none.png")
    return folder


def written(out: Path) -> bytes:
    return (out / "annotations.json").read_bytes()


def test_labels_are_what_the_model_said(tmp_path: Path) -> None:
    told = []
    labeled = label([pictures(tmp_path / "in")], tmp_path / "out", Blocks(), progress=lambda *row: told.append(row))
    opened = Dataset.open(tmp_path / "out")
    assert opened == labeled.dataset
    by_file = {s.file: s.detections(opened.classes) for s in opened}
    assert by_file["images/one.png"].xyxy.tolist() == [[10, 10, 30, 40]]
    assert by_file["images/two.png"].names == ["red", "blue"]
    assert len(by_file["images/none.png"]) == 0
    assert all(s.seen for s in opened)
    assert (labeled.new, labeled.reused) == (3, 0)
    assert labeled.counts == {"red": 2, "green": 0, "blue": 1}
    assert labeled.empty_classes == ("green",)
    assert labeled.empty_images == 1
    assert told[-1][:3] == ("label", 3, 3)
    source = opened.samples[0].annotations[0].source
    assert (source.kind, source.name) == ("model", "blocks")
    assert source.settings["weights_license"] == "CC0-1.0"


def test_a_second_run_asks_the_model_nothing_and_changes_no_byte(tmp_path: Path) -> None:
    model, out = Blocks(), tmp_path / "out"
    label([pictures(tmp_path / "in")], out, model)
    first = written(out)
    again = label([tmp_path / "in"], out, model)
    assert model.seen == 3
    assert (again.new, again.reused) == (0, 3)
    assert written(out) == first
    paint(tmp_path / "in" / "later.png", ("green", 1, 1, 20, 20))
    grown = label([tmp_path / "in"], out, model)
    assert model.seen == 4
    assert (grown.new, grown.reused, grown.counts["green"]) == (1, 3, 1)


def test_the_same_picture_twice_is_asked_once(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png", ("red", 10, 10, 30, 40))
    shutil.copy(tmp_path / "in" / "a.png", tmp_path / "in" / "b.png")
    model = Blocks()
    labeled = label([tmp_path / "in"], tmp_path / "out", model)
    assert model.seen == 1
    assert len(labeled.dataset) == 2
    assert labeled.counts["red"] == 2


class Stops(Blocks):
    """Breaks down at its second batch, as a killed process would."""

    def predict(self, images: Any, ontology: Ontology | None = None, *, threshold: float | None = None) -> Any:
        if self.seen:
            raise KeyboardInterrupt
        return super().predict(images, ontology, threshold=threshold)


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    out, settings = tmp_path / "out", LabelSettings(batch=2)
    with pytest.raises(KeyboardInterrupt):
        label([tmp_path / "in"], out, Stops(), settings)
    assert not (out / "annotations.json").exists()
    model = Blocks()
    went_on = label([tmp_path / "in"], out, model, settings)
    assert model.seen == 1
    assert (went_on.new, went_on.reused) == (1, 2)
    whole = label([tmp_path / "in"], tmp_path / "whole", Blocks(), settings)
    assert [s.detections(whole.dataset.classes) for s in went_on.dataset] == [
        s.detections(whole.dataset.classes) for s in whole.dataset
    ]


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        (LabelSettings(), 0),
        (LabelSettings(batch=1), 0),
        (LabelSettings(threshold=0.5), 3),
        (LabelSettings(Ontology.of("red")), 3),
        (LabelSettings(tile=(1, 2)), 9),
    ],
)
def test_results_belong_to_their_settings(settings: LabelSettings, asked: int, tmp_path: Path) -> None:
    model = Blocks()
    label([pictures(tmp_path / "in")], tmp_path / "out", model)
    label([tmp_path / "in"], tmp_path / "out", model, settings)
    assert model.seen == 3 + asked


def test_thresholds_and_prompts_reach_the_model(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    high = label([tmp_path / "in"], tmp_path / "high", Blocks(), LabelSettings(threshold=0.95))
    assert sum(high.counts.values()) == 0
    asked = Ontology.parse("thing=red|blue")
    both = label([tmp_path / "in"], tmp_path / "both", Blocks(), LabelSettings(asked))
    assert both.counts == {"thing": 3}
    assert [m["prompt"] for m in both.matches] == ["red", "blue"]
    assert Ontology.from_json(dict(Dataset.open(tmp_path / "both").info["ontology"])) == asked


def test_a_bad_image_fails_alone(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    whole = (tmp_path / "in" / "two.png").read_bytes()
    (tmp_path / "in" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "in" / "empty.png").write_bytes(b"")
    labeled = label([tmp_path / "in"], tmp_path / "out", Blocks())
    assert [s.file for s in labeled.dataset] == ["images/none.png", "images/one.png", "images/two.png"]
    assert [name for name, _ in labeled.set_aside] == ["cut.png", "empty.png"]
    assert all(reason for _, reason in labeled.set_aside)


TASKS = [
    (Brightness(), "classification"),
    (Rulers(), "text_lines"),
    (Light(), "segmentation_map"),
    (Teller(), "answer"),
]


@pytest.mark.parametrize(("model", "kind"), TASKS, ids=[m.task for m, _ in TASKS])
def test_every_task_that_makes_labels(model: Model, kind: str, tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    settings = LabelSettings(prompt="How wide?")
    labeled = label([tmp_path / "in"], tmp_path / "out", model, settings)
    first = written(tmp_path / "out")
    opened = Dataset.open(tmp_path / "out")
    assert opened.task == model.task
    values = [a.value for s in opened for a in s.annotations]
    assert [v.to_json()["type"] for v in values] == [kind] * 3
    expected = model.predict([opened.image(s) for s in opened], "How wide?") if isinstance(model, Teller) else None
    assert expected is None or values == expected
    assert labeled.empty_images in (0, 3)
    label([tmp_path / "in"], tmp_path / "out", model, settings)
    assert written(tmp_path / "out") == first


def test_counts_of_classes_and_lines(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    assert label([tmp_path / "in"], tmp_path / "c", Brightness()).counts == {"dark": 3, "light": 0}
    read = label([tmp_path / "in"], tmp_path / "t", Rulers())
    assert read.counts == {"text": 3}
    assert read.dataset.samples[0].annotations[0].value.texts == ("96 x 64",)  # type: ignore[union-attr]  # text lines


def test_a_prompt_that_matches_nothing_leaves_no_folder(tmp_path: Path) -> None:
    model = Blocks()
    with pytest.raises(NoMatch, match="purple"):
        label([pictures(tmp_path / "in")], tmp_path / "out", model, LabelSettings(Ontology.of("red", "purple")))
    assert not (tmp_path / "out").exists()
    assert model.seen == 0


@pytest.mark.parametrize("source", ["gone", "gone/*.png", "hollow"])
def test_no_image_leaves_no_folder(source: str, tmp_path: Path) -> None:
    (tmp_path / "hollow").mkdir()
    with pytest.raises(NotFound):
        label([tmp_path / source], tmp_path / "out", Blocks())
    assert not (tmp_path / "out").exists()


def test_another_task_goes_into_another_folder(tmp_path: Path) -> None:
    label([pictures(tmp_path / "in")], tmp_path / "out", Blocks())
    first = written(tmp_path / "out")
    with pytest.raises(Mismatch, match="data set for detect, but 'brightness' is for classify"):
        label([tmp_path / "in"], tmp_path / "out", Brightness())
    assert written(tmp_path / "out") == first


def test_two_writers_are_one_too_many(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    with exclusive(tmp_path / "out" / ".ocella"), pytest.raises(Busy):
        label([tmp_path / "in"], tmp_path / "out", Blocks())


@pytest.mark.parametrize(
    "wrong",
    [{"threshold": 1.1}, {"threshold": -0.1}, {"every": 0.0}, {"batch": 0}, {"limit": 0}, {"tile": (0, 2)}],
)
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        LabelSettings(**wrong)


def test_a_limit_counts_images(tmp_path: Path) -> None:
    model = Blocks()
    labeled = label([pictures(tmp_path / "in")], tmp_path / "out", model, LabelSettings(limit=2))
    assert (model.seen, len(labeled.dataset)) == (2, 2)


def test_the_page_leads_with_what_matched_nothing(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    (tmp_path / "in" / "notes.txt").write_text("no picture", encoding="utf-8")
    labeled = label([tmp_path / "in"], tmp_path / "out", Blocks())
    html = Page("T", "L", label_sections(labeled)).html()
    assert html.index("Nothing was found for: green") < html.index("1 images have no label") < html.index("notes.txt")
    assert html.index("notes.txt") < html.index("data:image/")
    told = list(labeled.to_json())
    assert json.loads(json.dumps(labeled.to_json()))["empty_classes"] == ["green"]
    assert told[0] == "dataset"


class Wins(Blocks):
    """Says of each block which prompt found it."""

    def predict(self, images: Any, ontology: Ontology | None = None, *, threshold: float | None = None) -> Any:
        found = super().predict(images, ontology, threshold=threshold)
        return [
            f.replace(data={"prompt": np.array(["red" if n == "warm" else "blue" for n in f.names])}) for f in found
        ]


def test_a_prompt_that_never_wins_is_said(tmp_path: Path) -> None:
    ontology = Ontology((ClassDef("warm", ("red", "green")), ClassDef("cold", ("blue",))))
    settings = LabelSettings(ontology)
    labeled = label([pictures(tmp_path / "in")], tmp_path / "out", Wins(), settings)
    assert labeled.empty_classes == ()
    assert labeled.silent_prompts == ("green",)
    assert labeled.to_json()["silent_prompts"] == ["green"]
    assert "found nothing, while others of their class did: green" in Page("T", "L", label_sections(labeled)).html()
    assert label([tmp_path / "in"], tmp_path / "other", Blocks(), settings).silent_prompts == ()


class Reads(Blocks):
    """Notes the sizes that it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: set[tuple[int, int]] = set()

    def predict(self, images: Any, ontology: Ontology | None = None, *, threshold: float | None = None) -> Any:
        self.sizes |= {i.size_hw for i in images if isinstance(i, Image)}
        return super().predict(images, ontology, threshold=threshold)


def test_frames_of_a_video(tmp_path: Path) -> None:
    file = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, (96, 64))
    for i in range(20):
        writer.write(np.full((64, 96, 3), 10 * i, np.uint8))
    writer.release()
    model, out = Reads(), tmp_path / "out"
    labeled = label([file], out, model, LabelSettings(every=0.5))
    assert [s.file for s in labeled.dataset] == [f"images/film/{i:06d}.jpg" for i in (0, 5, 10, 15)]
    assert {s.group for s in labeled.dataset} == {"film.avi"}
    assert [s.source["seconds"] for s in labeled.dataset] == pytest.approx([0, 0.5, 1, 1.5], abs=0.051)
    assert model.sizes == {(64, 96)}
    first = written(out)
    assert label([file], out, model, LabelSettings(every=0.5)).new == 0
    assert written(out) == first
    both = label([file, pictures(tmp_path / "in")], tmp_path / "both", Blocks(), LabelSettings(limit=3))
    assert len(both.dataset) == 3


def test_sources_stay_as_they_are(tmp_path: Path) -> None:
    pictures(tmp_path / "in")
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in (tmp_path / "in").iterdir()}
    label([tmp_path / "in"], tmp_path / "out", Blocks())
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in (tmp_path / "in").iterdir()} == before
    assert isinstance(Dataset.open(tmp_path / "out").samples[0].annotations[0].value, Detections)
