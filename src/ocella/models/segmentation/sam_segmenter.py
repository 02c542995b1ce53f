"""SAM's way with an image and prompts, whatever encoder looks at the image."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint
from ocella.models.segmentation.prompted_segmenter import PromptedSegmenter
from ocella.models.segmentation.sam_prompts import PromptGroup
from ocella.types import Image

__all__ = ["SamSegmenter", "fitted_hw", "prepare"]


class SamSegmenter(PromptedSegmenter):
    """The image in the upper left of a square, its longer side as long as the square's."""

    def __init__(self, card: ModelCard, opened: Checkpoint, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._card, self._opened, self._settings = card, opened, settings

    def _encode(self, image: Image) -> Any:
        import torch

        pixels = torch.from_numpy(prepare(image.pixels, self._settings)[None])
        with torch.inference_mode():
            return self._opened.network.get_image_embeddings(pixels.to(self._opened.device, self._opened.dtype))

    def _decode(self, view: Any, size_hw: tuple[int, int], group: PromptGroup) -> tuple[Any, Any]:
        import torch

        height, width = fitted_hw(size_hw, _edge(self._settings))
        scale = np.array([width / size_hw[1], height / size_hw[0]], np.float32)
        with torch.inference_mode():
            out = self._opened.network(
                image_embeddings=view,
                input_points=None if group.xy is None else self._tensor(group.xy * scale),
                input_labels=None if group.labels is None else self._tensor(group.labels),
                input_boxes=None if group.boxes is None else self._tensor(group.boxes * np.tile(scale, 2)),
                multimask_output=group.is_ambiguous,
            )
        return out.pred_masks[0].float(), out.iou_scores[0].float()

    def _enlarge(self, logits: Any, size_hw: tuple[int, int]) -> Any:
        from torch.nn.functional import interpolate

        height, width = fitted_hw(size_hw, _edge(self._settings))
        square = interpolate(logits[None, None], _padded_hw(self._settings), mode="bilinear")
        return interpolate(square[..., :height, :width], size_hw, mode="bilinear")[0, 0]

    def _tensor(self, array: npt.NDArray[Any]) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)[None]).to(self._opened.device)


def fitted_hw(size_hw: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size of an image whose longer side becomes `edge`."""
    scale = edge / max(size_hw)
    return max(1, int(size_hw[0] * scale + 0.5)), max(1, int(size_hw[1] * scale + 0.5))


def prepare(pixels: npt.NDArray[np.uint8], settings: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """RGB (h, w, 3) to the network's (3, side, side), grey at the right and below the image."""
    from PIL import Image as Pillow

    height, width = fitted_hw((int(pixels.shape[0]), int(pixels.shape[1])), _edge(settings))
    resample = Pillow.Resampling(settings.get("resample", Pillow.Resampling.BILINEAR))
    resized = np.asarray(Pillow.fromarray(pixels).resize((width, height), resample), np.float32)
    mean = np.array(settings.get("image_mean") or (0.485, 0.456, 0.406), np.float32)
    std = np.array(settings.get("image_std") or (0.229, 0.224, 0.225), np.float32)
    out = np.zeros((3, *_padded_hw(settings)), np.float32)
    scaled = resized * np.float32(settings.get("rescale_factor", 1 / 255))
    out[:, :height, :width] = ((scaled - mean) / std).transpose(2, 0, 1)
    return out


def _edge(settings: Mapping[str, Any]) -> int:
    return int(settings.get("size", {}).get("longest_edge", 1024))


def _padded_hw(settings: Mapping[str, Any]) -> tuple[int, int]:
    padded = settings.get("pad_size") or {"height": 1024, "width": 1024}
    return int(padded["height"]), int(padded["width"])
