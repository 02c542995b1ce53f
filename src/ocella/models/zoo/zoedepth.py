"""ZoeDepth: depth in metres, indoors and outdoors."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.depth.network import prepared_pixels
from ocella.models.depth.output import Floats, own_size
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.tasks import DepthEstimator
from ocella.types import DepthMap, Image

__all__ = ["UNITS", "ZoeDepth"]

_BOTH = ModelCard(
    name="zoedepth-nyu-kitti",
    try_order=3,
    advice="depth in metres, indoors and outdoors",
    task="depth",
    summary="metres to everything; decides for each image whether it is a room or a street",
    checkpoint="hub: Intel/zoedepth-nyu-kitti (revision main)",
    code_license="Apache-2.0",
    weights_license="MIT",
    commercial_use=True,
    parameters=345_073_307,
    megabytes=1380.3,
    input_hw=(384, 512),
    extra="torch",
    aliases=("zoedepth", "zoed-nk"),
    good_at="rooms up to 10 m and streets up to 80 m",
    bad_at="cameras of another angle of view than those of its training; thin parts; speed",
    run_here="small self-made checkpoints only",
    data={"hub": "Intel/zoedepth-nyu-kitti", "revision": "main"},
    system="ZoeDepth",
    library="transformers",
    score_kind="none",
    speed="slow",
    memory_gb=4,
)
_INDOOR = replace(
    _BOTH,
    name="zoedepth-nyu",
    summary="metres to everything in a room",
    checkpoint="hub: Intel/zoedepth-nyu (revision main)",
    parameters=343_789_698,
    megabytes=1375.2,
    aliases=("zoed-n",),
    good_at="rooms up to 10 m",
    data={"hub": "Intel/zoedepth-nyu", "revision": "main"},
)
_OUTDOOR = replace(
    _INDOOR,
    name="zoedepth-kitti",
    summary="metres to everything in a street",
    checkpoint="hub: Intel/zoedepth-kitti (revision main)",
    aliases=("zoed-k",),
    good_at="streets up to 80 m",
    data={"hub": "Intel/zoedepth-kitti", "revision": "main"},
)
_MARGIN = 3
"""Of the square root of half a side: how wide a mirrored border is put around an image and taken off the result."""


class ZoeDepth(DepthEstimator):
    """One image at a time: with two heads the network chooses one for a whole batch. The second look at the mirrored
    image, with which the paper's figures were made, is left out, as in the library's own pipeline.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "zoedepth", "ZoeDepthForDepthEstimation")
        self._card = adopt_card(card, options, self._opened)
        self._prepare = self._opened.part("ZoeDepthImageProcessorPil")

    def predict(self, images: Sequence[Image]) -> list[DepthMap]:
        """Metres of each image in its own size."""
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> DepthMap:
        import torch

        with torch.inference_mode():
            pixels = torch.from_numpy(self._pixels(image)).to(self._opened.device, self._opened.dtype)
            depth = self._opened.network(pixel_values=pixels).predicted_depth[0]
        top, left = self._margins(image)
        padded = own_size(depth, (image.height + 2 * top, image.width + 2 * left))
        return DepthMap(padded[top : top + image.height, left : left + image.width], metric=True)

    def _margins(self, image: Image) -> tuple[int, int]:
        """Rows above and below, columns left and right."""
        if not self._prepare.do_pad:
            return 0, 0
        return int(math.sqrt(image.height / 2) * _MARGIN), int(math.sqrt(image.width / 2) * _MARGIN)

    def _pixels(self, image: Image) -> Floats:
        top, left = self._margins(image)
        return prepared_pixels(self._prepare, image, (image.height + 2 * top, image.width + 2 * left))


UNITS = tuple(
    ModelEntry(card, partial(ZoeDepth, card), ("ZoeDepthForDepthEstimation",)) for card in (_BOTH, _INDOOR, _OUTDOOR)
)
