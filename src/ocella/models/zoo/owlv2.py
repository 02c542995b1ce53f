"""OWLv2: an open-vocabulary detector with one box for each patch of the image."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.owl_detection import OwlDetector
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.types import Image

__all__ = ["UNITS", "Owlv2", "prepare"]

Floats = npt.NDArray[np.float32]

_README = "github.com/google-research/scenic, OWL-ViT README"
_NETWORK = "Owlv2ForObjectDetection"

_BASE = ModelCard(
    name="owlv2-base-patch16-ensemble",
    try_order=2,
    advice="where Grounding DINO does not find it: strong on rare things and long lists of classes, and takes pictures as prompts",
    task="detect",
    summary="finds what short English texts name, or what looks like example images; strong on rare things",
    checkpoint="hub: google/owlv2-base-patch16-ensemble (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=154_966_792,
    megabytes=619.9,
    input_hw=(960, 960),
    open_vocabulary=True,
    threshold=0.2,
    extra="torch",
    aliases=("owlv2",),
    accuracy=(Accuracy("AP", 0.439, "LVIS", _README), Accuracy("AP rare", 0.405, "LVIS", _README)),
    good_at="rare things, example images as the prompt; long lists of classes: texts are read once, not for every image",
    bad_at="whole sentences, many overlapping things; its confidences are low for texts and high for example images, so a "
    "threshold is worth choosing (the library's example has 0.6 for images)",
    run_here="small self-made checkpoints only",
    data={"hub": "google/owlv2-base-patch16-ensemble", "revision": "main"},
    system="OWLv2",
    library="transformers",
    prompts=("text", "image"),
    speed="slow",
    memory_gb=3,
)
_LARGE = replace(
    _BASE,
    name="owlv2-large-patch14-ensemble",
    try_order=4,
    advice="as owlv2-base-patch16-ensemble, larger",
    summary="as owlv2-base-patch16-ensemble, larger; needs a graphics card",
    checkpoint="hub: google/owlv2-large-patch14-ensemble (revision main)",
    parameters=437_610_760,
    megabytes=1750.4,
    input_hw=(1008, 1008),
    aliases=(),
    accuracy=(Accuracy("AP", 0.446, "LVIS", _README), Accuracy("AP rare", 0.426, "LVIS", _README)),
    data={"hub": "google/owlv2-large-patch14-ensemble", "revision": "main"},
    memory_gb=8,
)


class Owlv2(OwlDetector):
    """The image in the upper left of a square; of an example image without a box the patch most like an object."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__(card, options, kind="owlv2", network=_NETWORK)

    def _prepare(self, image: Image) -> Floats:
        return prepare(image.pixels, self._opened.image)

    def _frame(self, size_hw: tuple[int, int]) -> tuple[int, int]:
        return max(size_hw), max(size_hw)

    def _whole(self, features: Any, grid: Any, vectors: Any) -> int | None:
        """The patch most surely an object."""
        del grid, vectors
        return int(self._opened.network.objectness_predictor(features)[0].argmax())


def prepare(pixels: npt.NDArray[np.uint8], settings: dict[str, Any]) -> Floats:
    """RGB (h, w, 3) to the network's (3, side, side): padded with black at right and bottom to a square, blurred
    against aliasing where it shrinks, sampled between the nearest two pixels.
    """
    size = settings.get("size") or {"height": 960, "width": 960}
    height, width = pixels.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.float32)
    square[:height, :width] = pixels
    square *= np.float32(settings.get("rescale_factor", 1 / 255))
    small = _resize(square, (int(size["height"]), int(size["width"])))
    mean = np.array(settings.get("image_mean") or (0.48145466, 0.4578275, 0.40821073), np.float32)
    std = np.array(settings.get("image_std") or (0.26862954, 0.26130258, 0.27577711), np.float32)
    return np.ascontiguousarray(((small - mean) / std).transpose(2, 0, 1))


def _resize(picture: Floats, size_hw: tuple[int, int]) -> Floats:
    import cv2

    ratios = [source / target for source, target in zip(picture.shape[:2], size_hw, strict=True)]
    down, across = (_bell((ratio - 1) / 2) for ratio in ratios)
    blurred = cv2.sepFilter2D(picture, -1, across, down, borderType=cv2.BORDER_REFLECT_101)
    rows = _sample(np.asarray(blurred, np.float32), size_hw[0])
    return _sample(rows.transpose(1, 0, 2), size_hw[1]).transpose(1, 0, 2)


def _bell(sigma: float) -> npt.NDArray[np.float64]:
    """Weights of a Gaussian blur out to four sigma; one weight where nothing shrinks."""
    if sigma <= 0:
        return np.ones(1)
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum())


def _sample(picture: Floats, target: int) -> Floats:
    """Rows at the centres of `target` equal parts, mirrored about the first and last row."""
    last = len(picture) - 1
    at = np.abs((np.arange(target) + 0.5) * len(picture) / target - 0.5)
    at = np.where(at > last, 2 * last - at, at) if last else np.zeros(target)
    low = np.floor(at).astype(np.int64)
    weight = (at - low).astype(np.float32)[:, None, None]
    return np.asarray(picture[low] * (1 - weight) + picture[np.minimum(low + 1, last)] * weight, np.float32)


UNITS = tuple(ModelEntry(card, partial(Owlv2, card), (_NETWORK,)) for card in (_BASE, _LARGE))
