"""A detector with one box for each patch of the image, scored for texts and for example images: OWL-ViT and OWLv2."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.detection.exemplar_image import read_exemplar
from ocella.models.entry import LoadOptions
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable, corners
from ocella.ops.iou import iou
from ocella.types import Detections, Image, Ontology

__all__ = ["OwlDetector", "pick"]

Floats = npt.NDArray[np.float32]


class OwlDetector(OpenDetector):
    """Texts are read as they are written, in lower case: the library adds no template to them. A class with example
    images is found by these alone; several are one query, their mean, as in the paper's few-shot detection. `kind` is the
    model type in config.json, `network` the class.
    """

    def __init__(self, card: ModelCard, options: LoadOptions, *, kind: str, network: str) -> None:
        super().__init__()
        self._opened = open_checkpoint(card, options, kind, network)
        self._clip = getattr(self._opened.network, kind)
        self._card = adopt_card(card, options, self._opened)
        self.batch = self._opened.batch(options)

    def _ask(self, ontology: Ontology) -> tuple[PromptTable, Any]:
        import torch

        table = PromptTable.of(ontology, self._read, pictures=True)
        queries = [self._encode(table.texts)] if table.texts else []
        queries += [self._encode_examples(ontology.classes[i].exemplars) for i in table.pictures]
        return table, torch.cat(queries)

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
            found = self._clip.get_text_features(
                input_ids=tokens["input_ids"].to(device), attention_mask=tokens["attention_mask"].to(device)
            ).pooler_output
            return found / found.norm(dim=-1, keepdim=True)

    def _encode_examples(self, exemplars: Sequence[str]) -> Any:
        """One vector (1, d) that stands for all of them."""
        import torch

        vectors = torch.stack([self._encode_example(e) for e in exemplars])
        units = vectors / vectors.norm(dim=-1, keepdim=True)
        return units.mean(dim=0, keepdim=True)

    def _encode_example(self, exemplar: str) -> Any:
        """Vector (d,) of the patch that stands for the thing in an example image."""
        import torch

        image, box = read_exemplar(exemplar)
        network, frame = self._opened.network, self._frame(image.size_hw)
        with torch.inference_mode():
            grid, features = self._look([image])
            _, vectors = network.class_predictor(features)
            if box is None:
                row = self._whole(features, grid, vectors)
            else:
                boxes = corners(network.box_predictor(features, grid)[0].float().cpu().numpy(), frame)
                row = pick(boxes, vectors[0].float().cpu().numpy(), box)
            if row is None:
                raise InvalidValue(f"The model sees nothing in the box of '{exemplar}'. Give a larger box, or none.")
            return vectors[0, row]

    def _find(self, images: Sequence[Image], table: PromptTable, encoded: Any, threshold: float) -> list[Detections]:
        scores, boxes = self._forward(images, encoded)
        found = []
        for image, s, b in zip(images, scores, boxes, strict=True):
            found.append(table.detections(s, corners(b, self._frame(image.size_hw)), image.size_hw, threshold))
        return found

    def _forward(self, images: Sequence[Image], queries: Any) -> tuple[Floats, Floats]:
        """Scores (batch, patches, queries) and boxes (batch, patches, 4) in 0..1 of the frame."""
        import torch

        network = self._opened.network
        with torch.inference_mode():
            grid, features = self._look(images)
            logits, _ = network.class_predictor(features, queries.expand(len(images), -1, -1))
            boxes = network.box_predictor(features, grid)
            return logits.float().sigmoid().cpu().numpy(), boxes.float().cpu().numpy()

    def _look(self, images: Sequence[Image]) -> tuple[Any, Any]:
        """Features of the patches as a grid (batch, rows, columns, d) and in a row (batch, patches, d)."""
        import torch

        pixels = torch.from_numpy(np.stack([self._prepare(i) for i in images]))
        grid, _ = self._opened.network.image_embedder(pixels.to(self._opened.device))
        return grid, grid.flatten(1, 2)

    @abstractmethod
    def _prepare(self, image: Image) -> Floats:
        """An image as the network takes it (3, side, side)."""

    @abstractmethod
    def _frame(self, size_hw: tuple[int, int]) -> tuple[int, int]:
        """Height and width, in pixels of the image, of what the network sees."""

    @abstractmethod
    def _whole(self, features: Any, grid: Any, vectors: Any) -> int | None:
        """The patch (its number) that stands for an example image without a box."""


def pick(boxes: Floats, vectors: Floats, box: Floats) -> int | None:
    """The row of boxes (n, 4) with vectors (n, d) that stands for the thing in `box`: of those whose overlap is at least
    0.8 of the best, the one least like the mean of all, because of the boxes of one thing a single one carries its
    vector and the others background's. None where nothing overlaps.
    """
    overlap = iou(box[None], boxes)[0]
    if not overlap.any():
        return None
    near = np.flatnonzero(overlap >= 0.8 * overlap.max())
    return int(near[np.argmin(vectors[near] @ vectors.mean(axis=0))])
