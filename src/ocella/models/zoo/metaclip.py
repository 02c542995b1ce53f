"""MetaCLIP: CLIP trained anew on openly curated data, and MetaCLIP 2, which reads many languages. Not for commerce."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.contrastive_checkpoint import builders
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_ONE = ModelCard(
    name="metaclip-b32-400m",
    try_order=2,
    advice="CLIP trained on openly chosen data: worth a try where CLIP does not do well on your images",
    task="classify",
    summary="as clip-vit-base-patch32 on openly curated data; not for commercial use",
    checkpoint="hub: facebook/metaclip-b32-400m (revision main, a torch pickle: needs --allow-pickle)",
    code_license="Apache-2.0 (transformers)",
    weights_license="CC-BY-NC-4.0",
    commercial_use=False,
    parameters=151_277_313,
    megabytes=605.1,
    input_hw=(224, 224),
    open_vocabulary=True,
    threshold=0.0,
    extra="torch",
    good_at="kinds of things and scenes that the web has words for",
    bad_at="counting, where things are, text, medical and satellite images",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/metaclip-b32-400m", "revision": "main"},
    system="MetaCLIP",
    library="transformers",
    prompts=("text",),
    speed="fast",
    memory_gb=1,
    clause="CC-BY-NC-4.0 allows no use that is primarily for commercial advantage or payment",
    stand_in="clip-vit-base-patch32",
)
_TWO = replace(
    _ONE,
    name="metaclip-2-worldwide-s16",
    try_order=3,
    advice="prompts in many languages",
    summary="any classes in words of many languages; small image network, large vocabulary; not for commercial use",
    checkpoint="hub: facebook/metaclip-2-worldwide-s16 (revision main)",
    parameters=389_510_401,
    megabytes=1558,
    languages=("many",),
    good_at="prompts in the language of the place, things that are not named in English",
    data={"hub": "facebook/metaclip-2-worldwide-s16", "revision": "main"},
    system="MetaCLIP 2",
    memory_gb=2.5,
    stand_in="siglip2-base-patch16-224",
)
_HOW = {
    _ONE.name: ("CLIPModel", builders(kind="clip", network="CLIPModel", images="CLIPImageProcessorPil")),
    _TWO.name: (
        "MetaClip2Model",
        builders(kind="metaclip_2", network="MetaClip2Model", images="CLIPImageProcessorPil", cased=True),
    ),
}


def _embed(card: ModelCard) -> ModelCard:
    return replace(
        card,
        name=f"{card.name}-embed",
        task="embed",
        advice="images and texts in one space, where CLIP's do not do well",
        try_order=4,
        summary="images and texts in one space: search, grouping, duplicates; not for commercial use",
        good_at="search by words, likeness of subject",
        score_kind="similarity",
        stand_in=f"{card.stand_in}-embed",
    )


UNITS = tuple(
    ModelEntry(card, partial(build, card), (_HOW[plain.name][0],))
    for plain in (_ONE, _TWO)
    for card, build in zip((plain, _embed(plain)), _HOW[plain.name][1], strict=True)
)
