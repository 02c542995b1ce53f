"""`label` for every task on the shipped photographs: what is really in them is found, and the page shows it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import ocella
import ocella_starter
from ocella.datasets import Dataset, Sample
from ocella.ops.iou import covered, iou
from ocella.types import Classification, Detections, TextLines

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
SHOWN: dict[str, dict[str, Any]] = {
    p["file"]: p for p in json.loads((PHOTOS / "photos.json").read_text(encoding="utf-8"))
}
OUTLINES: list[dict[str, Any]] = json.loads((PHOTOS / "outlines.json").read_text(encoding="utf-8"))["outlines"]


def ring(file: str) -> npt.NDArray[np.float32]:
    return np.array(next(o["ring"] for o in OUTLINES if o["file"] == file), np.float32)


def box_of(file: str) -> npt.NDArray[np.float32]:
    """The box around an outline."""
    points = ring(file)
    return np.concatenate([points.min(axis=0), points.max(axis=0)])[None]


def labelled(tmp_path: Path, *names: str, **options: Any) -> Dataset:
    """A data set of these photographs, opened from the disk, beside a page with pictures of what was found."""
    out = tmp_path / "out"
    told = ocella.label([PHOTOS / n for n in names], out, **options)
    assert told.set_aside == ()
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count('src="data:image/') >= len(names) - told.empty_images >= 1
    opened = Dataset.open(out)
    assert [s.file for s in opened] == sorted(f"images/{n}" for n in names)
    return opened


def sample(dataset: Dataset, name: str) -> Sample:
    return next(s for s in dataset if s.file == f"images/{name}")


def found(dataset: Dataset, name: str, kind: str) -> Detections:
    rows = sample(dataset, name).detections(dataset.classes)
    return rows[[n == kind for n in rows.names]]


def top(dataset: Dataset, name: str, k: int = 1) -> list[str]:
    value = sample(dataset, name).labels(Classification)[0]
    return [c for c, _ in value.top(k)]


def test_detect(tmp_path: Path) -> None:
    names = ("astronaut.png", "camera.png", "cat.png", "coffee.png", "boats.jpg", "flower.jpg")
    dataset = labelled(tmp_path, *names, classes="person, cat, cup, boat")
    assert dataset.task == "detect"
    for outline in OUTLINES:
        best = iou(found(dataset, outline["file"], outline["class"]).xyxy, box_of(outline["file"])).max(initial=0)
        assert best > 0.6, outline["file"]
    assert 1 <= len(found(dataset, "boats.jpg", "boat")) <= SHOWN["boats.jpg"]["objects"]["boat"]
    assert len(sample(dataset, "flower.jpg").detections(dataset.classes)) == 0
    assert sample(dataset, "flower.jpg").seen
    objects = sample(dataset, "coffee.png").detections(dataset.classes)
    assert objects.names[int(objects.confidence.argmax())] == "cup"


def test_masks(tmp_path: Path) -> None:
    import cv2

    dataset = labelled(tmp_path, "astronaut.png", "camera.png", "coffee.png", model="nanodet-g+person-segmentation")
    assert dataset.classes == ("person",)
    assert len(sample(dataset, "coffee.png").detections(dataset.classes)) == 0
    for name in ("astronaut.png", "camera.png"):
        people = found(dataset, name, "person")
        assert people.masks is not None
        size_hw = sample(dataset, name).size_hw
        outline: Any = np.zeros(size_hw, np.uint8)
        cv2.fillPoly(outline, [ring(name).astype(np.int32)], 1)
        masks = people.masks.dense()
        assert masks.shape == (len(people), *size_hw)
        overlap = [(m & (outline > 0)).sum() / (m | (outline > 0)).sum() for m in masks]
        assert max(overlap) > 0.7, (name, overlap)


def test_keypoints(tmp_path: Path) -> None:
    dataset = labelled(tmp_path, "astronaut.png", "camera.png", model="movenet-multipose")
    assert dataset.task == "keypoints"
    assert dataset.skeleton is not None
    names = dataset.skeleton.names
    for name in ("astronaut.png", "camera.png"):
        person = sample(dataset, name).detections(dataset.classes)
        assert len(person) == SHOWN[name]["objects"]["person"]
        assert person.keypoints is not None
        assert covered(person.xyxy, box_of(name)).max() > 0.7
        seen = np.asarray(person.keypoints.visible)[0]
        points = np.asarray(person.keypoints.xy)[0]
        x1, y1, x2, y2 = person.xyxy[0]
        inside = (points >= [x1 - 8, y1 - 8]).all(axis=1) & (points <= [x2 + 8, y2 + 8]).all(axis=1)
        assert seen.sum() >= 5
        assert inside[seen].all()
        nose, shoulder = points[names.index("nose")], points[names.index("left_shoulder")]
        assert nose[1] < shoulder[1]
    face = sample(dataset, "astronaut.png").detections(dataset.classes).keypoints
    assert face is not None
    assert np.linalg.norm(face.xy[0, names.index("nose")] - [225, 115]) < 40  # where her face is


def test_classify_by_its_own_classes(tmp_path: Path) -> None:
    names = ("cat.png", "coffee.png", "rocket.jpg", "camera.png", "flower.jpg")
    dataset = labelled(tmp_path, *names, model="efficientnet-lite0")
    assert dataset.task == "classify"
    assert set(top(dataset, "cat.png", 3)) & {"tabby", "tiger cat", "Egyptian cat"}
    assert set(top(dataset, "coffee.png", 3)) & {"espresso", "cup", "coffee mug"}
    assert set(top(dataset, "rocket.jpg", 3)) & {"missile", "projectile", "space shuttle"}
    assert set(top(dataset, "camera.png", 3)) & {"tripod", "reflex camera", "Polaroid camera"}
    assert "daisy" in top(dataset, "flower.jpg", 5)


def test_classify_by_prompts(tmp_path: Path) -> None:
    expected = {"cat.png": "cat", "coffee.png": "coffee", "rocket.jpg": "rocket", "temple.jpg": "temple"}
    expected |= {"boats.jpg": "boat", "flower.jpg": "flower"}
    classes = "cat, coffee=a cup of coffee, rocket, temple, boat, flower"
    dataset = labelled(tmp_path, *expected, model="conse-efficientnet-lite0", classes=classes)
    assert dataset.classes == ("cat", "coffee", "rocket", "temple", "boat", "flower")
    assert {name: top(dataset, name)[0] for name in expected} == expected


def test_ocr(tmp_path: Path) -> None:
    dataset = labelled(tmp_path, "page.png", "coffee.png", model="pp-ocr")
    assert dataset.task == "ocr"
    lines = sample(dataset, "page.png").labels(TextLines)[0]
    read = {"".join(t.lower().split()) for t in lines.texts}
    written = ["".join(t.lower().split()) for t in SHOWN["page.png"]["text"]]
    near = [w for w in written if any(w in r or _same(w, r) for r in read)]
    assert len(near) >= len(written) - 1, (read, written)
    height, width = sample(dataset, "page.png").size_hw
    assert lines.polygons.min() >= -2
    assert (lines.polygons.max(axis=(0, 1)) <= [width + 2, height + 2]).all()
    assert all(len(t) < 3 for v in sample(dataset, "coffee.png").labels(TextLines) for t in v.texts)  # no word


def _same(a: str, b: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, a, b).ratio() > 0.9


@pytest.mark.parametrize("photo", sorted(SHOWN))
def test_the_photographs_are_there(photo: str) -> None:
    assert (PHOTOS / photo).stat().st_size == SHOWN[photo]["bytes"]
