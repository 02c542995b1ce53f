"""What moves in a video, as an image."""

from typing import Annotated, Any

from pydantic import Field

from ocella.ops.grey import of_grey
from ocella.types import Image
from ocella.workflows.block import Block, source_of

__all__ = ["UNITS"]


class BackgroundSubtraction(Block):
    """White where a frame differs from the last `history` frames of its video, grey where only a shadow falls, else black
    (MOG2). A smaller `threshold`, a squared Mahalanobis distance, sees more.
    """

    type = "background_subtraction@v1"
    output = "image"
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "background_subtraction", "name": "moving", "image": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.moving.image"}],
    }

    threshold: Annotated[int, Field(ge=1)] = 16
    history: Annotated[int, Field(ge=1)] = 30

    def setup(self) -> None:
        """A background for each video."""
        self._backgrounds: dict[tuple[str, int, int], Any] = {}

    def run(self, image: Image) -> Image:
        """The mask of this frame, which is learned."""
        import cv2

        key = (source_of(image), self.threshold, self.history)
        if key not in self._backgrounds:
            self._backgrounds[key] = cv2.createBackgroundSubtractorMOG2(self.history, self.threshold, True)
        return of_grey(image, self._backgrounds[key].apply(image.pixels))


UNITS = (BackgroundSubtraction,)
