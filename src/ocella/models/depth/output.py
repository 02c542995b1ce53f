"""From what a network gives to a map of distances in the image's own size."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types import DepthMap

__all__ = ["Floats", "from_disparity", "input_size", "own_size"]

Floats = npt.NDArray[np.float32]


def own_size(depth: Any, size_hw: tuple[int, int], *, mode: str = "bicubic") -> Floats:
    """A network's map, a tensor (h, w), in the image's size: as transformers does it, without smoothing when it shrinks."""
    from torch.nn.functional import interpolate

    resized = interpolate(depth.float()[None, None], size=size_hw, mode=mode, align_corners=False)
    return np.asarray(resized[0, 0].cpu().numpy(), np.float32)


def from_disparity(disparity: Floats) -> DepthMap:
    """Distances of a relative inverse depth: its largest value minus each, so that the nearest pixel is 0 and farther is
    larger. They have no unit, and steps at a distance are smaller than near, as they were.
    """
    return DepthMap(disparity.max() - disparity)


def input_size(
    size_hw: tuple[int, int], wanted_hw: tuple[int, int], multiple: float, *, keep_shape: bool
) -> tuple[int, int]:
    """The input size that DPT's preparation gives an image: the wanted one, or of the image's shape with one side as
    wanted, in steps of `multiple`. A thin strip keeps at least one step, where the library would leave nothing of it.
    """
    scales = [wanted / side for wanted, side in zip(wanted_hw, size_hw, strict=True)]
    if keep_shape:
        nearest = scales[1] if abs(1 - scales[1]) < abs(1 - scales[0]) else scales[0]
        scales = [nearest, nearest]
    steps = [round(scale * side / multiple) for scale, side in zip(scales, size_hw, strict=True)]
    height, width = (max(1, int(max(1, step) * multiple)) for step in steps)
    return height, width
