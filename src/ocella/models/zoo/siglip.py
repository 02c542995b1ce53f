"""SigLIP and SigLIP 2: as CLIP, but each text stands alone, so that an image may be several classes or none."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.contrastive_checkpoint import builders
from ocella.models.embedding.prompt_templates import SIGLIP
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_ONE = ModelCard(
    name="siglip-base-patch16-224",
    try_order=4,
    advice="the older SigLIP, English",
    task="classify",
    summary="says for each class in English words how likely the image shows it: several, or none",
    checkpoint="hub: google/siglip-base-patch16-224 (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=203_155_970,
    megabytes=812.6,
    input_hw=(224, 224),
    open_vocabulary=True,
    threshold=0.0,
    extra="torch",
    good_at="images of several things, or of nothing that was asked for",
    bad_at="scores are low by nature (0.1 can be sure): compare them, and set the threshold on your own images",
    run_here="small self-made checkpoints only",
    data={"hub": "google/siglip-base-patch16-224", "revision": "main"},
    system="SigLIP",
    library="transformers",
    prompts=("text",),
    speed="medium",
    memory_gb=1.3,
)
_TWO = replace(
    _ONE,
    name="siglip2-base-patch16-224",
    try_order=2,
    advice="names whole images in many languages; next where CLIP does not do well",
    summary="any classes in words of many languages; free for every use, better than CLIP of its size",
    checkpoint="hub: google/siglip2-base-patch16-224 (revision main)",
    parameters=375_187_970,
    megabytes=1500.8,
    languages=("many",),
    data={"hub": "google/siglip2-base-patch16-224", "revision": "main"},
    system="SigLIP 2",
    memory_gb=2.2,
)
_FLEX = replace(
    _TWO,
    name="siglip2-base-patch16-naflex",
    try_order=4,
    advice="as siglip2-base-patch16-224, keeps the shape of the image: documents, screens",
    summary="SigLIP 2 that keeps the shape of the image instead of squeezing it to a square",
    checkpoint="hub: google/siglip2-base-patch16-naflex (revision main)",
    parameters=375_234_050,
    megabytes=1500.9,
    input_hw=(256, 256),
    good_at="long and tall images: pages, panoramas, screens",
    data={"hub": "google/siglip2-base-patch16-naflex", "revision": "main"},
)
_FIXED = builders(templates=SIGLIP, kind="siglip", network="SiglipModel", images="SiglipImageProcessorPil", alone=True)
_FREE = builders(
    templates=SIGLIP, kind="siglip2", network="Siglip2Model", images="Siglip2ImageProcessorPil", alone=True
)


def _embed(card: ModelCard) -> ModelCard:
    return replace(
        card,
        name=f"{card.name}-embed",
        task="embed",
        advice="images and texts in one space, where CLIP's do not do well",
        try_order=3,
        summary="images and texts in one space: search, grouping, duplicates",
        good_at="search by words, likeness of subject",
        bad_at="fine kinds, counting, where things are",
        score_kind="similarity",
    )


UNITS = tuple(
    ModelEntry(card, partial(build, card), (opens,))
    for plain, opens, made in (
        (_TWO, "SiglipModel", _FIXED),
        (_ONE, "SiglipModel", _FIXED),
        (_FLEX, "Siglip2Model", _FREE),
    )
    for card, build in zip((plain, _embed(plain)), made, strict=True)
)
