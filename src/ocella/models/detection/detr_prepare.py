"""Images as networks of the DETR family take them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["fitted_hw", "prepare_by_pillow", "prepare_unblurred"]

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


def fitted_hw(size_hw: tuple[int, int], settings: Mapping[str, Any]) -> tuple[int, int]:
    """The input size of an image: a fixed one, or its shape kept by the shorter side, less where the longer would pass
    its limit, or by a frame that it must fit into. A number is the shorter side, as early checkpoints have it.
    """
    size = settings["size"]
    if not isinstance(size, Mapping):
        size = {"shortest_edge": size, "longest_edge": settings.get("max_size", 1333)}
    height, width = size_hw
    if "height" in size:
        return int(size["height"]), int(size["width"])
    if "max_height" in size:
        ratio = min(size["max_height"] / height, size["max_width"] / width)
        return max(1, int(height * ratio)), max(1, int(width * ratio))
    short, long = min(size_hw), max(size_hw)
    edge, most = float(size["shortest_edge"]), size.get("longest_edge")
    if most and long / short * edge > most:
        edge = most * short / long
    if short == round(edge):
        return size_hw
    fitted = [max(1, round(edge) if side == short else int(edge * side / short)) for side in size_hw]
    return fitted[0], fitted[1]


def prepare_by_pillow(pixels: Pixels, settings: Mapping[str, Any]) -> Floats:
    """RGB (h, w, 3) to the network's (3, h', w'): resized by Pillow, which averages where it shrinks."""
    from PIL import Image as Pillow

    height, width = fitted_hw((int(pixels.shape[0]), int(pixels.shape[1])), settings)
    resized = Pillow.fromarray(pixels).resize((width, height), Pillow.Resampling(settings.get("resample", 2)))
    return _shifted(_scaled(np.asarray(resized).transpose(2, 0, 1), settings), settings)


def prepare_unblurred(pixels: Pixels, settings: Mapping[str, Any]) -> Floats:
    """RGB (h, w, 3) to the network's (3, h', w'): each pixel between the nearest four, nothing averaged."""
    import torch
    from torch.nn import functional as F

    fitted = fitted_hw((int(pixels.shape[0]), int(pixels.shape[1])), settings)
    scaled = torch.from_numpy(_scaled(pixels.transpose(2, 0, 1), settings))
    resized = F.interpolate(scaled[None], size=fitted, mode="bilinear", align_corners=False)[0]
    return _shifted(resized.numpy(), settings)


def _scaled(channels: Pixels, settings: Mapping[str, Any]) -> Floats:
    """Values 0..255 of (3, h, w), usually to 0..1; a table, because there are but 256 of them."""
    table = (np.arange(256) * float(settings.get("rescale_factor", 1 / 255))).astype(np.float32)
    return np.ascontiguousarray(table[channels])


def _shifted(channels: Floats, settings: Mapping[str, Any]) -> Floats:
    """Less the mean and over the spread of the data, where the settings say so."""
    if not settings.get("do_normalize", True):
        return channels
    mean = np.array(settings.get("image_mean") or (0.485, 0.456, 0.406), np.float32)[:, None, None]
    std = np.array(settings.get("image_std") or (0.229, 0.224, 0.225), np.float32)[:, None, None]
    return np.asarray((channels - mean) / std, np.float32)
