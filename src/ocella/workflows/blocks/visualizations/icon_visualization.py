"""Small pictures on the image."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.anchors import Anchor
from ocella.ops.paint import lay
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.visualizations._base import Pixels, places
from ocella.workflows.kinds import Objects

__all__ = ["UNITS"]

Side = Annotated[int, Field(ge=1, le=10_000)]


class IconVisualization(Block):
    """Lay a picture on the image, fitted into `icon_width` x `icon_height`: in the middle of a point of each object
    (`dynamic`), or once at `x_position`, `y_position`, counted from the right and the bottom where negative (`static`).
    Pictures have no transparent parts here.
    """

    type = "icon_visualization@v1"
    aliases = ("IconVisualization",)
    output = "image"
    ignored = frozenset({"copy_image"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowImage", "name": "logo"}],
        "steps": [
            {
                "type": "icon_visualization",
                "name": "sign",
                "image": "$inputs.image",
                "icon": "$inputs.logo",
                "mode": "static",
                "x_position": -10,
                "y_position": -10,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.sign.image"}],
    }

    mode: Literal["static", "dynamic"] = "dynamic"
    icon_width: Side = 64
    icon_height: Side = 64
    position: Anchor = "TOP_CENTER"
    x_position: int = 10
    y_position: int = 10

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Objects are needed to lie on."""
        if step.get("mode", "dynamic") == "dynamic" and step.get("predictions") is None:
            return [("predictions", "objects for mode 'dynamic'", "Connect a detector, or take mode 'static'.")]
        return []

    def run(self, image: Image, icon: Image, predictions: Objects | None = None) -> Image:
        """The image with the icon on it."""
        wide, tall = self.icon_width, self.icon_height
        if self.mode == "static":
            x = self.x_position if self.x_position >= 0 else image.width + self.x_position - wide
            y = self.y_position if self.y_position >= 0 else image.height + self.y_position - tall
            corners = [(x, y)]
        elif predictions is None:
            raise InvalidValue("icon_visualization needs predictions in mode 'dynamic'. Connect a detector.")
        else:
            corners = [(int(x - wide / 2), int(y - tall / 2)) for x, y in places(predictions, self.position)]
        pixels, piece = image.pixels.copy(), self._fitted(icon)
        left, top = (wide - piece.shape[1]) // 2, (tall - piece.shape[0]) // 2
        for x, y in corners:
            lay(pixels, piece, (x + left, y + top))
        return image.derive(pixels)

    def _fitted(self, icon: Image) -> Pixels:
        import cv2

        scale = min(self.icon_width / icon.width, self.icon_height / icon.height)
        size = max(1, round(icon.width * scale)), max(1, round(icon.height * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(icon.pixels, size, interpolation=way), np.uint8)


UNITS = (IconVisualization,)
