"""Any model of OpenRouter, asked about images."""

from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock

__all__ = ["UNITS"]


class OpenRouter(OpenRouterBlock):
    """Ask any model of OpenRouter about each image, with your own key there. `model_id` is what its page names it, like
    qwen/qwen3-vl-8b-instruct.
    """

    type = "openrouter@v1"
    example = example_of_answers("openrouter", model_id="qwen/qwen3-vl-8b-instruct")

    model_id: str
    model_version: str = ""

    def model(self) -> str:
        """As it is written."""
        return self.model_id.strip()


UNITS = (OpenRouter,)
