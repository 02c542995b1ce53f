from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.small_models import COLOURS, Brightness, paint
from tests.workflows.blocks.integrations.labelled import ColourVectors, dataset, pool
from tests.workflows.running import Step, run_step

from ocella.datasets import Dataset
from ocella.errors import InvalidWorkflow
from ocella.media.write import encode_png
from ocella.types import Detections, Image
from ocella.workflows.services import Services

MODELS = pool(ColourVectors(), Brightness())


def services(root: Path | None, **options: Any) -> Services:
    return Services(models=MODELS, write_to=root, **options)


def plain(*rgb: int) -> Image:
    return Image(np.full((10, 10, 3), rgb, np.uint8))


def folder(root: Path) -> Path:
    for colour in COLOURS:
        paint(root / colour / f"{colour}.png", (colour, 0, 0, 96, 64))
    return root


def search(image: Image, given: Services, target: str, **fields: Any) -> Any:
    fields = {"target_project": target, "model_id": "colour-vectors", "workspace": "mine", **fields}
    return run_step("roboflow_core/visual_search@v1", {"image": image}, given, **fields)


def test_the_nearest_come_first_with_one_plus_cosine(tmp_path: Path) -> None:
    folder(tmp_path / "refs")
    said = search(plain(0, 30, 40), services(tmp_path), "refs", top_k=2)
    assert said["candidate_found"] is True
    assert [c["filename"] for c in said["candidates"]] == ["blue.png", "green.png"]
    # cosines of (0, 30, 40) with pure blue and green: 40/50 and 30/50
    assert [c["score"] for c in said["candidates"]] == pytest.approx([1.8, 1.6], abs=1e-3)
    best = said["best_candidate"]
    assert (best["width"], best["height"], best["aspectRatio"]) == (96, 64, 1.5)
    assert said["best_candidate_image"].pixels[0, 0].tolist() == [0, 0, 255]
    assert said["error_status"] is False


def test_metadata_and_tags_of_a_data_set(tmp_path: Path) -> None:
    made = dataset(tmp_path / "d", {"a.png": Detections.empty(("cat",))})
    made.map(lambda s: s.replace(source={"path": "gate.mp4", "tags": ["night"], "look": "00"})).save()
    said = search(plain(9, 9, 9), services(tmp_path), "d")
    assert (said["best_candidate_metadata"], said["best_candidate_tags"]) == ({"path": "gate.mp4"}, ["night"])


def test_new_and_changed_images_are_found_and_broken_ones_are_not(tmp_path: Path) -> None:
    refs = folder(tmp_path / "refs")
    (refs / "broken.png").write_bytes((refs / "red" / "red.png").read_bytes()[:60])
    with Step("visual_search", services(tmp_path), target_project="refs", model_id="colour-vectors") as step:
        assert step.run(image=plain(255, 255, 0))["best_candidate"]["score"] < 1.8
        (refs / "yellow.png").write_bytes(encode_png(plain(255, 255, 0)))
        assert step.run(image=plain(255, 255, 0))["best_candidate"]["filename"] == "yellow.png"


def test_another_folder_needs_permission(tmp_path: Path) -> None:
    folder(tmp_path)
    refused = search(plain(1, 2, 3), services(None), str(tmp_path))
    assert refused["error_status"] is True
    assert "--allow read-files" in refused["message"]
    assert search(plain(1, 2, 3), services(None, allow=frozenset({"read-files"})), str(tmp_path))["candidate_found"]


def test_what_does_not_work_is_told_in_its_outputs(tmp_path: Path) -> None:
    allowed = services(tmp_path, allow=frozenset({"read-files"}))
    assert "no folder of images 'nowhere'" in search(plain(1, 2, 3), allowed, "nowhere")["message"]
    folder(tmp_path / "refs")
    said = search(plain(1, 2, 3), allowed, "refs", model_id="brightness")
    assert said["error_status"] is True
    assert "embeds images" in said["message"]
    assert (said["candidates"], said["best_candidate_image"]) == ([], None)


def test_an_empty_data_set_has_no_candidate(tmp_path: Path) -> None:
    Dataset(tmp_path / "d", "detect", (), ()).save()
    said = search(plain(1, 2, 3), services(tmp_path), "d")
    assert (said["candidate_found"], said["error_status"]) == (False, False)


def test_a_wrong_number_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidWorkflow, match="top_k"):
        search(plain(1, 2, 3), services(tmp_path), "refs", top_k=51)
