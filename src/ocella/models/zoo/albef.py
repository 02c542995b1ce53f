"""ALBEF: says whether an English text fits an image, and puts both into one space."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, Mismatch
from ocella.models.card import ModelCard
from ocella.models.checkpoints.port_checkpoint import open_port
from ocella.models.checkpoints.transformers_checkpoint import adopt_card
from ocella.models.embedding.image_text_matching import MatchingClassifier, MatchingNetwork
from ocella.models.embedding.joint_encoder import Floats, JointEmbedder, JointEncoder, unit
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.networks.albef import albef_network, image_states, match_logits, renamed, text_states
from ocella.models.starter import starter_text
from ocella.types import Image

__all__ = ["UNITS", "Albef", "prepare"]

_CARD = ModelCard(
    name="albef",
    try_order=5,
    advice="needs more memory than CLIP and may do better on some data",
    task="classify",
    summary="says for each English prompt how likely it fits the image; the older kin of BLIP",
    checkpoint="storage.googleapis.com/sfr-pcl-data-research/ALBEF/ALBEF.pth, a torch pickle: needs --allow-pickle",
    code_license="Apache-2.0 (written here)",
    weights_license="BSD-3-Clause",
    commercial_use=True,
    parameters=209_315_074,
    megabytes=837.3,
    input_hw=(256, 256),
    open_vocabulary=True,
    threshold=0.5,
    extra="torch",
    good_at="descriptions of several words; a yes or no for each prompt alone",
    bad_at="many classes (each prompt is read for each image), fine-grained names",
    superseded_by="blip-itm-base-coco",
    run_here="small self-made checkpoints, under published names equal to the networks of salesforce-lavis 1.0.2",
    data={"url": "https://storage.googleapis.com/sfr-pcl-data-research/ALBEF/ALBEF.pth"},
    system="ALBEF",
    library="port",
    prompts=("text",),
    speed="medium",
    memory_gb=4,
    stand_in="blip-itm-base-coco",
)
_EMBED = replace(
    _CARD,
    name="albef-embed",
    try_order=6,
    advice="images and texts in one space, where CLIP's do not do well",
    task="embed",
    summary="images and English sentences in one space of 256 dimensions; the older kin of BLIP",
    threshold=0.0,
    good_at="search of photographs by sentence",
    bad_at="names of rare things",
    superseded_by="blip-itm-base-coco-embed",
    score_kind="similarity",
    stand_in="blip-itm-base-coco-embed",
)
_MEAN = np.array((0.48145466, 0.4578275, 0.40821073), np.float32)
_STD = np.array((0.26862954, 0.26130258, 0.27577711), np.float32)


class Albef(JointEncoder, MatchingNetwork):
    """Both heads: `see` and `match` are the matching head, `images` and `texts` the contrastive one. The input size is
    that of the checkpoint's places: 256 pixels as published, 384 where it was trained on for retrieval.
    """

    scale = 1.0

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_port(card, options, albef_network, renamed)
        vision = self._opened.network["visual_encoder"]
        patches, patch = vision.pos_embed.shape[1] - 1, vision["patch_embed"]["proj"].kernel_size[0]
        self._side = round(patches**0.5) * patch
        self._words = _tokenizer(self._opened.network["text_encoder"]["embeddings"])
        self.card = adopt_card(card, options, self._opened, input_hw=(self._side, self._side))
        self.batch = self._opened.batch(options)

    def images(self, images: Sequence[Image]) -> Floats:
        """Unit vectors (n, d)."""
        import torch

        with torch.inference_mode():
            return self._unit(self._opened.network["vision_proj"](self._look(images)[:, 0]))

    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (n, d); raises InvalidValue where a text is too long."""
        import torch

        with torch.inference_mode():
            return self._unit(self._opened.network["text_proj"](self.tokens(texts)[0][:, 0]))

    def see(self, image: Image) -> Any:
        """The image's states (1, places, d)."""
        import torch

        with torch.inference_mode():
            return self._look([image])

    def tokens(self, texts: Sequence[str]) -> tuple[Any, Any]:
        """States of the texts, read without an image, and their mask; raises InvalidValue where one is too long."""
        import torch

        made = self._words(list(texts), padding=True, return_tensors="pt", return_token_type_ids=False)
        ids, mask = (made[name].to(self._opened.device) for name in ("input_ids", "attention_mask"))
        longest = self._opened.network["text_encoder"]["embeddings"].position_embeddings.num_embeddings
        if ids.shape[1] > longest:
            raise InvalidValue(f"A text may have {longest} tokens, got {ids.shape[1]}. Shorten it.")
        with torch.inference_mode():
            return text_states(self._opened.network, ids, mask), mask

    def match(self, seen: Any, tokens: tuple[Any, Any]) -> Floats:
        """A logit (texts,) for "fits" against "does not"."""
        import torch

        states, mask = tokens
        with torch.inference_mode():
            logits = match_logits(self._opened.network, states, mask, seen.expand(len(states), -1, -1)).float()
            found: Floats = (logits[:, 1] - logits[:, 0]).cpu().numpy()
        return found

    def _look(self, images: Sequence[Image]) -> Any:
        import torch

        pixels = torch.from_numpy(np.stack([prepare(image, self._side) for image in images]))
        network = self._opened.network
        return image_states(network, pixels.to(self._opened.device, network["itm_head"].weight.dtype))

    @staticmethod
    def _unit(vectors: Any) -> Floats:
        return unit(vectors.float().cpu().numpy())


def prepare(image: Image, side: int) -> Floats:
    """Pixels (3, side, side): squeezed to a square by Pillow's bicubic, CLIP's mean and deviation."""
    from PIL import Image as Pillow

    resized = Pillow.fromarray(image.pixels).resize((side, side), Pillow.Resampling.BICUBIC)
    scaled = (np.asarray(resized, np.float32) / 255 - _MEAN) / _STD
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def _tokenizer(embeddings: Any) -> Any:
    """That of uncased BERT, whose vocabulary comes with the starter set: the weights have none beside them."""
    from transformers import BertTokenizer

    pieces = starter_text("minilm-vocab.txt")
    places = embeddings.word_embeddings.num_embeddings
    if places != len(pieces):
        raise Mismatch(f"The text network must have the {len(pieces)} words of uncased BERT, but has {places}.")
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)})


UNITS = (
    ModelEntry(_CARD, lambda options: MatchingClassifier(Albef(_CARD, options))),
    ModelEntry(_EMBED, lambda options: JointEmbedder(Albef(_EMBED, options))),
)
