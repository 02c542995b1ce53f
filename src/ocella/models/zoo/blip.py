"""BLIP: one network for captions, one for questions."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.speaker import Speaker, SpokenAnswers
from ocella.models.tasks import Model
from ocella.types import Image

__all__ = ["UNITS", "BlipAnswers", "BlipCaptions"]

_ANSWERS = ModelCard(
    name="blip-vqa-base",
    task="vlm",
    summary="one or two words to a question about an image; small and quick",
    checkpoint="hub: Salesforce/blip-vqa-base (revision main)",
    code_license="Apache-2.0",
    weights_license="BSD-3-Clause",
    commercial_use=True,
    parameters=361_230_140,
    megabytes=1444.9,
    input_hw=(384, 384),
    open_vocabulary=True,
    extra="torch",
    aliases=("blip-vqa",),
    good_at="yes or no, colours, how many of a few",
    bad_at="more than a few words; reading; JSON",
    superseded_by="smolvlm2-500m-video-instruct",
    run_here="small self-made checkpoints only",
    data={"hub": "Salesforce/blip-vqa-base", "revision": "main", "max_tokens": 20},
    system="BLIP",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="medium",
    memory_gb=3,
)
_CAPTIONS = replace(
    _ANSWERS,
    name="blip-image-captioning-base",
    summary="a one-sentence caption; a prompt is its beginning, like 'a photo of', and no question",
    checkpoint="hub: Salesforce/blip-image-captioning-base (revision main)",
    parameters=223_971_644,
    megabytes=895.9,
    aliases=("blip-caption", "blip-image-captioning"),
    good_at="short captions, quickly",
    bad_at="questions: a prompt that ends like a sentence or a question is not read, and a caption is given",
    data={"hub": "Salesforce/blip-image-captioning-base", "revision": "main", "max_tokens": 40},
)


class BlipAnswers(Speaker):
    """An image squeezed to the input size; the question is read beside it, the answer spoken about both."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        opened = open_checkpoint(card, options, "blip", "BlipForQuestionAnswering")
        super().__init__(opened, options)
        self._images = opened.part("BlipImageProcessorPil")
        self.ends = (int(opened.network.config.text_config.sep_token_id),)

    @property
    def _generator(self) -> Any:
        return self.opened.network.text_decoder

    def _see(self, image: Image) -> Any:
        seen = self._placed(dict(self._images(image.pixels, return_tensors="pt")))
        return self.opened.network.vision_model(**seen)[0]

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        import torch

        network, device = self.opened.network, self.opened.device
        words = self.opened.tokenizer(text, return_tensors="pt", return_token_type_ids=False).to(device)
        read = network.text_encoder(
            input_ids=words["input_ids"],
            attention_mask=words["attention_mask"],
            encoder_hidden_states=seen,
            encoder_attention_mask=torch.ones(seen.shape[:-1], dtype=torch.long, device=device),
        )[0]
        return {
            "input_ids": torch.full((1, 1), network.decoder_start_token_id, device=device),
            "attention_mask": torch.ones((1, 1), dtype=torch.long, device=device),
            "encoder_hidden_states": read,
            "encoder_attention_mask": torch.ones(read.shape[:-1], dtype=torch.long, device=device),
        }


class BlipCaptions(Speaker):
    """An image squeezed to the input size; the caption goes on from its beginning."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        opened = open_checkpoint(card, options, "blip", "BlipForConditionalGeneration")
        super().__init__(opened, options)
        self._images = opened.part("BlipImageProcessorPil")
        self.ends = (int(opened.network.config.text_config.sep_token_id),)

    @property
    def _generator(self) -> Any:
        return self.opened.network.text_decoder

    def _see(self, image: Image) -> Any:
        seen = self._placed(dict(self._images(image.pixels, return_tensors="pt")))
        return self.opened.network.vision_model(**seen)[0]

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        import torch

        device = self.opened.device
        start = "" if text[-1] in ".?!:}" else text
        ids = self.opened.tokenizer(start, return_tensors="pt")["input_ids"][:, :-1].to(device)
        ids[:, 0] = self.opened.network.config.text_config.bos_token_id
        return {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "encoder_hidden_states": seen,
            "encoder_attention_mask": torch.ones(seen.shape[:-1], dtype=torch.long, device=device),
        }


def _build(card: ModelCard, speaker: Callable[[ModelCard, LoadOptions], Speaker], options: LoadOptions) -> Model:
    return SpokenAnswers(card, options, speaker(card, options))


_ANSWER: Callable[[LoadOptions], Model] = partial(_build, _ANSWERS, BlipAnswers)
_CAPTION: Callable[[LoadOptions], Model] = partial(_build, _CAPTIONS, BlipCaptions)
UNITS = (
    ModelEntry(_ANSWERS, _ANSWER, ("BlipForQuestionAnswering",)),
    ModelEntry(_CAPTIONS, _CAPTION, ("BlipForConditionalGeneration",)),
)
