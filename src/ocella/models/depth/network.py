"""Networks of transformers that look at an image prepared as DPT's are and give its depth."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.depth.output import Floats, from_disparity, input_size, own_size
from ocella.models.entry import LoadOptions
from ocella.models.tasks import DepthEstimator
from ocella.types import DepthMap, Image

__all__ = ["DepthNetwork", "prepared_pixels"]


class DepthNetwork(DepthEstimator):
    """Depth Anything and DPT. A checkpoint that was trained on distances gives metres; any other gives inverse depth,
    which is turned around. `batch` images at once; those of one input size go through the network together.
    """

    def __init__(self, card: ModelCard, options: LoadOptions, *, kind: str, network: str) -> None:
        self._opened = open_checkpoint(card, options, kind, network)
        self._card = adopt_card(card, options, self._opened)
        self._prepare = self._opened.part("DPTImageProcessorPil")
        self._metric = self._opened.network.config.to_dict().get("depth_estimation_type") == "metric"
        self.batch = self._opened.batch(options)

    def predict(self, images: Sequence[Image]) -> list[DepthMap]:
        """A map of each image in its own size."""
        raw = [r for chunk in batches(images, self.batch) for r in self.measure(chunk)]
        return [DepthMap(r, metric=True) if self._metric else from_disparity(r) for r in raw]

    def measure(self, images: Sequence[Image]) -> list[Floats]:
        """What the network gives in each image's size: metres, or inverse depth without unit."""
        found: dict[int, Floats] = {}
        prepared = [self._pixels(image) for image in images]
        for shape in dict.fromkeys(p.shape for p in prepared):
            rows = [i for i, p in enumerate(prepared) if p.shape == shape]
            for row, depth in zip(rows, self._forward(np.stack([prepared[r] for r in rows])), strict=True):
                found[row] = own_size(depth, images[row].size_hw)
        return [found[r] for r in range(len(images))]

    def _pixels(self, image: Image) -> Floats:
        return np.asarray(prepared_pixels(self._prepare, image, image.size_hw)[0])

    def _forward(self, pixels: Floats) -> Any:
        """Maps (n, h, w) of images of one size."""
        import torch

        with torch.inference_mode():
            values = torch.from_numpy(pixels).to(self._opened.device, self._opened.dtype)
            return self._opened.network(pixel_values=values).predicted_depth


def prepared_pixels(settings: Any, image: Image, size_hw: tuple[int, int]) -> Floats:
    """The input (1, 3, h, w) of an image that with its margins has that size, by the library's processor at the size that
    the authors' code takes.
    """
    height, width = input_size(
        size_hw,
        (settings.size.height, settings.size.width),
        settings.ensure_multiple_of,
        keep_shape=settings.keep_aspect_ratio,
    )
    made = settings(
        image.pixels,
        size={"height": height, "width": width},
        keep_aspect_ratio=False,
        ensure_multiple_of=1,
        input_data_format="channels_last",
        return_tensors="np",
    )
    return np.asarray(made["pixel_values"], np.float32)
