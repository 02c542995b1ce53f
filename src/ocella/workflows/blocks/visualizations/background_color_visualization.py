"""Everything but the objects in one colour."""

from ocella.ops.cutouts import covered
from ocella.ops.paint import blend
from ocella.types import Detections, Image
from ocella.workflows.blocks.visualizations._base import ColorText, Drawing, Pixels, drawing_example, rgb
from ocella.workflows.kinds import Objects, Unit

__all__ = ["UNITS"]


class BackgroundColorVisualization(Drawing):
    """Mix a colour into everything that no object covers, by its mask or else its box; into all where there is none."""

    type = "background_color_visualization@v1"
    aliases = ("BackgroundColorVisualization",)
    example = drawing_example("background_color_visualization", color="#202040")

    color: ColorText = "BLACK"
    opacity: Unit = 0.5

    def run(self, image: Image, predictions: Objects) -> Image:
        """The image with the colour on it."""
        pixels = image.pixels.copy()
        self.draw(pixels, predictions)
        return image.derive(pixels)

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The colour around the objects."""
        free = 1 - covered(found, (pixels.shape[0], pixels.shape[1]))
        blend(pixels, free, rgb(self.color), self.opacity)


UNITS = (BackgroundColorVisualization,)
