"""BLIP trained for image-text retrieval: says whether a text fits an image, and puts both into one space."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.embedding.image_text_matching import MatchingClassifier, MatchingNetwork
from ocella.models.embedding.joint_encoder import Floats, JointEmbedder, JointEncoder, unit
from ocella.models.embedding.pixel_values import pixel_values
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.types import Image

__all__ = ["UNITS", "BlipRetrieval"]

_CARD = ModelCard(
    name="blip-itm-base-coco",
    try_order=4,
    advice="needs more memory than CLIP and may do better on some data",
    task="classify",
    summary="says for each prompt how likely it fits the image; reads whole sentences, slow with many prompts",
    checkpoint="hub: Salesforce/blip-itm-base-coco (revision refs/pr/5, which has the weights as safetensors)",
    code_license="Apache-2.0 (transformers)",
    weights_license="BSD-3-Clause",
    commercial_use=True,
    parameters=223_744_258,
    megabytes=895,
    input_hw=(384, 384),
    open_vocabulary=True,
    threshold=0.5,
    extra="torch",
    good_at="descriptions of several words, who does what; a yes or no for each prompt alone",
    bad_at="many classes (each prompt is read for each image), fine-grained names",
    run_here="small self-made checkpoints only",
    data={"hub": "Salesforce/blip-itm-base-coco", "revision": "refs/pr/5"},
    system="BLIP",
    library="transformers",
    prompts=("text",),
    speed="medium",
    memory_gb=1.5,
)
_EMBED = replace(
    _CARD,
    name="blip-itm-base-coco-embed",
    try_order=6,
    advice="images and texts in one space, where CLIP's do not do well",
    task="embed",
    summary="images and English sentences in one space of 256 dimensions, trained for retrieval on COCO",
    threshold=0.0,
    good_at="search of photographs by sentence",
    bad_at="names of rare things",
    score_kind="similarity",
)


class BlipRetrieval(JointEncoder, MatchingNetwork):
    """Both heads of the network: `see` and `match` are its matching head, `images` and `texts` its contrastive one."""

    scale = 1.0

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "blip", "BlipForImageTextRetrieval")
        self._images = self._opened.part("BlipImageProcessorPil")
        self.card = adopt_card(card, options, self._opened)
        self.batch = self._opened.batch(options)
        self._longest = int(self._opened.network.config.text_config.max_position_embeddings)

    def images(self, images: Sequence[Image]) -> Floats:
        """Unit vectors (n, d)."""
        import torch

        with torch.inference_mode():
            return self._unit(self._opened.network.vision_proj(self._look(images)[:, 0]))

    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (n, d); raises InvalidValue where a text is too long."""
        import torch

        network = self._opened.network
        with torch.inference_mode():
            return self._unit(network.text_proj(network.text_encoder(**self.tokens(texts)).last_hidden_state[:, 0]))

    def see(self, image: Image) -> Any:
        """The image's states (1, places, d)."""
        import torch

        with torch.inference_mode():
            return self._look([image])

    def tokens(self, texts: Sequence[str]) -> dict[str, Any]:
        """Ids and mask; raises InvalidValue where a text is too long."""
        made = self._opened.tokenizer(list(texts), padding=True, return_tensors="pt", return_token_type_ids=False)
        if made["input_ids"].shape[1] > self._longest:
            raise InvalidValue(f"A text may have {self._longest} tokens, got {made['input_ids'].shape[1]}. Shorten it.")
        return {k: v.to(self._opened.device) for k, v in made.items()}

    def match(self, seen: Any, tokens: dict[str, Any]) -> Floats:
        """A logit (texts,) for "fits" against "does not"."""
        import torch

        network = self._opened.network
        states = seen.expand(len(tokens["input_ids"]), -1, -1)
        with torch.inference_mode():
            read = network.text_encoder(
                **tokens,
                encoder_hidden_states=states,
                encoder_attention_mask=torch.ones(states.shape[:2], dtype=torch.long, device=states.device),
            )
            no, yes = network.itm_head(read.last_hidden_state[:, 0]).float().unbind(1)
        found: Floats = (yes - no).cpu().numpy()
        return found

    def _look(self, images: Sequence[Image]) -> Any:
        pixels = pixel_values(self._images, images)["pixel_values"].to(self._opened.device, self._opened.dtype)
        return self._opened.network.vision_model(pixel_values=pixels).last_hidden_state

    @staticmethod
    def _unit(vectors: Any) -> Floats:
        return unit(vectors.float().cpu().numpy())


UNITS = (
    ModelEntry(
        _CARD, lambda options: MatchingClassifier(BlipRetrieval(_CARD, options)), ("BlipForImageTextRetrieval",)
    ),
    ModelEntry(_EMBED, lambda options: JointEmbedder(BlipRetrieval(_EMBED, options)), ("BlipForImageTextRetrieval",)),
)
