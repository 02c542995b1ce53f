import json
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import Clock, picture_of
from tests.workflows.running import Step, run_step

from ocella.errors import Refused
from ocella.types import Classification, Detections, Image, Masks
from ocella.workflows.services import Services

PICTURE = Image(np.full((8, 6, 3), (200, 10, 30), np.uint8))
FOUND = Detections(np.array([[0, 0, 4, 2]], np.float32), np.array([0.5], np.float32), np.array([0]), ("cat",))


def writing(folder: Path, clock: Clock | None = None) -> Services:
    return Services(allow=frozenset({"write-files"}), write_to=folder, now=clock or Clock())


def read(path: Path) -> tuple[Any, dict[str, bytes]]:
    with tarfile.open(path) as tar:
        content = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    return json.loads(content.pop("payload.json")), content


def test_an_event_is_one_file_with_its_pictures(tmp_path: Path) -> None:
    fields = {
        "target_directory": "events", "event_type": "quality_check", "qc_result": "fail", "external_id": "b-1",
        "location": "not told", "custom_metadata": {"line": 3}, "solution": "s", "fire_and_forget": False,
    }  # fmt: skip
    values = {"input_image": PICTURE, "output_image": PICTURE, "predictions": FOUND}
    out = run_step("roboflow_core/vision_event_bundle@v1", values, writing(tmp_path), **fields)
    (path,) = (tmp_path / "events").iterdir()
    assert (out["error_status"], out["throttling_status"], out["bundle_path"]) == (False, False, str(path))
    assert path.name == f"event_20240501T120000_000000_{out['event_id']}.tar.gz"
    event, images = read(path)
    (entry,) = event.pop("images")
    assert event == {
        "bundleFormatVersion": 1, "eventId": out["event_id"], "eventType": "quality_check", "timestamp": "2024-05-01T12:00:00+00:00",
        "useCaseId": "s", "eventData": {"result": "fail", "externalId": "b-1"}, "customMetadata": {"line": 3}, "displayImagePosition": 0,
    }  # fmt: skip
    assert {entry.pop("file"), entry.pop("inputFile")} == set(images)
    box = {"class": "cat", "x": 2, "y": 1, "width": 4, "height": 2, "confidence": 0.5}
    assert entry == {"label": "workflow", "objectDetections": [box]}
    for content in images.values():
        pixels = picture_of(content)
        assert np.abs(pixels.astype(int) - PICTURE.pixels).max() <= 4


FACTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("inventory_count", {"location": "a", "item_count": 0, "item_type": "b"}, {"location": "a", "itemCount": 0, "itemType": "b"}),
    ("safety_alert", {"alert_type": "a", "severity": "high", "alert_description": "d"}, {"alertType": "a", "severity": "high", "description": "d"}),
    ("custom", {"custom_value": "v"}, {"value": "v"}),
    ("operator_feedback", {"related_event_id": "e", "feedback": "correct", "external_id": "x"}, {"relatedEventId": "e", "feedback": "correct"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "facts"), FACTS, ids=[f[0] for f in FACTS])
def test_each_kind_tells_its_own_facts(
    kind: str, fields: dict[str, Any], facts: dict[str, Any], tmp_path: Path
) -> None:
    given = {"target_directory": ".", "event_type": kind, "fire_and_forget": False, **fields}
    event, images = read(Path(run_step("vision_event_bundle", {}, writing(tmp_path), **given)["bundle_path"]))
    assert (event["eventData"], event["images"], images) == (facts, [], {})


FINDINGS: list[tuple[Any, dict[str, Any]]] = [
    (Classification(np.array([0.25, 0.75], np.float32), ("no", "yes")), {"classifications": [{"class": "yes", "confidence": 0.75}, {"class": "no", "confidence": 0.25}]}),
    (FOUND[:0], {}),
]  # fmt: skip


@pytest.mark.parametrize(("found", "told"), FINDINGS)
def test_findings_are_told(found: Any, told: dict[str, Any], tmp_path: Path) -> None:
    given = {"target_directory": ".", "event_type": "custom", "fire_and_forget": False}
    out = run_step("vision_event_bundle", {"input_image": PICTURE, "predictions": found}, writing(tmp_path), **given)
    (entry,) = read(Path(out["bundle_path"]))[0]["images"]
    assert {k: v for k, v in entry.items() if k not in ("label", "inputFile")} == told


def test_a_mask_is_told_by_its_outline(tmp_path: Path) -> None:
    mask = np.zeros((1, 8, 6), bool)
    mask[0, 1:4, 2:5] = True
    given = {"target_directory": ".", "event_type": "custom", "fire_and_forget": False}
    values = {"input_image": PICTURE, "predictions": FOUND.replace(masks=Masks.from_dense(mask))}
    out = run_step("vision_event_bundle", values, writing(tmp_path), **given)
    (entry,) = read(Path(out["bundle_path"]))[0]["images"]
    points = np.array(entry["instanceSegmentations"][0]["points"], np.float32)
    assert cv2.contourArea(points) == 9
    assert (points.min(axis=0).tolist(), points.max(axis=0).tolist()) == ([2, 1], [5, 4])


def test_in_the_background_it_is_there_at_the_end_and_not_oftener_than_once_a_second(tmp_path: Path) -> None:
    clock = Clock()
    with Step("vision_event_bundle", writing(tmp_path, clock), target_directory=".", event_type="custom") as step:
        outs = []
        for seconds in (0, 0.5, 0.5):
            clock.later(seconds)
            outs.append(step.run(input_image=PICTURE))
    assert [o["throttling_status"] for o in outs] == [False, True, False]
    assert {(o["event_id"], o["bundle_path"]) for o in outs} == {("", "")}
    assert len(list(tmp_path.iterdir())) == 2
    assert [p.name for p in tmp_path.iterdir() if not p.name.endswith(".tar.gz")] == []


def test_nothing_outside_of_the_operators_folder(tmp_path: Path) -> None:
    given = {"event_type": "custom", "fire_and_forget": False}
    with pytest.raises(Refused, match="outside of"):
        run_step("vision_event_bundle", {}, writing(tmp_path / "mine"), target_directory="../x", **given)
