"""A value of an earlier picture of a video."""

from typing import Annotated, Any, NamedTuple

from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block, source_of

__all__ = ["UNITS"]

_SPARE = 64


class Delayed(NamedTuple):
    """The earlier value or the default; whether there was one; the number of the picture that is on now."""

    output: Any
    is_available: bool
    reference_frame_number: int


class FrameDelay(Block):
    """What `data` was on an earlier picture of the same video: `offset` -1 is the one before, 0 this one. Images that are not of
    a video count as its pictures in the order in which they come.
    """

    type = "frame_delay@v1"
    aliases = ("FrameDelay", "roboflow_core/time_travel@v1", "TimeTravel")
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "frame_delay", "name": "before", "image": "$inputs.image", "data": "$inputs.image", "offset": -1}
        ],
        "outputs": [{"type": "JsonField", "name": "before", "selector": "$steps.before.output"}],
    }

    offset: Annotated[int, Field(le=0)]
    default_value: bool | int | float | str | None = None

    def setup(self) -> None:
        """Nothing has come yet."""
        self._kept: dict[str, dict[int, Any]] = {}

    def run(self, image: Image, data: Any) -> Delayed:
        """Keep this one, give the earlier one."""
        kept = self._kept.setdefault(source_of(image), {})
        newest = max(kept, default=-1)
        now = newest + 1 if image.moment is None else image.moment.index
        if now < newest:  # the video began anew, or was wound back: what came after is of another pass
            kept = self._kept[source_of(image)] = {i: v for i, v in kept.items() if i < now}
        kept[now] = data
        for old in [i for i in kept if i < now + self.offset - _SPARE]:
            del kept[old]
        wanted = now + self.offset
        return Delayed(kept.get(wanted, self.default_value), wanted in kept, now)


UNITS = (FrameDelay,)
