"""SmolVLM: small models that answer questions about an image."""

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

__all__ = ["UNITS", "SmolVlm", "image_text"]

_CARD = ModelCard(
    name="smolvlm2-256m-video-instruct",
    try_order=1,
    advice="answers a question about an image in words, on a small machine",
    task="vlm",
    summary="the smallest model that answers questions about an image; runs on a processor",
    checkpoint="hub: HuggingFaceTB/SmolVLM2-256M-Video-Instruct (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=256_484_928,
    megabytes=1025.9,
    input_hw=(512, 512),
    open_vocabulary=True,
    extra="torch",
    aliases=("smolvlm2", "smolvlm2-256m"),
    good_at="short captions, yes or no questions, large print",
    bad_at="counting, small print, rare things; it says something even where it does not know",
    run_here="small self-made checkpoints only",
    data={"hub": "HuggingFaceTB/SmolVLM2-256M-Video-Instruct", "revision": "main", "max_tokens": 256},
    system="SmolVLM2",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="slow",
    memory_gb=2,
)


def _sized(name: str, hub: str, parameters: int, side: int, **changes: Any) -> ModelCard:
    fields: dict[str, Any] = {
        "checkpoint": f"hub: {hub} (revision main)",
        "data": {**_CARD.data, "hub": hub},
        "megabytes": round(parameters * 4 / 1e6, 1),
        "input_hw": (side, side),
        "aliases": (),
        **changes,
    }
    return replace(_CARD, name=name, parameters=parameters, **fields)


_CARDS = (
    _CARD,
    _sized(
        "smolvlm2-500m-video-instruct",
        "HuggingFaceTB/SmolVLM2-500M-Video-Instruct",
        507_482_304,
        512,
        summary="as smolvlm2-256m-video-instruct, twice as large",
        aliases=("smolvlm2-500m",),
        memory_gb=3,
    ),
    _sized(
        "smolvlm2-2.2b-instruct",
        "HuggingFaceTB/SmolVLM2-2.2B-Instruct",
        2_246_784_880,
        384,
        summary="the largest SmolVLM2; wants a graphics card",
        aliases=("smolvlm2-2.2b",),
        memory_gb=10,
    ),
    _sized(
        "smolvlm-256m-instruct",
        "HuggingFaceTB/SmolVLM-256M-Instruct",
        256_484_928,
        512,
        summary="the first SmolVLM",
        aliases=("smolvlm",),
        system="SmolVLM",
        superseded_by="smolvlm2-256m-video-instruct",
    ),
)


class SmolVlm(Speaker):
    """An image is cut into tiles of the input size and shown whole once more; all go into the text, each with its place."""

    def __init__(self, card: ModelCard, options: LoadOptions, network: str) -> None:
        kind = "smolvlm" if network.startswith("SmolVLM") else "idefics3"
        opened = open_checkpoint(card, options, kind, network)
        super().__init__(opened, options)
        self._images = opened.part("Idefics3ImageProcessorPil")
        vision, shrunk = opened.network.config.vision_config, opened.network.config.scale_factor
        self._tokens = (vision.image_size // vision.patch_size) ** 2 // shrunk**2

    def _see(self, image: Image) -> Any:
        return self._images(image.pixels, return_row_col_info=True, return_tensors="pt")

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        shown = image_text(seen["rows"][0][0], seen["cols"][0][0], self._tokens)
        told = f"<|im_start|>User:{shown}{text}<end_of_utterance>\nAssistant:"
        words = self.opened.tokenizer(told, return_tensors="pt")
        return {
            "input_ids": words["input_ids"],
            "attention_mask": words["attention_mask"],
            "pixel_values": seen["pixel_values"],
            "pixel_attention_mask": seen["pixel_attention_mask"],
        }


def image_text(rows: int, columns: int, tokens: int) -> str:
    """The places of an image's tiles in the text, row by row, then of the whole image; `tokens` each."""
    mark, spot = "<fake_token_around_image>", "<image>" * tokens
    tiles = ""
    for row in range(1, rows + 1):
        tiles += "".join(f"{mark}<row_{row}_col_{column}>{spot}" for column in range(1, columns + 1)) + "\n"
    return f"{tiles}{chr(10) if rows else ''}{mark}<global-img>{spot}{mark}"


def _build(card: ModelCard, network: str, options: LoadOptions) -> Model:
    return SpokenAnswers(card, options, SmolVlm(card, options, network))


def _entry(card: ModelCard) -> ModelEntry:
    network = "SmolVLMForConditionalGeneration" if card.system == "SmolVLM2" else "Idefics3ForConditionalGeneration"
    build: Callable[[LoadOptions], Model] = partial(_build, card, network)
    return ModelEntry(card, build, (network,))


UNITS = tuple(_entry(card) for card in _CARDS)
