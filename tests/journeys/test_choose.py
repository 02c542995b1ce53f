"""The whole road of choosing, on the photographs of the starter set, judged by the outlines drawn on them by hand."""

import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

import ocella
from ocella.choosing.choice_file import read_choice
from ocella.choosing.question import Question, Reply
from ocella.choosing.sentences import verdict
from ocella.choosing.setting import Setting
from ocella.cli.main import main
from ocella.datasets import Dataset, Sample
from ocella.errors import InvalidValue, Mismatch, NotFound
from ocella.journeys.choose import ChooseOptions
from ocella.media.load import load
from ocella.media.write import encode_png, link_or_copy, write_bytes
from ocella.metrics.matching import match
from ocella.models.compose import tiled
from ocella.models.starter import starter_file, starter_text
from ocella.types import Annotation, Classification, Detections, Image, Ontology, Source

CLASSES = ("cat", "cup", "person")
SETTINGS = [Setting("nanodet-g", Ontology.of("person"), tile) for tile in (None, (2, 2))]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The photographs with a box around each outlined thing."""
    import hashlib

    root = tmp_path_factory.mktemp("people")
    boxes = defaultdict(list)
    for item in json.loads("\n".join(starter_text("photos/outlines.json")))["outlines"]:
        ring = np.array(item["ring"], np.float32)
        boxes[item["file"]].append((*ring.min(axis=0), *ring.max(axis=0), item["class"]))
    names = sorted({b[4] for found in boxes.values() for b in found})
    samples = []
    for file in sorted(
        {p.name for p in starter_file("photos/cat.png").parent.iterdir() if p.suffix in (".png", ".jpg")}
    ):
        link_or_copy(starter_file(f"photos/{file}"), root / "images" / file)
        found = boxes.get(file, [])
        value = Detections(
            np.array([b[:4] for b in found], np.float32).reshape(-1, 4),
            np.ones(len(found), np.float32),
            np.array([names.index(b[4]) for b in found], np.int64),
            tuple(names),
        )
        sha = hashlib.sha256((root / "images" / file).read_bytes()).hexdigest()
        size = load(root / "images" / file).size_hw
        samples.append(Sample(f"images/{file}", size, sha, annotations=(Annotation(value, Source("person", "us")),)))
    dataset = Dataset(root, "detect", tuple(names), tuple(samples))
    dataset.save()
    return dataset


def test_answers_from_labels_give_a_choice_that_labels(people: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "choice"
    chosen = ocella.choose(
        people.root / "images", out, classes="person", settings=SETTINGS, answers=people.root, budget=12
    )
    assert chosen.evidence == "answers"
    assert chosen.best is not None
    assert chosen.best.precision is not None
    assert 0 <= chosen.best.precision.low <= chosen.best.precision.value <= chosen.best.precision.high <= 1
    assert {s.setting.tile for s in chosen.ranked} == {None, (2, 2)}
    assert (chosen.images, chosen.whole_set) == (len(people), len(people))
    kept = read_choice(out / "choice.yaml")
    assert kept.setting == chosen.best.setting
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Which setting for person" in page
    assert "data:image" in page
    labeled = ocella.label(people.root / "images", tmp_path / "data", setting=out / "choice.yaml")
    assert labeled.dataset.classes == ("person",)
    assert sum(labeled.counts.values()) > 0


def test_it_goes_on_without_looking_or_asking_again(people: Dataset, tmp_path: Path) -> None:
    class Counting:
        name = "a counter"

        def __init__(self) -> None:
            self.asked = 0

        def __call__(self, question: Question, done: int, most: int) -> Reply | Literal["undo"] | None:
            assert done < most
            self.asked += 1
            return Reply("missing") if question.kind == "missing" else Reply("no") if self.asked % 2 else Reply("yes")

    first, again = Counting(), Counting()
    told = [
        ocella.choose(
            people.root / "images", tmp_path / "c", classes="person", settings=SETTINGS, asker=asker, budget=8
        )
        for asker in (first, again)
    ]
    assert (first.asked, again.asked) == (8, 0)
    assert told[0].best is not None
    assert told[1].best is not None
    assert told[0].best.main == told[1].best.main


def test_labels_that_are_there_give_exact_figures(people: Dataset, tmp_path: Path) -> None:
    chosen = ocella.choose(
        people.root / "images", tmp_path / "c", classes="person", settings=SETTINGS, labels=people.root
    )
    assert chosen.evidence == "labels"
    assert chosen.asking.answers == 0
    assert chosen.best is not None
    # the same setting on the same images, by the metrics alone
    model: Any = tiled(ocella.load("nanodet-g"), chosen.best.setting.tile)
    said = model.predict([people.image(s) for s in people], chosen.best.setting.ontology)
    truths = [s.detections(people.classes) for s in people]
    matches = match(said, truths, ["person"]).per_class[0]
    assert chosen.best.precision is not None
    assert chosen.best.recall is not None
    assert chosen.best.precision.value == pytest.approx(matches.hit[0, 0].sum() / len(matches.confidence))
    assert chosen.best.recall.value == pytest.approx(matches.hit[0, 0].sum() / matches.truths[0].sum())


def test_nobody_to_ask_is_a_guess(people: Dataset, tmp_path: Path) -> None:
    chosen = ocella.choose(people.root / "images", tmp_path / "c", classes="person", settings=SETTINGS)
    assert chosen.guess
    assert chosen.best is not None
    assert np.isnan(chosen.best.main.low)
    assert "stays when the image is mirrored or shrunk" in chosen.best.why
    assert "guess" in (tmp_path / "c" / "report.html").read_text(encoding="utf-8").lower()
    assert "guess" in (tmp_path / "c" / "choice.yaml").read_text(encoding="utf-8").lower()


def test_nothing_good_enough_names_images_to_label(people: Dataset, tmp_path: Path) -> None:
    wrong = [Setting("nanodet-g", Ontology.parse("person=pizza"), None)]
    options = ChooseOptions(to_label=4)
    chosen = ocella.choose(
        people.root / "images",
        tmp_path / "c",
        classes="person=person|pizza",
        settings=wrong,
        labels=people.root,
        options=options,
    )
    assert not chosen.good_enough
    assert len(chosen.to_label) == 4
    listed = (tmp_path / "c" / "to-label.txt").read_text(encoding="utf-8").split("\n")
    assert all(Path(line).is_file() for line in listed if line)
    assert "Nothing here is good enough" in (tmp_path / "c" / "report.html").read_text(encoding="utf-8")


def test_what_no_model_knows_is_said_with_images_to_label(people: Dataset, tmp_path: Path) -> None:
    chosen = ocella.choose(
        people.root / "images",
        tmp_path / "c",
        classes="RBC, WBC, platelets",
        models=["nanodet-g"],
        options=ChooseOptions(to_label=3),
    )
    assert chosen.best is None
    assert not chosen.good_enough
    assert len(chosen.to_label) == 3
    assert chosen.ruled_out
    assert verdict(chosen).startswith("Nothing here is good enough: no setting can even be tried")
    assert chosen.to_label[0] in verdict(chosen)


def test_a_budget_of_time_drops_settings_and_says_so(people: Dataset, tmp_path: Path) -> None:
    options = ChooseOptions(minutes=1e-4)
    chosen = ocella.choose(
        people.root / "images", tmp_path / "c", classes="person", settings=SETTINGS, labels=people.root, options=options
    )
    assert chosen.images < len(people)
    assert any("budget" in reason for _, reason in chosen.ruled_out)


def test_wrong_calls(people: Dataset, tmp_path: Path) -> None:
    images = people.root / "images"
    with pytest.raises(InvalidValue, match="what to look for"):
        ocella.choose(images, tmp_path / "c", classes=None)
    with pytest.raises(InvalidValue, match="Give one of"):
        ocella.choose(images, tmp_path / "c", classes="cat", labels=people.root, answers=people.root)
    with pytest.raises(Mismatch, match="no class zebra"):
        ocella.choose(
            images,
            tmp_path / "c",
            classes="zebra",
            settings=[Setting("nanodet-g", Ontology.of("zebra"))],
            labels=people.root,
        )
    with pytest.raises(NotFound):
        ocella.choose(tmp_path / "nowhere", tmp_path / "c", classes="cat")
    with pytest.raises(InvalidValue, match="images and most"):
        ChooseOptions(images=0)


def test_the_command(people: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for name in ("cat.png", "astronaut.png", "coffee.png"):
        shutil.copy(people.root / "images" / name, few / name)
    out = tmp_path / "c"
    command = ["choose", str(few), "--classes", "cat", "--models", "nanodet-g", "--most", "2", "--out", str(out)]
    assert main([*command, "--answers", str(people.root), "--budget", "6", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["type"] == "chosen"
    assert 1 <= told["asking"]["answers"] <= 6
    assert main([*command, "--json"]) == 2
    assert "terminal" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_labels_of_whole_images_are_weighed_against_teaching_with_them(tmp_path: Path) -> None:
    """Noise of two colours, which no words describe but any probe tells apart."""
    import hashlib

    random = np.random.default_rng(0)
    samples = []
    for i in range(12):
        pixels = random.integers(0, 120, (64, 64, 3), np.uint8)
        pixels[:, :, 0 if i % 2 else 2] += 120
        file = write_bytes(tmp_path / "data" / "images" / f"{i:02}.png", encode_png(Image(pixels)))
        label = Classification(np.eye(2, dtype=np.float32)[i % 2], ("hat", "shoe"))
        sha = hashlib.sha256(file.read_bytes()).hexdigest()
        samples.append(
            Sample(f"images/{i:02}.png", (64, 64), sha, annotations=(Annotation(label, Source("person", "us")),))
        )
    dataset = Dataset(tmp_path / "data", "classify", ("hat", "shoe"), tuple(samples))
    out = tmp_path / "c"
    chosen = ocella.choose(
        dataset.root / "images",
        out,
        classes="hat, shoe",
        task="what",
        models=["conse-efficientnet-lite0"],
        labels=dataset,
        options=ChooseOptions(most=1),
    )
    assert chosen.best is not None
    assert chosen.best.name.startswith("trained/")
    assert chosen.best.main.value > 0.9
    assert any("does not exist yet" in w for w in chosen.warnings)
    assert not (out / "choice.yaml").exists()
    assert (out / "report.html").is_file()
