"""Grok, asked about images."""

from typing import Any, Literal

from ocella.workflows.blocks.models._cloud import VlmBlock
from ocella.workflows.blocks.models._example import example_of_answers

__all__ = ["UNITS"]


class SpaceXai(VlmBlock):
    """Ask Grok about each image, with your own key of xAI. Boxes are box_2d in hundredths of the image, which
    vlm_as_detector reads with "model_type": "spacexai".
    """

    type = "spacexai@v1"
    example = example_of_answers("spacexai")
    _provider = "xAI"
    _boxes = "hundredths"

    model_version: str = "grok-4.5"
    base_url: str = "https://api.x.ai/v1"
    reasoning_effort: Literal["none", "low", "medium", "high"] | None = None

    def request(self) -> dict[str, Any]:
        """With how long to think."""
        return {**super().request(), "reasoning_effort": self.reasoning_effort}


UNITS = (SpaceXai,)
