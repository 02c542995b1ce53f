"""Going on at most so often."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block, Targets, source_of

__all__ = ["UNITS"]


class RateLimiter(Block):
    """Let `next_steps` run where they have not for `cooldown_seconds`. Seconds are those of the clock; with
    `video_reference_image` those of its video, each video for itself, so that a recording may run faster.
    """

    type = "rate_limiter@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "rate_limiter",
                "name": "seldom",
                "cooldown_seconds": 60,
                "depends_on": "$inputs.image",
                "next_steps": ["$steps.grey"],
            },
            {"type": "convert_grayscale", "name": "grey", "image": "$inputs.image"},
        ],
        "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.grey.image"}],
    }

    next_steps: Targets
    cooldown_seconds: Annotated[float, Field(ge=0)] = 1.0

    def setup(self) -> None:
        """Nothing has run."""
        self._last: dict[str, float] = {}

    def run(self, depends_on: Any, video_reference_image: Image | None = None) -> Targets:
        """All of the steps, or none."""
        del depends_on  # says what to wait for
        source, now = self._time(video_reference_image)
        before = self._last.get(source)
        if before is not None and 0 <= now - before < self.cooldown_seconds:  # a video that starts anew goes back
            return []
        self._last[source] = now
        return self.next_steps

    def _time(self, image: Image | None) -> tuple[str, float]:
        if image is None or image.moment is None:
            return "", self.services.now().timestamp()
        return source_of(image), image.moment.seconds


UNITS = (RateLimiter,)
