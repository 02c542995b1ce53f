from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from tests.workflows.blocks.integrations.labelled import dataset
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow, Mismatch, NotFound, Refused
from ocella.media.load import load
from ocella.types import Detections, Image, Origin, Source
from ocella.workflows.services import Services

READ = Services(allow=frozenset({"read-files"}))
NAMES = ("cat", "dog")


def objects(*rows: tuple[float, ...]) -> Detections:
    """Rows of x1, y1, x2, y2, class, confidence."""
    table = np.array(rows).reshape(len(rows), 6)
    return Detections(table[:, :4], table[:, 5], table[:, 4].astype(int), NAMES)


TRUTH = {
    "a.png": objects((0, 0, 10, 10, 0, 1), (20, 20, 40, 40, 1, 1)),
    "b.png": objects((5, 5, 25, 25, 0, 1)),
    "c.png": objects(),
}
FOUND = {
    "a.png": objects((0, 0, 10, 9, 0, 0.9), (50, 50, 60, 60, 0, 0.8), (20, 20, 40, 40, 0, 0.7)),
    "b.png": objects((5, 5, 25, 25, 0, 0.6), (5, 5, 25, 27, 0, 0.5)),
    "c.png": objects((1, 1, 9, 9, 1, 0.4)),
}


def images(root: Path) -> dict[str, Image]:
    return {name: load(root / "images" / name) for name in TRUTH}


def test_precision_and_recall_grow_with_the_images(tmp_path: Path) -> None:
    pictures = images(dataset(tmp_path, TRUTH).root)
    with Step("prove", READ, dataset=str(tmp_path)) as step:
        said = [step.run(image=pictures[name], predictions=FOUND[name]) for name in TRUTH]
    # hits by hand: one of three boxes of a, one of two of b, none of one of c; three objects in all
    assert [(s["precision"], s["recall"]) for s in said] == [(1 / 3, 1 / 2), (2 / 5, 2 / 3), (2 / 6, 2 / 3)]
    assert [(s["images"], s["objects"]) for s in said] == [(1, 2), (2, 3), (3, 3)]
    last = said[-1]
    assert last["per_class"]["dog"] == {"precision": 0.0, "recall": 0.0, "ap": 0.0, "objects": 1}
    assert last["truth"] == "people's labels"


def test_average_precision_is_that_of_pycocotools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = images(dataset(tmp_path, TRUTH).root)
    with Step("prove", READ, dataset=str(tmp_path)) as step:
        said: Any = [step.run(image=pictures[name], predictions=FOUND[name]) for name in TRUTH][-1]
    referee = COCO()
    referee.dataset = {
        "images": [{"id": i} for i in range(3)],
        "categories": [{"id": 0}, {"id": 1}],
        "annotations": list(_rows(TRUTH)),
    }
    referee.createIndex()
    judge = COCOeval(referee, referee.loadRes(list(_rows(FOUND))), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    capsys.readouterr()
    assert said["ap"] == pytest.approx(judge.stats[0], abs=1e-9)
    assert said["ap50"] == pytest.approx(judge.stats[1], abs=1e-9)


def _rows(side: dict[str, Detections]) -> Any:
    number = 0
    for image, found in enumerate(side.values()):
        for (x1, y1, x2, y2), k, score in zip(found.xyxy.tolist(), found.class_id, found.confidence, strict=True):
            number += 1
            yield {
                "id": number, "image_id": image, "category_id": int(k), "bbox": [x1, y1, x2 - x1, y2 - y1],
                "area": (x2 - x1) * (y2 - y1), "iscrowd": 0, "score": float(score),
            }  # fmt: skip


def test_an_image_counts_once_as_it_was_last(tmp_path: Path) -> None:
    picture = images(dataset(tmp_path, TRUTH).root)["b.png"]
    with Step("prove", READ, dataset=str(tmp_path)) as step:
        assert step.run(image=picture, predictions=objects())["recall"] == 0
        said = step.run(image=picture, predictions=FOUND["b.png"])
    assert (said["recall"], said["images"]) == (1, 1)


def test_thresholds(tmp_path: Path) -> None:
    picture = images(dataset(tmp_path, TRUTH).root)["a.png"]
    with Step("prove", READ, dataset=str(tmp_path), confidence=0.85) as step:
        assert step.run(image=picture, predictions=FOUND["a.png"])["precision"] == 1
    with Step("prove", READ, dataset=str(tmp_path), confidence=0.85, iou=0.95) as step:
        assert step.run(image=picture, predictions=FOUND["a.png"])["precision"] == 0


def test_nothing_to_count_is_none(tmp_path: Path) -> None:
    picture = images(dataset(tmp_path, TRUTH).root)["c.png"]
    with Step("prove", READ, dataset=str(tmp_path)) as step:
        said = step.run(image=picture, predictions=objects())
    assert (said["precision"], said["recall"], said["ap"], said["per_class"]) == (None, None, None, {})


def test_labels_by_a_model_are_told(tmp_path: Path) -> None:
    dataset(tmp_path, TRUTH, Source("model", "grounding-dino-tiny"))
    picture = Image(images(tmp_path)["b.png"].pixels)
    with Step("prove", READ, dataset=str(tmp_path), image_name="b") as step:
        assert step.run(image=picture, predictions=FOUND["b.png"])["truth"] == (
            "labels by grounding-dino-tiny, not by people"
        )


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    picture = images(dataset(tmp_path, TRUTH).root)["a.png"]
    with pytest.raises(Refused, match="read-files"), Step("prove", dataset=str(tmp_path)) as step:
        step.run(image=picture, predictions=FOUND["a.png"])
    with Step("prove", READ, dataset=str(tmp_path)) as step:
        with pytest.raises(NotFound, match=r"no image 'x\.png'"):
            step.run(image=Image(picture.pixels, Origin("x.png")), predictions=FOUND["a.png"])
        with pytest.raises(Mismatch, match="must have the size"):
            step.run(image=Image(picture.pixels[:9], picture.origin), predictions=FOUND["a.png"])
        with pytest.raises(Mismatch, match="do not know"):
            step.run(image=picture, predictions=FOUND["a.png"].replace(classes=("cow", "pig")))
    with pytest.raises(InvalidWorkflow, match=r"0\.50, 0\.55"), Step("prove", READ, dataset="x", iou=0.52) as step:
        step.run(image=picture, predictions=FOUND["a.png"])
