"""The map of a photograph with real weights, beside what a person drew."""

import numpy as np
import pytest
from tests.workflows.blocks.models.photos import outline, overlap, photo
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, Mismatch
from ocella.types import Image

NAME = "person-segmentation-map"


@pytest.mark.parametrize(
    "name", ["roboflow_core/roboflow_semantic_segmentation_model@v1", "semantic_segmentation_model"]
)
def test_a_person_in_a_photograph(name: str) -> None:
    found = run_step(name, {"images": photo("astronaut.png")}, services(), model_id=NAME)
    said = found["predictions"]
    assert said.class_id.shape == photo("astronaut.png").size_hw
    assert overlap(said.class_id == said.classes.index("person"), outline("astronaut.png")) > 0.7
    assert (found["model_id"], len(found["inference_id"])) == (NAME, 32)


def test_a_custom_confidence_takes_what_is_sure_alone() -> None:
    def people(confidence: float) -> int:
        fields = {"confidence_mode": "custom", "custom_confidence": confidence, "model_id": NAME}
        said = run_step(
            "roboflow_semantic_segmentation_model@v2", {"images": photo("astronaut.png")}, services(), **fields
        )
        return int((said["predictions"].class_id == 1).sum())

    assert 0 < people(0.95) < people(0.5) < people(0.05)


def test_what_cannot_be() -> None:
    blank = Image(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(Mismatch, match="takes models for 'semantic-segment'"):
        run_step("semantic_segmentation_model", {"images": blank}, services(), model_id="nanodet-g")
    with pytest.raises(InvalidWorkflow, match="confidence_mode"):
        run_step("semantic_segmentation_model", {"images": blank}, services(), model_id=NAME, confidence_mode="most")
