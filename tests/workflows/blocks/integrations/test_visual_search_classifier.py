from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.small_models import COLOURS, paint
from tests.workflows.blocks.integrations.labelled import ColourVectors, dataset, pool
from tests.workflows.running import run_step

from ocella.datasets import Dataset, Sample
from ocella.errors import InvalidWorkflow
from ocella.types import Annotation, Classification, Detections, Image, Source
from ocella.workflows.services import Services


def classify(image: Image, root: Path, target: str, **fields: Any) -> Any:
    given = Services(models=pool(ColourVectors()), write_to=root)
    fields = {"target_project": target, "model_id": "colour-vectors", "max_image_size": 512, **fields}
    return run_step("roboflow_core/visual_search_classifier@v1", {"image": image}, given, **fields)


def plain(*rgb: int) -> Image:
    return Image(np.full((10, 10, 3), rgb, np.uint8))


def test_the_folder_of_the_nearest_image_is_the_class(tmp_path: Path) -> None:
    for colour in COLOURS:
        paint(tmp_path / "refs" / colour / "1.png", (colour, 0, 0, 96, 64))
    said = classify(plain(0, 30, 40), tmp_path, "refs", top_k=3)
    assert said["predictions"].classes == ("blue", "green", "red")
    assert said["predictions"].top(1)[0] == ("blue", pytest.approx(0.9, abs=1e-3))  # half of 1 + 40/50
    assert said["visual_search_score"] == pytest.approx(1.8, abs=1e-3)
    assert (said["class_found"], said["candidate_found"], said["error_status"]) == (True, True, False)
    assert len(said["candidates"]) == 3
    assert said["best_candidate"]["labels"] == ["blue"]


def test_a_data_set_gives_the_class_that_its_label_names(tmp_path: Path) -> None:
    root = tmp_path / "d"
    paint(root / "images" / "a.png", ("red", 0, 0, 96, 64))
    label = Annotation(Classification(np.array([0.0, 1.0]), ("cold", "warm")), Source("person", "ann"), ("accepted",))
    Dataset(root, "classify", ("cold", "warm"), (Sample("images/a.png", (64, 96), annotations=(label,)),)).save()
    assert classify(plain(200, 10, 0), tmp_path, "d")["predictions"].top(1)[0][0] == "warm"


def test_an_image_without_class_is_found_but_tells_none(tmp_path: Path) -> None:
    dataset(tmp_path / "d", {"a.png": Detections.empty(("cat",))})
    said = classify(plain(1, 1, 1), tmp_path, "d")
    assert said["predictions"] is None
    assert (said["candidate_found"], said["class_found"], said["error_status"]) == (True, False, True)


def test_a_missing_folder_is_an_error_in_its_outputs(tmp_path: Path) -> None:
    said = classify(plain(1, 1, 1), tmp_path, "nowhere")
    assert (said["error_status"], said["predictions"]) == (True, None)


def test_a_wrong_number_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidWorkflow, match="top_k"):
        classify(plain(1, 1, 1), tmp_path, "refs", top_k=0)
