from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from tests.workflows.blocks.integrations.labelled import noise
from tests.workflows.running import Step

from ocella.datasets import Dataset
from ocella.errors import InvalidWorkflow, Refused
from ocella.types import Detections
from ocella.workflows.services import Services

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FOUND = Detections(np.array([[10, 20, 110, 220]]), np.array([0.5]), np.array([0]), ("cat",))
FIELDS: dict[str, Any] = {"target_project": "street", "usage_quota_name": "q"}


def services(root: Path, **options: Any) -> Services:
    return Services(allow=frozenset({"write-files"}), write_to=root, now=lambda: NOON, **options)


def test_image_and_predictions_are_kept_at_their_size(tmp_path: Path) -> None:
    fields: dict[str, Any] = {
        **FIELDS,
        "max_image_size": [400, 300],
        "registration_tags": ["gate"],
        "image_name": "serial 7/x",
    }
    fields |= {"labeling_batches_recreation_frequency": "daily", "metadata": {"line": 3}}
    with Step("roboflow_core/roboflow_dataset_upload@v2", services(tmp_path), **fields) as step:
        said = step.run(images=noise(1, (600, 400)), predictions=FOUND)
    assert said["error_status"] is False
    assert said["message"] == "Kept as images/serial-7-x.jpg."
    kept = Dataset.open(tmp_path / "street")
    (sample,) = kept
    assert sample.size_hw == (300, 200)
    assert sample.detections(kept.classes).xyxy.tolist() == [[5, 10, 55, 110]]
    assert sample.source["batch"] == "workflows_data_collector_2026_05_04"
    assert (sample.source["tags"], sample.source["metadata"]) == (["gate"], {"line": 3})


def test_the_first_version_made_images_smaller(tmp_path: Path) -> None:
    with Step("RoboflowDatasetUpload", services(tmp_path), **FIELDS) as step:
        step.run(images=noise(1, (1024, 600)), predictions=FOUND)
    (file,) = (tmp_path / "street" / "images").iterdir()
    with Pillow.open(file) as kept:
        tables, size = kept.quantization, kept.size  # type: ignore[attr-defined]  # of JPEG only
    assert size == (300, 512)
    buffer = BytesIO()
    Pillow.fromarray(noise(1).pixels).save(buffer, "JPEG", quality=75)
    assert tables == Pillow.open(buffer).quantization  # type: ignore[attr-defined]


def test_limits_count_by_quota(tmp_path: Path) -> None:
    def keep(seed: int, quota: str) -> str:
        fields = {**FIELDS, "usage_quota_name": quota, "minutely_usage_limit": 2}
        with Step("roboflow_dataset_upload", services(tmp_path), **fields) as step:
            message: str = step.run(images=noise(seed), predictions=FOUND)["message"]
        return message

    assert [keep(i, "q").partition(" ")[0] for i in range(3)] == ["Kept", "Kept", "Nothing"]
    assert keep(2, "q") == "Nothing was kept: 2 in the last minute, which is the limit."
    assert keep(3, "other").startswith("Kept")


def test_a_share_of_the_images_is_chosen_by_content(tmp_path: Path) -> None:
    fields = {**FIELDS, "data_percentage": 40, "minutely_usage_limit": 1000}

    def kept(root: Path) -> list[bool]:
        with Step("roboflow_dataset_upload", services(root), **fields) as step:
            pictures = [noise(i, (8, 8)) for i in range(60)]
            return [step.run(images=p, predictions=FOUND[:0])["message"].startswith("Kept") for p in pictures]

    once = kept(tmp_path / "a")
    assert 15 <= sum(once) <= 33
    assert kept(tmp_path / "b") == once


def test_switched_off_and_without_predictions(tmp_path: Path) -> None:
    with Step("roboflow_dataset_upload", Services(), **FIELDS, disable_sink=True) as step:
        assert "switched off" in step.run(images=noise(1), predictions=FOUND)["message"]
    with Step("roboflow_dataset_upload", services(tmp_path), **FIELDS, persist_predictions=False) as step:
        step.run(images=noise(1), predictions=FOUND)
    (sample,) = Dataset.open(tmp_path / "street")
    assert not sample.seen


def test_a_wrong_project_is_an_error_in_its_outputs(tmp_path: Path) -> None:
    with Step("roboflow_dataset_upload", services(tmp_path), **{**FIELDS, "target_project": "../x"}) as step:
        said = step.run(images=noise(1), predictions=FOUND)
    assert said["error_status"] is True
    assert "below the folder to write to" in said["message"]


def test_permission_and_a_size_of_two_sides_are_needed(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="write-files"), Step("roboflow_dataset_upload", **FIELDS) as step:
        step.run(images=noise(1), predictions=FOUND)
    with (
        pytest.raises(InvalidWorkflow, match=r"\[width, height\]"),
        Step("roboflow_dataset_upload", services(tmp_path), **FIELDS, max_image_size=[5]) as step,
    ):
        step.run(images=noise(1), predictions=FOUND)
