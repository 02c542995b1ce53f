import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from tests.workflows.blocks.integrations.labelled import noise
from tests.workflows.running import Step

from ocella.datasets import Dataset
from ocella.errors import Busy, InvalidValue, InvalidWorkflow, Mismatch, Refused
from ocella.store.lock import exclusive
from ocella.types import Classification, Detections, Image, Masks, Moment, Origin
from ocella.workflows.services import Services

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FOUND = Detections(np.array([[1, 2, 11, 12]]), np.array([0.5]), np.array([1]), ("cat", "dog"))


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def services(root: Path, clock: Clock | None = None, **options: Any) -> Services:
    return Services(allow=frozenset({"write-files"}), write_to=root, now=clock or Clock(), **options)


def test_image_and_proposals_are_kept_with_their_provenance(tmp_path: Path) -> None:
    frame = Image(noise(1).pixels, Origin("gate.mp4"), Moment("gate", 7, 0.5, 15.0))
    with Step("collect", services(tmp_path), dataset="street", model="nanodet-g", tags=["night"]) as step:
        said = step.run(image=frame, predictions=FOUND)
    assert (said["saved"], said["reason"], said["images"]) == (True, "", 1)
    kept = Dataset.open(tmp_path / "street")
    (sample,) = kept
    assert sample.file == said["file"]
    assert np.array_equal(np.asarray(Pillow.open(kept.path(sample))), frame.pixels)
    assert sample.group == "gate"
    assert {k: sample.source[k] for k in ("path", "frame", "seconds", "step", "tags", "collected")} == {
        "path": "gate.mp4", "frame": 7, "seconds": 0.5, "step": "step", "tags": ["night"], "collected": NOON.isoformat(),
    }  # fmt: skip
    (annotation,) = sample.annotations
    assert (annotation.source.kind, annotation.source.name, annotation.state) == ("model", "nanodet-g", ("proposed",))
    assert sample.detections(kept.classes).xyxy.tolist() == [[1, 2, 11, 12]]
    assert sample.detections(kept.classes).names == ["dog"]
    assert json.loads((tmp_path / "street" / "annotations.json").read_text())["images"][0]["width"] == 64


def test_at_most_so_many_in_an_hour_and_a_day_even_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    kept: list[bool] = []
    for hour in range(3):
        with Step("collect", services(tmp_path, clock), dataset="d", per_hour=2, per_day=5) as step:
            for i in range(3):
                said = step.run(image=noise(10 * hour + i), predictions=FOUND)
                kept.append(said["saved"])
        clock.time += timedelta(hours=1)
    assert kept == [True, True, False, True, True, False, True, False, False]
    assert said["reason"] == "5 in the last day, which is the limit"
    clock.time = NOON + timedelta(days=1, minutes=1)
    with Step("collect", services(tmp_path, clock), dataset="d", per_hour=2, per_day=5) as step:
        assert step.run(image=noise(99), predictions=FOUND)["saved"] is True


def test_what_looks_like_one_already_there_is_left_out(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 200, 64), (48, 1))
    ramp[10:30, 20:40] = 255
    one = Image(np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8))
    brighter = Image(np.clip(one.pixels.astype(int) + 9, 0, 255).astype(np.uint8))
    with Step("collect", services(tmp_path), dataset="d") as step:
        first = step.run(image=one, predictions=FOUND)
        again = step.run(image=brighter, predictions=FOUND)
        other = step.run(image=noise(1), predictions=FOUND)
    assert (again["saved"], again["reason"]) == (False, f"it looks like {first['file']}, which is there already")
    assert other["images"] == 2
    with Step("collect", services(tmp_path), dataset="d", near_duplicate_bits=-1) as step:
        assert step.run(image=brighter, predictions=FOUND)["saved"] is True
        assert step.run(image=brighter, predictions=FOUND)["reason"] == "the very same image is there already"


def test_new_classes_join_and_masks_stay(tmp_path: Path) -> None:
    dense = np.zeros((1, 48, 64), bool)
    dense[0, 3:9, 5:8] = True
    cow = Detections(
        np.array([[5, 3, 8, 9]]), np.ones(1, np.float32), np.zeros(1, int), ("cow",), Masks.from_dense(dense),
        data={"speed": np.array([1.5]), "track": np.array([[1, 2]]), "what": np.array([None], object)},
    )  # fmt: skip
    with Step("collect", services(tmp_path), dataset="a/b", format="jpeg") as step:
        step.run(image=noise(1), predictions=FOUND)
        step.run(image=noise(2), predictions=cow)
    kept = Dataset.open(tmp_path / "a" / "b")
    assert kept.classes == ("cat", "dog", "cow")
    second = next(s for s in kept if s.detections(kept.classes).names == ["cow"])
    found = second.detections(kept.classes)
    assert found.masks == cow.masks
    assert found.data["speed"].tolist() == [1.5]
    assert second.file.endswith(".jpg")


def test_images_without_predictions_and_without_objects_differ(tmp_path: Path) -> None:
    with Step("collect", services(tmp_path), dataset="d") as step:
        step.run(image=noise(1), predictions=FOUND[:0])
    with Step("collect", services(tmp_path), dataset="d") as step:
        step.run(image=noise(2))
    assert sorted(s.seen for s in Dataset.open(tmp_path / "d")) == [False, True]


def test_classifications_are_of_one_classifier(tmp_path: Path) -> None:
    with Step("collect", services(tmp_path), dataset="d") as step:
        step.run(image=noise(1), predictions=Classification(np.array([0.25, 0.75]), ("cat", "dog")))
        with pytest.raises(Mismatch, match="has the classes"):
            step.run(image=noise(2), predictions=Classification(np.array([1.0]), ("cow",)))
        with pytest.raises(Mismatch, match="a data set for classify, got labels for detect"):
            step.run(image=noise(3), predictions=FOUND)
    assert Dataset.open(tmp_path / "d").task == "classify"


def test_nothing_is_written_without_permission_or_with_sinks_off(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--allow write-files"), Step("collect", dataset="d") as step:
        step.run(image=noise(1), predictions=FOUND)
    with Step("collect", services(tmp_path, sinks_off=True), dataset="d") as step:
        assert step.run(image=noise(1), predictions=FOUND)["reason"] == "sinks are switched off"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../b", "", "c:\\x"])
def test_names_lead_nowhere_else(tmp_path: Path, name: str) -> None:
    with Step("collect", services(tmp_path), dataset=name) as step, pytest.raises(InvalidValue, match="path below"):
        step.run(image=noise(1), predictions=FOUND)


def test_another_writer_is_waited_for_by_the_user(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "d" / ".ocella"),
        Step("collect", services(tmp_path), dataset="d") as step,
        pytest.raises(Busy),
    ):
        step.run(image=noise(1), predictions=FOUND)


def test_a_wrong_limit_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidWorkflow, match="per_hour"),
        Step("collect", services(tmp_path), dataset="d", per_hour=-1) as s,
    ):
        s.run(image=noise(1), predictions=FOUND)
