"""Depth Pro: sharp depth in metres, with the camera's angle of view."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.depth.output import own_size
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.tasks import DepthEstimator
from ocella.types import DepthMap, Image

__all__ = ["UNITS", "DepthPro"]

_CARD = ModelCard(
    name="depthpro",
    task="depth",
    summary="metres with sharp edges, from any camera; for research only",
    checkpoint="hub: apple/DepthPro-hf (revision main)",
    code_license="Apache-2.0",
    weights_license="apple-amlr (research only)",
    commercial_use=False,
    parameters=951_991_330,
    megabytes=3808,
    input_hw=(1536, 1536),
    extra="torch",
    aliases=("depth-pro",),
    good_at="hair, leaves and other fine edges; cameras of any angle of view",
    bad_at="speed: 35 pieces of each image go through a large network",
    run_here="small self-made checkpoints only",
    data={"hub": "apple/DepthPro-hf", "revision": "main"},
    system="Depth Pro",
    library="transformers",
    score_kind="none",
    speed="slow",
    memory_gb=8,
    clause="the Apple Machine Learning Research licence allows research only",
    stand_in="depth-anything-v2-metric-indoor-small",
)
_NEAR, _FAR = 1e-4, 1e4
"""Metres; what is given is within them."""


class DepthPro(DepthEstimator):
    """The library's own preparation needs torchvision, so the image is prepared here, with the same numbers. Without a
    part that sees the angle of view the result has no unit.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "depth_pro", "DepthProForDepthEstimation")
        self._card = adopt_card(card, options, self._opened)

    def predict(self, images: Sequence[Image]) -> list[DepthMap]:
        """Metres of each image in its own size."""
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> DepthMap:
        import torch

        with torch.inference_mode():
            out = self._opened.network(pixel_values=self._pixels(image))
            inverse, angle = out.predicted_depth[0].float(), out.field_of_view
            if angle is not None:
                # width / focal length in pixels, from the angle of view in degrees
                inverse = inverse * 2 * torch.tan(torch.deg2rad(angle.float().reshape(-1)[0]) / 2)
        sized = own_size(inverse, image.size_hw, mode="bilinear")
        metres = np.asarray(1 / np.clip(sized, _NEAR, _FAR), np.float32)
        return DepthMap(metres, metric=angle is not None)

    def _pixels(self, image: Image) -> Any:
        """The image as the network takes it: normalised first and then resized, without smoothing where it shrinks."""
        import torch

        settings = self._opened.image
        mean, std = (torch.tensor(settings.get(k) or (0.5, 0.5, 0.5)) for k in ("image_mean", "image_std"))
        scaled = torch.from_numpy(np.array(image.pixels)).float() * settings.get("rescale_factor", 1 / 255)
        size = settings.get("size") or {"height": 1536, "width": 1536}
        pixels = torch.nn.functional.interpolate(
            ((scaled - mean) / std).permute(2, 0, 1)[None],
            size=(int(size["height"]), int(size["width"])),
            mode="bilinear",
            align_corners=False,
        )
        return pixels.to(self._opened.device, self._opened.dtype)


UNITS = (ModelEntry(_CARD, partial(DepthPro, _CARD), ("DepthProForDepthEstimation",)),)
