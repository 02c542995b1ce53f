"""CLIP and its kin as the library transformers has them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.embedding.joint_encoder import ContrastiveClassifier, Floats, JointEmbedder, JointEncoder, unit
from ocella.models.embedding.pixel_values import pixel_values
from ocella.models.embedding.prompt_templates import PHOTOS
from ocella.models.entry import LoadOptions
from ocella.models.tasks import Model
from ocella.types import Image

__all__ = ["ContrastiveCheckpoint", "builders"]


class ContrastiveCheckpoint(JointEncoder):
    """A network with get_image_features and get_text_features. `alone` is SigLIP's way: a sigmoid, a bias, and texts
    filled up to their full length with places that are not masked, because it was trained so.
    """

    def __init__(
        self,
        card: ModelCard,
        options: LoadOptions,
        *,
        kind: str,
        network: str,
        images: str,
        alone: bool = False,
        cased: bool = False,
    ) -> None:
        self._opened = open_checkpoint(card, options, kind, network)
        self._images = self._opened.part(images)
        self.card = adopt_card(card, options, self._opened)
        self.alone, self.cased = alone, cased
        self.batch = self._opened.batch(options, accelerator=32)
        self.scale = float(self._opened.network.logit_scale.detach().float().exp())
        self.bias = float(self._opened.network.logit_bias.detach().float()) if alone else 0.0
        self._longest = _places(self._opened.network.config.text_config)

    def images(self, images: Sequence[Image]) -> Floats:
        """Unit vectors (n, d)."""
        made = pixel_values(self._images, images)
        return self._run(self._opened.network.get_image_features, made)

    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (n, d); raises InvalidValue where a text has more tokens than the network has places."""
        words = self._opened.tokenizer
        for text in texts:
            count = len(words(text)["input_ids"])
            if count > self._longest:
                raise InvalidValue(
                    f"The text '{text[:60]}' has {count} tokens, but '{self.card.name}' reads {self._longest} at most. Shorten it."
                )
        filled: dict[str, Any] = (
            {"padding": "max_length", "max_length": self._longest} if self.alone else {"padding": True}
        )
        made = words(list(texts), return_tensors="pt", **filled)
        wanted = ("input_ids",) if self.alone else ("input_ids", "attention_mask")
        return self._run(self._opened.network.get_text_features, {name: made[name] for name in wanted})

    def _run(self, features: Callable[..., Any], inputs: dict[str, Any]) -> Floats:
        import torch

        device, dtype = self._opened.device, self._opened.dtype
        moved = {k: v.to(device, dtype) if v.is_floating_point() else v.to(device) for k, v in inputs.items()}
        with torch.inference_mode():
            return unit(features(**moved).pooler_output.float().cpu().numpy())


def builders(
    *, templates: Sequence[str] = PHOTOS, **how: Any
) -> tuple[Callable[[ModelCard, LoadOptions], Model], Callable[[ModelCard, LoadOptions], Model]]:
    """The functions that build a family's classifier and its embedder; `how` is that of ContrastiveCheckpoint."""
    return partial(_classifier, tuple(templates), how), partial(_embedder, how)


def _classifier(templates: tuple[str, ...], how: dict[str, Any], card: ModelCard, options: LoadOptions) -> Model:
    return ContrastiveClassifier(ContrastiveCheckpoint(card, options, **how), templates)


def _embedder(how: dict[str, Any], card: ModelCard, options: LoadOptions) -> Model:
    return JointEmbedder(ContrastiveCheckpoint(card, options, **how))


def _places(text: Any) -> int:
    """How many tokens the text network takes; AltCLIP's is a RoBERTa, whose first places are kept for padding."""
    kept = text.pad_token_id + 1 if text.model_type == "altclip_text_model" else 0
    return int(text.max_position_embeddings) - kept
