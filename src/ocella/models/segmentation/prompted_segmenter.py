"""Segmenters of the SAM family: the image is looked at once, then asked for any number of objects."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.segmentation.embedding_cache import EmbeddingCache
from ocella.models.segmentation.sam_prompts import ObjectPrompts, PromptGroup, prompts_of
from ocella.models.tasks import Segmenter
from ocella.types import Image, Masks

__all__ = ["PromptedSegmenter"]

_AT_ONCE = 16
"""Objects in one pass of the mask decoder: more take gigabytes and save little."""


class PromptedSegmenter(Segmenter):
    """A single point may mean several things, so of the three masks for it the one that the network thinks best is taken;
    for a box or several points it makes one mask. The network's view of the last few images is kept.
    """

    def __init__(self) -> None:
        self._views = EmbeddingCache()

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        points: Sequence[npt.NDArray[np.float32]] | None = None,
    ) -> list[Masks]:
        """One mask for each object of each image, from its box, its points or both; they may reach beyond the box."""
        asked = prompts_of(images, boxes, points)
        return [self._predict_one(image, prompts) for image, prompts in zip(images, asked, strict=True)]

    def look(self, image: Image, prompts: ObjectPrompts) -> Iterator[tuple[int, Any, float]]:
        """For each object its row, the logits (h, w) of its mask in the network's own size (a tensor), and the overlap with
        the true mask that the network expects.
        """
        if not len(prompts):
            return
        view = self._views.of(image, self._encode)
        for group in prompts.groups(_AT_ONCE):
            logits, quality = self._decode(view, image.size_hw, group)
            best = quality.argmax(dim=1).tolist()
            for i, row in enumerate(group.rows):
                yield row, logits[i, best[i]], float(quality[i, best[i]])

    def _predict_one(self, image: Image, prompts: ObjectPrompts) -> Masks:
        runs: list[list[int]] = [[] for _ in range(len(prompts))]
        for row, logits, _ in self.look(image, prompts):
            mask = (self._enlarge(logits, image.size_hw) > 0).cpu().numpy()
            runs[row] = Masks.from_dense(mask[None]).run(0).tolist()
        return Masks.from_counts(runs, image.size_hw)

    @abstractmethod
    def _encode(self, image: Image) -> Any:
        """What the network makes of an image before it knows what to look for."""

    @abstractmethod
    def _decode(self, view: Any, size_hw: tuple[int, int], group: PromptGroup) -> tuple[Any, Any]:
        """Logits (m, masks, h, w) and expected overlaps (m, masks) of a group's m objects, as tensors of float32."""

    @abstractmethod
    def _enlarge(self, logits: Any, size_hw: tuple[int, int]) -> Any:
        """Logits (h, w) as the network gives them, in the size of the image; above 0 is the object."""
