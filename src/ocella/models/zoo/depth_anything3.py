"""Depth Anything 3 for one image: depth that is no inverse, with the sky put behind all else."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.port_checkpoint import open_port
from ocella.models.checkpoints.transformers_checkpoint import adopt_card
from ocella.models.depth.output import Floats, own_size
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.networks.depth_anything3 import PATCH, build, forward, parted, rename
from ocella.models.tasks import DepthEstimator
from ocella.types import DepthMap, Image

__all__ = ["UNITS", "DepthAnything3", "prepare"]

_MONO = ModelCard(
    name="da3mono-large",
    try_order=3,
    advice="depth without a unit, larger and newer",
    task="depth",
    summary="how far everything is, up to a scale, with the sky behind all else",
    checkpoint="hub: depth-anything/DA3MONO-LARGE (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=334_171_394,
    megabytes=1336.7,
    input_hw=(504, 504),
    extra="torch",
    aliases=("depth-anything-3-mono-large",),
    good_at="true proportions in depth, where inverse depth squeezes what is far",
    bad_at="metres; comparing two images; speed",
    run_here="small self-made checkpoints only",
    data={"hub": "depth-anything/DA3MONO-LARGE", "revision": "main"},
    system="Depth Anything 3",
    library="port",
    score_kind="none",
    speed="slow",
    memory_gb=4,
)
_METRIC = replace(
    _MONO,
    name="da3metric-large",
    summary="how far everything is for a camera of 300 px focal length: metres = value x focal length / 300",
    checkpoint="hub: depth-anything/DA3METRIC-LARGE (revision main)",
    aliases=("depth-anything-3-metric-large",),
    good_at="metres where the camera's focal length is known",
    bad_at="metres of an unknown camera; speed",
    data={"hub": "depth-anything/DA3METRIC-LARGE", "revision": "main"},
)
_LONGEST = 504
_SKY = 0.3
_FEW = 10
"""Pixels of sky, or of anything else, up to which an image is taken to have none."""
_FARTHEST = 0.99
"""The sky is as far as this share of the rest is near."""


class DepthAnything3(DepthEstimator):
    """Depth without a unit: that of the metric network becomes metres with the focal length, in pixels of an input whose
    longer side is 504, which no image tells. The network gives distance itself, so nothing is turned around.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_port(card, options, build, rename, part=parted)
        self._card = adopt_card(card, options, self._opened)

    def predict(self, images: Sequence[Image]) -> list[DepthMap]:
        """A map of each image in its own size."""
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> DepthMap:
        import torch

        with torch.inference_mode():
            pixels = torch.from_numpy(prepare(image.pixels))[None].to(self._opened.device, self._opened.dtype)
            depth, sky = forward(self._opened.network, pixels)
            return DepthMap(own_size(_sky_behind(depth[0].float(), sky[0]), image.size_hw))


def _sky_behind(depth: Any, sky: Any) -> Any:
    """Depth (h, w) with the sky at the far end of the rest; the authors take a random sample of the rest to find that."""
    import torch

    open_air = sky >= _SKY
    if min(int(open_air.sum()), int((~open_air).sum())) <= _FEW:
        return depth
    return torch.where(open_air, torch.quantile(depth[~open_air], _FARTHEST), depth)


def prepare(pixels: npt.NDArray[np.uint8]) -> Floats:
    """RGB (h, w, 3) to the network's (3, h', w'): the longer side 504, then both to the nearest whole patches."""
    import cv2

    height, width = pixels.shape[:2]
    scale = _LONGEST / max(height, width)
    sized = (max(1, round(width * scale)), max(1, round(height * scale)))
    whole = tuple(max(1, (side + PATCH // 2) // PATCH) * PATCH for side in sized)
    for target in (sized, whole):
        now = (pixels.shape[1], pixels.shape[0])
        if target != now:
            grows = target[0] > now[0] or target[1] > now[1]
            made = cv2.resize(pixels, target, interpolation=cv2.INTER_CUBIC if grows else cv2.INTER_AREA)
            pixels = np.asarray(made, np.uint8)
    mean, std = np.array((0.485, 0.456, 0.406), np.float32), np.array((0.229, 0.224, 0.225), np.float32)
    return np.ascontiguousarray(((pixels.astype(np.float32) / 255 - mean) / std).transpose(2, 0, 1))


UNITS = tuple(ModelEntry(card, partial(DepthAnything3, card)) for card in (_MONO, _METRIC))
