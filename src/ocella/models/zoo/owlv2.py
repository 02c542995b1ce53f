"""OWLv2: an open-vocabulary detector with one box for each patch of the image."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.card import Accuracy, ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable, corners
from ocella.models.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.types import Detections, Image

__all__ = ["UNITS", "Owlv2", "prepare"]

Floats = npt.NDArray[np.float32]

_CARD = ModelCard(
    name="owlv2-base-patch16-ensemble",
    task="detect",
    summary="finds what short English texts name; strong on rare things, many prompts at no cost",
    checkpoint="hub: google/owlv2-base-patch16-ensemble (revision not pinned)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=154_966_792,
    megabytes=620,
    input_hw=(960, 960),
    open_vocabulary=True,
    threshold=0.2,
    extra="torch",
    aliases=("owlv2",),
    accuracy=(
        Accuracy("AP", 0.439, "LVIS", "github.com/google-research/scenic, OWL-ViT README"),
        Accuracy("AP rare", 0.405, "LVIS", "github.com/google-research/scenic, OWL-ViT README"),
    ),
    good_at="rare things, long lists of classes: the texts are read once, not for every image",
    bad_at="whole sentences, many overlapping things; its confidences are low, so a threshold is worth choosing",
    run_here="small self-made checkpoints only",
    data={"hub": "google/owlv2-base-patch16-ensemble"},
    system="OWLv2",
    library="transformers",
    prompts=("text", "image"),
    speed="slow",
    memory_gb=3,
)


class Owlv2(OpenDetector):
    """The image in the upper left of a square, a score of every prompt for every patch. `batch` images go together."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__()
        self._opened = open_checkpoint(card, options, "owlv2", "Owlv2ForObjectDetection")
        self._card = adopt_card(card, options, self._opened)
        self.batch = self._opened.batch(options)

    def _encode(self, texts: Sequence[str]) -> Any:
        """Vectors of the texts."""
        import torch

        network, tokenizer, device = self._opened.network, self._opened.tokenizer, self._opened.device
        most = int(network.config.text_config.max_position_embeddings)
        for text in texts:
            length = len(tokenizer(text)["input_ids"])
            if length > most:
                raise InvalidValue(f"The prompt '{text}' has {length} tokens, but at most {most} fit. Shorten it.")
        tokens = tokenizer(list(texts), padding="max_length", max_length=most, return_tensors="pt")
        with torch.inference_mode():
            found = network.owlv2.get_text_features(
                input_ids=tokens["input_ids"].to(device), attention_mask=tokens["attention_mask"].to(device)
            ).pooler_output
            return found / found.norm(dim=-1, keepdim=True)

    def _find(self, images: Sequence[Image], table: PromptTable, encoded: Any, threshold: float) -> list[Detections]:
        scores, boxes = self._forward(np.stack([prepare(i.pixels, self._opened.image) for i in images]), encoded)
        found = []
        for image, s, b in zip(images, scores, boxes, strict=True):
            side = max(image.size_hw)
            found.append(table.detections(s, corners(b, (side, side)), image.size_hw, threshold))
        return found

    def _forward(self, pixels: Floats, queries: Any) -> tuple[Floats, Floats]:
        """Scores (batch, patches, texts) and boxes (batch, patches, 4) in 0..1 of the square."""
        import torch

        network = self._opened.network
        with torch.inference_mode():
            grid, _ = network.image_embedder(torch.from_numpy(pixels).to(self._opened.device))
            features = grid.flatten(1, 2)
            logits, _ = network.class_predictor(features, queries.expand(len(pixels), -1, -1))
            boxes = network.box_predictor(features, grid)
            return logits.float().sigmoid().cpu().numpy(), boxes.float().cpu().numpy()


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


UNITS = (ModelEntry(_CARD, partial(Owlv2, _CARD), ("Owlv2ForObjectDetection",)),)
