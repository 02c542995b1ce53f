"""Where two models differ."""

from ocella.ops.cutouts import covered
from ocella.ops.paint import blend
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.visualizations._base import ColorText, rgb
from ocella.workflows.kinds import Objects, Unit

__all__ = ["UNITS"]


class ModelComparisonVisualization(Block):
    """Show what two models found: clear where both did, `color_a` and `color_b` where only one did, `background_color` where
    none did. Masks count, or boxes where there are none.
    """

    type = "model_comparison_visualization@v1"
    output = "image"
    ignored = frozenset({"copy_image"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "a", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "object_detection_model",
                "name": "b",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
                "confidence": 0.7,
            },
            {
                "type": "model_comparison_visualization",
                "name": "difference",
                "image": "$inputs.image",
                "predictions_a": "$steps.a.predictions",
                "predictions_b": "$steps.b.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.difference.image"}],
    }

    color_a: ColorText = "GREEN"
    color_b: ColorText = "RED"
    background_color: ColorText = "BLACK"
    opacity: Unit = 0.7

    def run(self, image: Image, predictions_a: Objects, predictions_b: Objects) -> Image:
        """The image with the colours on it."""
        a, b = covered(predictions_a, image.size_hw), covered(predictions_b, image.size_hw)
        pixels = image.pixels.copy()
        for where, color in (
            ((1 - a) & (1 - b), self.background_color),
            (a & (1 - b), self.color_a),
            (b & (1 - a), self.color_b),
        ):
            blend(pixels, where, rgb(color), self.opacity)
        return image.derive(pixels)


UNITS = (ModelComparisonVisualization,)
