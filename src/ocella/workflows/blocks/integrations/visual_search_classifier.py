"""The class of the image that looks most like this one."""

import uuid
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from ocella.errors import OcellaError
from ocella.media.load import load
from ocella.types import Classification, Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.integrations._lookalikes import Candidate, Lookalikes, folder_to_search
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]


class Likeness(NamedTuple):
    """The class, None where the nearest image has none; the nearest image and further ones; `visual_search_score` is 1 + cosine,
    0 to 2; whether the search failed, and what is to say.
    """

    predictions: Classification | None
    inference_id: Annotated[str, Is("inference_id")]
    candidate_found: bool
    class_found: bool
    best_candidate: dict[str, Any]
    candidates: list[Any]
    best_candidate_image: Image | None
    visual_search_score: float | None
    error_status: bool
    message: str


class VisualSearchClassifier(Block):
    """Give an image the class of the image in a folder that looks most like it, by the vectors of `model_id`; the confidence is
    half of 1 + cosine. `target_project` is a data set for classification, or a folder with one folder of images a class, below the
    folder that workflows write to, or the path of one; nothing is sent anywhere. New examples count at once, without training.
    """

    type = "visual_search_classifier@v1"
    slow = True
    ignored = frozenset({"workspace", "max_image_size"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "visual_search_classifier",
                "name": "like",
                "image": "$inputs.image",
                "target_project": "examples",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "class", "selector": "$steps.like.predictions"}],
    }

    target_project: str
    top_k: Annotated[int, Field(ge=1, le=50)] = 1
    model_id: str = "efficientnet-lite0-features"

    def setup(self) -> None:
        """Nothing is indexed yet."""
        self._indexes: dict[tuple[str, str], Lookalikes] = {}

    def run(self, image: Image) -> Likeness:
        """The class of the nearest image."""
        name = str(uuid.uuid4())
        try:
            key = (self.target_project, self.model_id)
            if key not in self._indexes:
                folder = folder_to_search(self.services, self.target_project, f"Step '{self.step}'")
                self._indexes[key] = Lookalikes(folder, self.services, self.model_id)
            found, classes = self._indexes[key].search(image, self.top_k)
            nearest = load(found[0].file) if found else None
        except OcellaError as error:
            return Likeness(None, name, False, False, {}, [], None, None, True, f"The search failed: {error}")
        if not found:
            said = "There is no image to search among."
            return Likeness(None, name, False, False, {}, [], None, None, False, said)
        best, rows = found[0], [candidate.to_json() for candidate in found]
        prediction = _classification(best, classes) if best.label else None
        said = "Found." if best.label else "The nearest image has no class."
        return Likeness(
            prediction, name, True, bool(best.label), rows[0], rows, nearest, best.score, not best.label, said
        )


def _classification(best: Candidate, classes: tuple[str, ...]) -> Classification:
    scores = np.zeros(len(classes), np.float32)
    scores[classes.index(best.label)] = min(max(best.score / 2, 0.0), 1.0)
    return Classification(scores, classes)


UNITS = (VisualSearchClassifier,)
