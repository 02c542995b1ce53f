"""A picture made from words."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from ocella.types import Image
from ocella.workflows.blocks.models._stability import StabilityBlock
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class StabilityImageGen(StabilityBlock):
    """Have a picture made from words by Stability AI, with your own key; with an image, one like it: `strength` 0 is the same
    picture, 1 another. "core" takes no image.
    """

    type = "stability_ai_image_gen@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "key"}],
        "steps": [
            {"type": "stability_ai_image_gen", "name": "make", "prompt": "a red bicycle", "api_key": "$inputs.key"}
        ],
        "outputs": [{"type": "JsonField", "name": "picture", "selector": "$steps.make.image"}],
    }

    prompt: str
    negative_prompt: str | None = None
    model: Literal["core", "ultra", "sd3"] = "core"
    strength: Unit = 0.3

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Which models take an image."""
        if step.get("image") is not None and step.get("model", "core") == "core":
            return [("model", "'ultra' or 'sd3' for a step with an image", "'core' makes pictures from words alone.")]
        return []

    def run(self, image: Image | None = None) -> Image:
        """The picture."""
        said = {"prompt": self.prompt, "negative_prompt": self.negative_prompt, "output_format": "png"}
        if image is None:
            return self.made(f"generate/{self.model}", said, {})
        mode = {"mode": "image-to-image"} if self.model == "sd3" else {}
        return self.made(f"generate/{self.model}", {**said, "strength": self.strength, **mode}, {"image": image})


UNITS = (StabilityImageGen,)
