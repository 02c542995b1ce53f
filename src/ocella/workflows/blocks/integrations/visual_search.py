"""Images that look like this one."""

from typing import Annotated, Any, NamedTuple

from pydantic import Field

from ocella.errors import OcellaError
from ocella.media.load import load
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.integrations._lookalikes import Lookalikes, folder_to_search

__all__ = ["UNITS"]


class Search(NamedTuple):
    """The nearest image, with what is known of it, and further ones; whether the search failed, and what is to say."""

    candidate_found: bool
    best_candidate: dict[str, Any]
    candidates: list[Any]
    error_status: bool
    message: str
    best_candidate_image: Image | None
    best_candidate_metadata: dict[str, Any]
    best_candidate_tags: list[Any]


class VisualSearch(Block):
    """Find the `top_k` images of a folder that look most like this one, by the vectors of `model_id`. `target_project` is a data
    set or folder of images below the folder that workflows write to, or the path of one; nothing is sent anywhere.
    """

    type = "visual_search@v1"
    slow = True
    ignored = frozenset({"workspace"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "visual_search", "name": "like", "image": "$inputs.image", "target_project": "street", "top_k": 3}
        ],
        "outputs": [{"type": "JsonField", "name": "nearest", "selector": "$steps.like.best_candidate"}],
    }

    target_project: str
    top_k: Annotated[int, Field(ge=1, le=50)] = 1
    model_id: str = "efficientnet-lite0-features"

    def setup(self) -> None:
        """Nothing is indexed yet."""
        self._indexes: dict[tuple[str, str], Lookalikes] = {}

    def run(self, image: Image) -> Search:
        """The nearest images."""
        try:
            key = (self.target_project, self.model_id)
            if key not in self._indexes:
                folder = folder_to_search(self.services, self.target_project, f"Step '{self.step}'")
                self._indexes[key] = Lookalikes(folder, self.services, self.model_id)
            found, _ = self._indexes[key].search(image, self.top_k)
            nearest = load(found[0].file) if found else None
        except OcellaError as error:
            return Search(False, {}, [], True, f"The search failed: {error}", None, {}, [])
        if not found:
            return Search(False, {}, [], False, "There is no image to search among.", None, {}, [])
        rows = [candidate.to_json() for candidate in found]
        return Search(True, rows[0], rows, False, "Found.", nearest, rows[0]["metadata"], rows[0]["tags"])


UNITS = (VisualSearch,)
