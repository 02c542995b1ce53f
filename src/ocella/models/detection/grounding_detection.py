"""A detector that reads all its prompts in one text: Grounding DINO and those that follow it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.detection.grounding_text import Caption, captions, phrase
from ocella.models.entry import LoadOptions
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable, corners
from ocella.types import Detections, Image

__all__ = ["GroundingDetector", "fitted_hw", "prepare"]

Floats = npt.NDArray[np.float32]


class GroundingDetector(OpenDetector):
    """All prompts in one text, in several passes where they do not fit. A box's score for a prompt is the highest of
    the prompt's own tokens. Classes compete for a box within a pass. `batch` images of one input size go together.
    `kind` is the model type in config.json, `network` the class.
    """

    def __init__(self, card: ModelCard, options: LoadOptions, *, kind: str, network: str) -> None:
        super().__init__()
        self._opened = open_checkpoint(card, options, kind, network)
        self._card = adopt_card(card, options, self._opened)
        self._limit = int(self._opened.network.config.max_text_len)
        self.batch = self._opened.batch(options, accelerator=4)

    def _read(self, prompt: str) -> str:
        return phrase(prompt)

    def _encode(self, texts: Sequence[str]) -> list[Caption]:
        return captions(texts, self._opened.tokenizer, self._limit)

    def _find(
        self, images: Sequence[Image], table: PromptTable, encoded: list[Caption], threshold: float
    ) -> list[Detections]:
        found: dict[int, Detections] = {}
        for rows in self._groups([i.size_hw for i in images]):
            pixels = np.stack([prepare(images[r].pixels, self._opened.image) for r in rows])
            parts = [self._forward(pixels, caption, len(table.texts)) for caption in encoded]
            scores, boxes = (np.concatenate(p, axis=1) for p in zip(*parts, strict=True))
            for i, r in enumerate(rows):
                size_hw = images[r].size_hw
                found[r] = table.detections(scores[i], corners(boxes[i], size_hw), size_hw, threshold)
        return [found[r] for r in range(len(images))]

    def _groups(self, sizes_hw: Sequence[tuple[int, int]]) -> list[list[int]]:
        """Numbers of images of one input size: without padding an image's result does not depend on its company."""
        groups: dict[tuple[int, int], list[int]] = {}
        for row, size_hw in enumerate(sizes_hw):
            groups.setdefault(fitted_hw(size_hw, self._opened.image), []).append(row)
        return list(groups.values())

    def _forward(self, pixels: Floats, caption: Caption, texts: int) -> tuple[Floats, Floats]:
        """Scores (batch, queries, texts), -1 for texts of other captions, and boxes (batch, queries, 4) in 0..1."""
        import torch

        device = self._opened.device
        with torch.inference_mode():
            ids = torch.tensor([caption.input_ids] * len(pixels), device=device)
            out = self._opened.network(
                pixel_values=torch.from_numpy(pixels).to(device),
                input_ids=ids,
                token_type_ids=torch.zeros_like(ids),
                attention_mask=torch.ones_like(ids),
            )
            tokens = out.logits.float().sigmoid().cpu().numpy()
            boxes = out.pred_boxes.float().cpu().numpy()
        scores = np.full((*tokens.shape[:2], texts), -1, np.float32)
        for text, start, end in caption.spans:
            scores[..., text] = tokens[..., start:end].max(axis=-1)
        return scores, boxes


def fitted_hw(size_hw: tuple[int, int], settings: dict[str, Any]) -> tuple[int, int]:
    """The input size of an image: shorter side as set, less where the longer would pass its limit; shape kept."""
    size = settings.get("size") or {"shortest_edge": 800, "longest_edge": 1333}
    if "height" in size:
        return int(size["height"]), int(size["width"])
    short, long = min(size_hw), max(size_hw)
    edge: float = size["shortest_edge"]
    most = size.get("longest_edge")
    if most and long / short * edge > most:
        edge = most * short / long
    if short == round(edge):
        return size_hw
    height, width = (max(1, round(edge) if side == short else int(edge * side / short)) for side in size_hw)
    return height, width


def prepare(pixels: npt.NDArray[np.uint8], settings: dict[str, Any]) -> Floats:
    """RGB (h, w, 3) to the network's (3, h', w'): resized by Pillow, as the checkpoint's own preparation does."""
    from PIL import Image as Pillow

    height, width = fitted_hw((int(pixels.shape[0]), int(pixels.shape[1])), settings)
    resized = Pillow.fromarray(pixels).resize((width, height), Pillow.Resampling(settings.get("resample") or 2))
    scaled = np.asarray(resized, np.float32) * np.float32(settings.get("rescale_factor", 1 / 255))
    mean = np.array(settings.get("image_mean") or (0.485, 0.456, 0.406), np.float32)
    std = np.array(settings.get("image_std") or (0.229, 0.224, 0.225), np.float32)
    return np.ascontiguousarray(((scaled - mean) / std).transpose(2, 0, 1))
