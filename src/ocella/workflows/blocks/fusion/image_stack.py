"""The last pictures of a video, small."""

from collections import deque
from typing import Annotated, NamedTuple

from pydantic import Field

from ocella.ops.crop import resize
from ocella.types import Image
from ocella.workflows.block import Block, source_of

__all__ = ["UNITS"]

_QUALITY = 75


class Stack(NamedTuple):
    """JPEG bytes, newest first, and how many."""

    frames: list[bytes]
    frames_count: int


class ImageStack(Block):
    """The last `stack_size` pictures of each video as JPEG bytes, newest first, made to fit into `resolution_width` x
    `resolution_height`; for models that look at several pictures at once. `clear` forgets the earlier ones.
    """

    type = "image_stack@v1"
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "image_stack", "name": "clip", "image": "$inputs.image", "stack_size": 4}],
        "outputs": [{"type": "JsonField", "name": "count", "selector": "$steps.clip.frames_count"}],
    }

    stack_size: Annotated[int, Field(ge=1, le=64)] = 10
    resolution_width: Annotated[int, Field(ge=64, le=1920)] = 1920
    resolution_height: Annotated[int, Field(ge=64, le=1080)] = 1080
    clear: bool = False

    def setup(self) -> None:
        """Nothing has come yet."""
        self._kept: dict[str, deque[bytes]] = {}

    def run(self, image: Image) -> Stack:
        """The pictures up to this one."""
        from ocella.media.write import encode_jpeg

        source = source_of(image)
        kept = deque(() if self.clear else self._kept.get(source, ()), maxlen=self.stack_size)
        kept.appendleft(encode_jpeg(self._fitted(image), _QUALITY))
        self._kept[source] = kept
        return Stack(list(kept), len(kept))

    def _fitted(self, image: Image) -> Image:
        scale = min(self.resolution_width / image.width, self.resolution_height / image.height)
        if scale >= 1:
            return image
        return resize(image, (max(int(image.height * scale), 1), max(int(image.width * scale), 1)))


UNITS = (ImageStack,)
