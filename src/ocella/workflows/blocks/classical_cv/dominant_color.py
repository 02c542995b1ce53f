"""The colour that most of an image has."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]

Colors = npt.NDArray[np.float64]


class DominantColor(Block):
    """The mean of the largest of `color_clusters` groups of pixels (k-means), as red, green, blue. The image is thinned out
    until its shorter side has about `target_size` pixels. The same image gives the same colour.
    """

    type = "dominant_color@v1"
    output = "rgb_color"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "dominant_color", "name": "color", "image": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "rgb", "selector": "$steps.color.rgb_color"}],
    }

    color_clusters: Annotated[int, Field(ge=1, le=10)] = 4
    max_iterations: Annotated[int, Field(ge=1, le=500)] = 100
    target_size: Annotated[int, Field(ge=1, le=250)] = 100

    def run(self, image: Image) -> Annotated[list[int], Is("rgb_color")]:
        """Red, green, blue."""
        step = max(1, min(image.size_hw) // self.target_size)
        pixels = image.pixels[::step, ::step].reshape(-1, 3)
        colors, counts = np.unique(pixels, axis=0, return_counts=True)
        centers, sizes = self._clusters(colors.astype(np.float64), counts)
        return [round(float(v)) for v in centers[np.argmax(sizes)]]

    def _clusters(self, colors: Colors, counts: npt.NDArray[np.int64]) -> tuple[Colors, npt.NDArray[np.int64]]:
        """Means of the groups, and how many pixels each has."""
        centers = _start(colors, counts, self.color_clusters)
        for _ in range(self.max_iterations):
            group = _distances(colors, centers).argmin(axis=1)
            sizes = np.bincount(group, counts, len(centers))
            sums = np.stack([np.bincount(group, counts * colors[:, c], len(centers)) for c in range(3)], axis=1)
            moved = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centers)
            if np.allclose(moved, centers):
                break
            centers = moved
        return moved, sizes.astype(np.int64)


def _start(colors: Colors, counts: npt.NDArray[np.int64], clusters: int) -> Colors:
    """The most frequent colour, then whichever is frequent and far from those chosen."""
    chosen = [int(counts.argmax())]
    while len(chosen) < min(clusters, len(colors)):
        far = _distances(colors, colors[chosen]).min(axis=1)
        chosen.append(int((far * counts).argmax()))
    return colors[chosen]


def _distances(colors: Colors, centers: Colors) -> Colors:
    return np.asarray(((colors[:, None] - centers[None]) ** 2).sum(axis=2))


UNITS = (DominantColor,)
