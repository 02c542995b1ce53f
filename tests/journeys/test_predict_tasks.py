"""`predict` shows what models of every task say, labels or not."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.checkpoints import depth_anything, sam

import ocella
from ocella.errors import Mismatch
from ocella.models.starter import starter_file

CAT = starter_file("photos/cat.png")


def test_depth_is_drawn_and_kept_pixel_by_pixel(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    model = ocella.load(
        "depth-anything-v2-small", device="cpu", **depth_anything.make(folder, "depth-anything-v2-small")
    )
    predicted = ocella.predict(CAT, model=model, out=tmp_path / "out")
    told = json.loads((tmp_path / "out" / "predictions.json").read_text(encoding="utf-8"))["images"]["cat.png"]
    kept = np.load(tmp_path / "out" / told["file"])
    assert kept.shape == ocella.load_image(CAT).size_hw
    assert (told["near"], told["far"]) == (float(kept.min()), float(kept.max()))
    assert predicted.to_json()["images"]["cat.png"] == told
    assert (tmp_path / "out" / "pictures" / "cat.png.jpg").stat().st_size > 1000


def test_a_vector_is_numbers(tmp_path: Path) -> None:
    predicted = ocella.predict(CAT, model="efficientnet-lite0-features", out=tmp_path)
    assert len(predicted.to_json()["images"]["cat.png"]["vector"]) == 1280


def test_what_must_be_pointed_at_something_names_the_way(tmp_path: Path) -> None:
    model = ocella.load("sam-vit-base", device="cpu", **sam.make(tmp_path, "sam-vit-base"))
    with pytest.raises(Mismatch, match=r"nanodet-g\+sam-vit-base"):
        ocella.predict(CAT, model=model)
