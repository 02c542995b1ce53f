"""FastViT: ImageNet classes by a small network that is quick on phones and processors."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.timm_checkpoint import TimmClassifier, TimmEmbedder
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="fastvit-t8-apple-in1k",
    try_order=2,
    advice="ImageNet's classes where speed is what counts",
    task="classify",
    summary="1000 ImageNet classes; small and quick",
    checkpoint="hub: timm/fastvit_t8.apple_in1k (revision main)",
    code_license="Apache-2.0 (timm)",
    weights_license="Apple's sample code licence (fastvit-license: use and redistribution, no patent licence)",
    commercial_use=True,
    parameters=4_026_232,
    megabytes=16.1,
    input_hw=(256, 256),
    threshold=0.0,
    extra="timm",
    good_at="single objects, animals, household things",
    bad_at="people (ImageNet has no person class), several things at once, small things",
    run_here="small self-made checkpoints only",
    data={
        "hub": "timm/fastvit_t8.apple_in1k",
        "revision": "main",
        "files": ["config.json", "model.safetensors"],
        "family": "fastvit",
    },
    system="FastViT",
    library="timm",
    vocabulary="imagenet-1k",
    speed="fast",
    memory_gb=0.4,
)
_EMBED = replace(
    _CARD,
    name="fastvit-t8-apple-in1k-embed",
    try_order=6,
    advice="likeness by look",
    task="embed",
    summary="768-d image features: likeness and grouping of single objects; no text side",
    good_at="likeness of single objects",
    bad_at="scenes, and what things are called: there is no text side",
    vocabulary="",
    score_kind="similarity",
)
_OPENS = tuple(f"fastvit_{size}" for size in ("t8", "t12", "s12", "sa12", "sa24", "sa36", "ma36"))

UNITS = (
    ModelEntry(_CARD, partial(TimmClassifier, _CARD), _OPENS),
    ModelEntry(_EMBED, partial(TimmEmbedder, _EMBED), _OPENS),
)
