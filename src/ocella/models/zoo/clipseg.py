"""CLIPSeg: the pixels that short texts name."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ocella.errors import InvalidValue
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.embedding.pixel_values import pixel_values
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.open_vocabulary import read_prompt
from ocella.models.prompt_table import PromptTable
from ocella.models.segmentation.class_map import best_prompt
from ocella.models.tasks import SemanticSegmenter
from ocella.types import Image, Ontology, SegmentationMap

__all__ = ["UNITS", "Clipseg"]

_AT_ONCE = 16
"""Texts in one pass of the decoder."""
_CARD = ModelCard(
    name="clipseg-rd64-refined",
    try_order=2,
    advice="regions of any words",
    task="semantic-segment",
    summary="which pixels short English texts name; coarse outlines",
    checkpoint="hub: CIDAS/clipseg-rd64-refined (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0 (as its hub page says; the authors' MIT licence leaves the weights out)",
    commercial_use=True,
    parameters=152_504_162,
    megabytes=610,
    input_hw=(352, 352),
    open_vocabulary=True,
    threshold=0.3,
    extra="torch",
    aliases=("clipseg",),
    good_at="surfaces and things of any kind that a few words name; a quick first map",
    bad_at="exact outlines, small things, single objects of one kind; confidences differ much from text to text",
    run_here="small self-made checkpoints only",
    data={"hub": "CIDAS/clipseg-rd64-refined", "revision": "main"},
    system="CLIPSeg",
    library="transformers",
    prompts=("text",),
    speed="medium",
    memory_gb=2,
)


class Clipseg(SemanticSegmenter):
    """The image is looked at once, then a small decoder asks it for each text. Classes compete for a pixel by how likely
    their best text is there. `batch` images go together.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "clipseg", "CLIPSegForImageSegmentation")
        self._card = adopt_card(card, options, self._opened)
        self._prepare = self._opened.part("ViTImageProcessorPil")
        self._asked: dict[Ontology, tuple[PromptTable, Any]] = {}
        self.batch = self._opened.batch(options)

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[SegmentationMap]:
        """A map of each image; -1 where no class reaches its threshold. Raises InvalidValue without an ontology."""
        if ontology is None:
            raise InvalidValue(f"'{self.card.name}' finds what it is told to: give classes, like 'road, sky'.")
        if ontology not in self._asked:
            table = PromptTable.of(ontology, read_prompt)
            self._asked[ontology] = table, self._encode(table.texts)
        table, texts = self._asked[ontology]
        floors = table.floors(self.card.threshold if threshold is None else threshold)
        found = []
        for chunk in batches(images, self.batch):
            for image, logits in zip(chunk, self.look(chunk, texts), strict=True):
                found.append(SegmentationMap(best_prompt(logits, table, floors, image.size_hw), ontology.names))
        return found

    def look(self, images: Sequence[Image], texts: Any) -> list[Any]:
        """Logits (texts, h, w) of each image, tensors in the network's own size."""
        import torch

        network = self._opened.network
        pixels = pixel_values(self._prepare, images)["pixel_values"].to(self._opened.device, self._opened.dtype)
        with torch.inference_mode():
            seen = network.clip.get_image_features(pixels, output_hidden_states=True).hidden_states
            layers = [seen[i + 1] for i in network.extract_layers]  # the first are the embeddings
            return [self._decode([layer[i : i + 1] for layer in layers], texts) for i in range(len(images))]

    def _decode(self, layers: list[Any], texts: Any) -> Any:
        import torch

        parts = []
        for start in range(0, len(texts), _AT_ONCE):
            asked = texts[start : start + _AT_ONCE]
            shared = [layer.expand(len(asked), -1, -1) for layer in layers]
            parts.append(self._opened.network.decoder(shared, asked).logits)
        return torch.cat(parts)

    def _encode(self, texts: Sequence[str]) -> Any:
        """Vectors of the texts."""
        import torch

        network, tokenizer, device = self._opened.network, self._opened.tokenizer, self._opened.device
        most = int(network.config.text_config.max_position_embeddings)
        for text in texts:
            length = len(tokenizer(text)["input_ids"])
            if length > most:
                raise InvalidValue(f"The prompt '{text}' has {length} tokens, but at most {most} fit. Shorten it.")
        tokens = tokenizer(list(texts), padding=True, return_tensors="pt").to(device)
        with torch.inference_mode():
            return network.get_conditional_embeddings(
                batch_size=len(texts), input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
            )


UNITS = (ModelEntry(_CARD, partial(Clipseg, _CARD), ("CLIPSegForImageSegmentation",)),)
