"""CLIP: images and English texts in one space, so that any words make a classifier."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.contrastive_checkpoint import builders
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_README = "github.com/mlfoundations/open_clip docs/openclip_results.csv, weights 'openai'"
_BASE32 = ModelCard(
    name="clip-vit-base-patch32",
    try_order=1,
    advice="the usual starting point for naming whole images in any words",
    task="classify",
    summary="any classes in English words; small and the best known of its kind",
    checkpoint="hub: openai/clip-vit-base-patch32 (revision refs/pr/15, which has the weights as safetensors)",
    code_license="Apache-2.0 (transformers)",
    weights_license="MIT",
    commercial_use=True,
    parameters=151_277_313,
    megabytes=605.1,
    input_hw=(224, 224),
    open_vocabulary=True,
    threshold=0.0,
    extra="torch",
    accuracy=(
        Accuracy("top-1", 0.632, "ImageNet val, zero-shot, 80 templates", "github.com/mlfoundations/open_clip README"),
    ),
    good_at="kinds of things and scenes that the web has words for, art and drawings too",
    bad_at="counting, where things are, text, fine kinds (aircraft, plants), medical and satellite images",
    run_here="small self-made checkpoints only",
    data={"hub": "openai/clip-vit-base-patch32", "revision": "refs/pr/15"},
    system="CLIP",
    library="transformers",
    prompts=("text",),
    speed="fast",
    memory_gb=1,
)
_BASE16 = replace(
    _BASE32,
    name="clip-vit-base-patch16",
    try_order=2,
    advice="as clip-vit-base-patch32, finer and slower",
    summary="as clip-vit-base-patch32 with four times the patches: better and slower",
    checkpoint="hub: openai/clip-vit-base-patch16 (revision main, a torch pickle: needs --allow-pickle)",
    parameters=149_620_737,
    megabytes=598.5,
    accuracy=(Accuracy("top-1", 0.6834, "ImageNet val, zero-shot, 80 templates", _README),),
    data={"hub": "openai/clip-vit-base-patch16", "revision": "main"},
    speed="medium",
)
_LARGE14 = replace(
    _BASE32,
    name="clip-vit-large-patch14",
    try_order=2,
    advice="as clip-vit-base-patch32, better and much slower",
    summary="as clip-vit-base-patch32, three times as large and clearly better; slow without a graphics card",
    checkpoint="hub: openai/clip-vit-large-patch14 (revision main)",
    parameters=427_616_513,
    megabytes=1710.5,
    accuracy=(Accuracy("top-1", 0.7554, "ImageNet val, zero-shot, 80 templates", _README),),
    data={"hub": "openai/clip-vit-large-patch14", "revision": "main"},
    speed="medium",
    memory_gb=2.5,
)
_BUILD, _BUILD_EMBED = builders(kind="clip", network="CLIPModel", images="CLIPImageProcessorPil")


def _embed(card: ModelCard) -> ModelCard:
    return replace(
        card,
        name=f"{card.name}-embed",
        task="embed",
        advice="images and texts in one space: groups, outliers, near-duplicates, search in words, moderation",
        summary="images and English texts in one space: search, grouping, duplicates",
        accuracy=(),
        good_at="search by words, likeness of subject",
        score_kind="similarity",
    )


UNITS = tuple(
    ModelEntry(card, partial(build, card), ("CLIPModel",))
    for plain in (_BASE32, _BASE16, _LARGE14)
    for card, build in ((plain, _BUILD), (_embed(plain), _BUILD_EMBED))
)
