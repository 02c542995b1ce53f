"""OmDet-Turbo: a fast open-vocabulary detector; the texts meet the image only in its decoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, MissingExtra
from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable, corners
from ocella.types import Detections, Image

__all__ = ["UNITS", "OmDetTurbo"]

Floats = npt.NDArray[np.float32]

_README = "github.com/om-ai-lab/OmDet README"
_NETWORK = "OmDetTurboForObjectDetection"
_TOKENS = 77
"""Of CLIP's text encoder, for a class and for the task; the task is cut there, as the library does."""

_CARD = ModelCard(
    name="omdet-turbo-swin-tiny",
    try_order=4,
    advice="boxes from words in real time on a graphics card",
    task="detect",
    summary="finds what short English texts name, several times faster than Grounding DINO",
    checkpoint="hub: omlab/omdet-turbo-swin-tiny-hf (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=115_406_806,
    megabytes=461.6,
    input_hw=(640, 640),
    open_vocabulary=True,
    threshold=0.3,
    extra="timm",
    aliases=("omdet-turbo", "omdet-turbo-tiny"),
    accuracy=(
        Accuracy("AP", 0.425, "COCO val2017, zero-shot", _README),
        Accuracy("AP", 0.303, "LVIS minival, zero-shot", _README),
    ),
    good_at="speed: texts are read once, not for every image",
    bad_at="whole sentences, small things; its published weights need timm, which needs torchvision",
    run_here="small self-made checkpoints only",
    data={"hub": "omlab/omdet-turbo-swin-tiny-hf", "revision": "main"},
    system="OmDet-Turbo",
    library="transformers",
    prompts=("text",),
    speed="medium",
    memory_gb=2,
    stand_in="mm-grounding-dino-tiny-o365v1-goldg-v3det",
)


@dataclass(frozen=True)
class _Asked:
    """Vectors of the texts (texts, 1, d), and the task's tokens (tokens, 1, d) with their mask (1, tokens)."""

    texts: Any
    task: Any
    mask: Any


class OmDetTurbo(OpenDetector):
    """A text a class, and the task "Detect cat, dog." that names them all. `batch` images go together."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__()
        try:
            self._opened = open_checkpoint(card, options, "omdet-turbo", _NETWORK)
        except ImportError as error:  # a checkpoint of one's own may have a backbone that is not timm's
            raise MissingExtra("The backbone of this checkpoint", "timm") from error
        self._card = adopt_card(card, options, self._opened)
        self._images = self._opened.part("DetrImageProcessorPil", do_pad=False)
        self._words = self._opened.part("CLIPTokenizer")
        self.batch = self._opened.batch(options)

    def _encode(self, texts: Sequence[str]) -> _Asked:
        import torch

        network, device = self._opened.network, self._opened.device
        for text in texts:
            length = len(self._words(text)["input_ids"])
            if length > _TOKENS:
                raise InvalidValue(f"The prompt '{text[:60]}...' has {length} tokens, but at most {_TOKENS} fit.")
        classes, task = self._tokens(texts), self._tokens([f"Detect {', '.join(texts)}."])
        with torch.inference_mode():
            found = network.language_backbone(classes["input_ids"].to(device), encode_type="class")
            words, mask = network.language_backbone(
                task["input_ids"].to(device), mask=task["attention_mask"].to(device), encode_type="task"
            )
        return _Asked(found[:, None], words, mask)

    def _tokens(self, texts: Sequence[str]) -> Any:
        return self._words(list(texts), padding="max_length", truncation=True, max_length=_TOKENS, return_tensors="pt")

    def _find(self, images: Sequence[Image], table: PromptTable, encoded: _Asked, threshold: float) -> list[Detections]:
        scores, boxes = self._forward(images, encoded)
        return [
            table.detections(s, corners(b, image.size_hw), image.size_hw, threshold, iou=0.5)
            for image, s, b in zip(images, scores, boxes, strict=True)
        ]

    def _forward(self, images: Sequence[Image], asked: _Asked) -> tuple[Floats, Floats]:
        """Scores (batch, queries, texts) and boxes (batch, queries, 4) in 0..1 of the image."""
        import torch

        network, n = self._opened.network, len(images)
        made = [self._images(i.pixels, input_data_format="channels_last", return_tensors="pt") for i in images]
        with torch.inference_mode():
            pixels = torch.cat([m["pixel_values"] for m in made]).to(self._opened.device, self._opened.dtype)
            features = network.encoder(network.vision_backbone(pixels)).extracted_states
            out = network.decoder(
                features, asked.texts.expand(-1, n, -1), asked.task.expand(-1, n, -1), asked.mask.expand(n, -1)
            )
            scores, boxes = out.decoder_classes[-1].float().sigmoid(), out.decoder_coords[-1].float()
            return scores.cpu().numpy(), boxes.cpu().numpy()


UNITS = (ModelEntry(_CARD, partial(OmDetTurbo, _CARD), (_NETWORK,)),)
