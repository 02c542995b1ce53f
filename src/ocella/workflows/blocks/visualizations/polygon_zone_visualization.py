"""Zones of the image."""

import numpy as np

from ocella.ops.paint import blend
from ocella.ops.zones import as_polygons
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.visualizations._base import ColorText, rgb
from ocella.workflows.kinds import Unit, Zone

__all__ = ["UNITS"]


class PolygonZoneVisualization(Block):
    """Fill a zone, a list of points [x, y] or a list of such lists. Draw it before what should be seen on it."""

    type = "polygon_zone_visualization@v1"
    output = "image"
    ignored = frozenset({"copy_image"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "polygon_zone_visualization",
                "name": "zone",
                "image": "$inputs.image",
                "zone": [[20, 20], [300, 20], [300, 200], [20, 200]],
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.zone.image"}],
    }

    zone: Zone
    color: ColorText = "#5bb573"
    opacity: Unit = 0.3

    def run(self, image: Image) -> Image:
        """The image with the zone on it."""
        import cv2

        polygons = as_polygons(self.zone, "zone")
        if not polygons:
            return image
        where = np.zeros(image.size_hw, np.uint8)
        cv2.fillPoly(where, [np.clip(p, -30_000, 30_000).astype(np.int32) for p in polygons], 1)
        pixels = image.pixels.copy()
        blend(pixels, where, rgb(self.color), self.opacity)
        return image.derive(pixels)


UNITS = (PolygonZoneVisualization,)
