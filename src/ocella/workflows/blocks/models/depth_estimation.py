"""How near every pixel is."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocella.types import DepthMap, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelBlock, ModelId

__all__ = ["UNITS"]


class Seen(NamedTuple):
    """Nearness as a picture, the nearest pixel yellow and the farthest violet; as numbers, 1 nearest and 0 farthest; and the
    distances themselves.
    """

    image: Image
    normalized_depth: npt.NDArray[np.float32]
    depth: DepthMap


class DepthEstimation(ModelBlock):
    """Tell how near every pixel is, with a model of `ocella models --task depth`; `depth` is in metres where the model knows
    them.
    """

    type = "depth_estimation@v1"
    example = example_on_images("depth_estimation", "image")
    _tasks = ("depth",)

    model_version: ModelId = "depth-anything-v2/small"

    def run(self, images: Batch[Image]) -> Batch[Seen]:
        """Nearness of each image's pixels."""
        with self.leased(self.model_version) as model:
            found = model.predict(images)
        return [_seen(depth, image) for depth, image in zip(found, images, strict=True)]


def _seen(depth: DepthMap, image: Image) -> Seen:
    import cv2

    near, far = float(depth.depth.min()), float(depth.depth.max())
    nearness = np.asarray((far - depth.depth) / ((far - near) or 1.0), np.float32)
    drawn = cv2.applyColorMap(np.rint(nearness * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    pixels = np.ascontiguousarray(drawn[:, :, ::-1]).astype(np.uint8)
    return Seen(image.derive(pixels), nearness, depth)


UNITS = (DepthEstimation,)
