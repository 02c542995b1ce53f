"""A picture continued beyond its edges."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ocella.types import Image
from ocella.workflows.blocks.models._stability import Preset, StabilityBlock
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]

Pixels = Annotated[int, Field(ge=0, le=2000)]


class StabilityOutpainting(StabilityBlock):
    """Have a picture continued by Stability AI, with your own key: so many pixels to the `left`, `right`, `up` and `down`.
    Without `prompt` with what is there; `creativity` 0 keeps to it closely.
    """

    type = "stability_ai_outpainting@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "key"}],
        "steps": [
            {
                "type": "stability_ai_outpainting",
                "name": "widen",
                "image": "$inputs.image",
                "left": 100,
                "right": 100,
                "api_key": "$inputs.key",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "picture", "selector": "$steps.widen.image"}],
    }

    creativity: Unit = 0.5
    left: Pixels = 0
    right: Pixels = 0
    up: Pixels = 0
    down: Pixels = 0
    prompt: str | None = None
    preset: Preset | None = None
    seed: Annotated[int, Field(ge=0, le=2**32 - 2)] | None = None

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """At least one side must grow."""
        if any(step.get(side) for side in ("left", "right", "up", "down")):
            return []
        return [("left", "pixels to add on one side at least", "Give left, right, up or down.")]

    def run(self, image: Image) -> Image:
        """The picture."""
        said = {
            "left": self.left,
            "right": self.right,
            "up": self.up,
            "down": self.down,
            "creativity": self.creativity,
            "prompt": self.prompt,
            "style_preset": self.preset,
            "seed": self.seed,
            "output_format": "png",
        }
        return self.made("edit/outpaint", said, {"image": image})


UNITS = (StabilityOutpainting,)
