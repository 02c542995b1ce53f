"""A glow around objects."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.ops.cutouts import Cutout, cutouts
from ocella.ops.masks import from_boxes
from ocella.ops.palette import Color
from ocella.types import Detections, Image
from ocella.workflows.blocks.visualizations._base import Colored, Pixels, drawing_example
from ocella.workflows.kinds import Instances, Unit

__all__ = ["UNITS"]


class HaloVisualization(Colored):
    """Let each object glow in its colour, `kernel_size` / 2 pixels beyond the edge of its mask, or of its box where it has
    none.
    """

    type = "halo_visualization@v2"
    aliases = ("HaloVisualization",)
    example = drawing_example("halo_visualization", "instance_segmentation", kernel_size=60)

    opacity: Unit = 0.8
    kernel_size: Annotated[int, Field(ge=1, le=10_000)] = 40

    def run(self, image: Image, predictions: Instances) -> Image:
        """The image with the glow on it."""
        return super().run(image, predictions)

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The glow."""
        size_hw = pixels.shape[0], pixels.shape[1]
        masks = from_boxes(found.xyxy, size_hw) if found.masks is None else found.masks
        parts, colors = cutouts(masks, size_hw), self.colors(found)
        order = [i for i in np.argsort(-masks.area, kind="stable").tolist() if parts[i].inside.size]
        if order:
            self._glow(pixels, [(parts[i], colors[i]) for i in order])

    def _glow(self, pixels: Pixels, parts: list[tuple[Cutout, Color]]) -> None:
        import cv2

        wide, tall = self.kernel_size, self.kernel_size
        left = max(0, min(part.x for part, _ in parts) - wide)
        top = max(0, min(part.y for part, _ in parts) - tall)
        right = max(part.x + part.inside.shape[1] for part, _ in parts) + wide
        bottom = max(part.y + part.inside.shape[0] for part, _ in parts) + tall
        scene = pixels[top:bottom, left:right]
        light, solid = np.zeros_like(scene), np.zeros(scene.shape[:2], np.uint8)
        for part, color in parts:
            here = Cutout(part.x - left, part.y - top, part.inside)
            cv2.copyTo(
                np.broadcast_to(np.array(color, np.uint8), (*part.inside.shape, 3)).copy(), part.inside, here.of(light)
            )
            here.of(solid)[:] |= part.inside
        light = np.asarray(cv2.blur(light, (wide, tall)), np.uint8)
        light[solid > 0] = 0
        grey = cv2.cvtColor(light, cv2.COLOR_RGB2GRAY)
        if grey.max() > 0:
            alpha = (np.float32(self.opacity / grey.max()) * grey)[:, :, None]
            scene[:] = np.clip(scene * (1 - alpha) + light * alpha, 0, 255).astype(np.uint8)


UNITS = (HaloVisualization,)
