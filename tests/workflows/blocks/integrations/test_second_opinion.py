from typing import Any

import numpy as np
import pytest
from tests.small_models import COLOURS, Blocks, Brightness
from tests.workflows.blocks.integrations.labelled import ColourVectors, Witness, pool
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.media.load import load
from ocella.models.starter import starter_file
from ocella.types import Detections, Image
from ocella.workflows.services import Services

NAMES = tuple(COLOURS)
SERVICES = Services(models=pool(ColourVectors(), Witness(), Blocks(), Brightness()))


def picture() -> Image:
    pixels = np.full((40, 90, 3), 120, np.uint8)
    for i, colour in enumerate(COLOURS.values()):
        pixels[10:30, 10 + 30 * i : 30 + 30 * i] = colour
    return Image(pixels)


def claims(*names: str) -> Detections:
    """The blocks from left to right, under these names."""
    xyxy = np.array([[10 + 30 * i, 10, 30 + 30 * i, 30] for i in range(len(names))]).reshape(-1, 4)
    n = len(names)
    return Detections(xyxy, np.full(n, 0.5), np.array([NAMES.index(c) for c in names], np.int64), NAMES)


def ask(found: Detections, model: str = "colour-vectors", **fields: Any) -> Any:
    return run_step("second_opinion", {"image": picture(), "predictions": found}, SERVICES, model_id=model, **fields)


def test_what_fits_best_is_confirmed_by_how_much_it_leads() -> None:
    said = ask(claims("red", "red", "blue"), margin=0)
    assert said["predictions"].data["opinion"].tolist() == ["confirmed", "rejected", "confirmed"]
    # a red crop lies at cosine 1 to red, 0 to blue and 1/sqrt(3) to the grey of 'background'
    lead = 1 - 1 / np.sqrt(3)
    assert said["predictions"].data["opinion_score"] == pytest.approx([lead, -1, lead], abs=1e-2)
    assert said["confirmed"].names == ["red", "blue"]
    assert said["rejected"].xyxy.tolist() == [[40, 10, 60, 30]]
    assert len(said["unsure"]) == 0


def test_a_lead_may_be_asked_for() -> None:
    assert len(ask(claims("red"), margin=0, at_least=0.41)["confirmed"]) == 1
    assert len(ask(claims("red"), margin=0, at_least=0.44)["confirmed"]) == 0


def test_a_language_model_is_asked_about_each_crop() -> None:
    said = ask(claims("red", "green", "red"), "witness", margin=0)
    assert said["predictions"].data["opinion"].tolist() == ["confirmed", "unsure", "rejected"]
    assert said["predictions"].data["opinion_score"].tolist() == [1, 0, -1]


def test_a_classifier_of_texts_is_asked_too() -> None:
    classes = ("dark", "light")
    dark = Image(np.full((20, 20, 3), 10, np.uint8))
    found = Detections(np.array([[0, 0, 9, 9], [5, 5, 15, 15]]), np.ones(2, np.float32), np.array([0, 1]), classes)
    said = run_step(
        "second_opinion", {"image": dark, "predictions": found}, SERVICES, model_id="brightness", against=[]
    )
    assert said["predictions"].data["opinion"].tolist() == ["confirmed", "rejected"]
    assert said["predictions"].data["opinion_score"] == pytest.approx([1 - 20 / 255, 20 / 255 - 1], abs=1e-6)


def test_objects_outside_or_without_area_stay_unsure() -> None:
    found = claims("red", "red").replace(xyxy=np.array([[200, 0, 220, 20], [5, 5, 5, 20]]))
    assert ask(found)["predictions"].data["opinion"].tolist() == ["unsure", "unsure"]


def test_nothing_found_needs_no_model() -> None:
    said = ask(claims(), "no-such-model")
    assert [len(said[k]) for k in ("predictions", "confirmed", "rejected", "unsure")] == [0, 0, 0, 0]
    assert said["predictions"].classes == NAMES


def test_the_starter_model_knows_a_cat_from_a_cup() -> None:
    cat = load(starter_file("photos/cat.png"))
    box = np.array([[0, 0, cat.width, cat.height]] * 2)
    found = Detections(box, np.ones(2, np.float32), np.array([0, 1]), ("cat", "cup"))
    said = run_step("second_opinion", {"image": cat, "predictions": found})
    assert said["confirmed"].names == ["cat"]
    assert said["rejected"].names == ["cup"]


def test_a_model_without_opinion_is_told() -> None:
    with pytest.raises(InvalidValue, match="got 'blocks' for detect"):
        ask(claims("red"), "blocks")


def test_a_question_needs_the_class() -> None:
    with pytest.raises(InvalidWorkflow, match=r"\{class\} in it"):
        ask(claims("red"), "witness", question="Is it?")
