"""Perception Encoder: a small network of CLIP's form, distilled from a very large one."""

from dataclasses import replace

from ocella.models.card import ModelCard
from ocella.models.checkpoints.open_clip_checkpoint import FILES, OpenClip
from ocella.models.embedding.joint_encoder import ContrastiveClassifier, JointEmbedder
from ocella.models.embedding.prompt_templates import PHOTOS
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="pe-core-t-16-384",
    try_order=3,
    advice="a small Perception Encoder: names whole images in any words",
    task="classify",
    summary="any classes in short English words (32 tokens); small image network at 384 pixels, free for every use",
    checkpoint="hub: timm/PE-Core-T-16-384 (revision main)",
    code_license="MIT (open_clip), Apache-2.0 (timm)",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=69_546_113,
    megabytes=278.2,
    input_hw=(384, 384),
    open_vocabulary=True,
    threshold=0.0,
    extra="timm",
    good_at="kinds of things and scenes that the web has words for, at little cost",
    bad_at="long descriptions, counting, where things are, text",
    run_here="small self-made checkpoints only",
    data={"hub": "timm/PE-Core-T-16-384", "revision": "main", "files": FILES, "family": "vit_pe_core"},
    system="Perception Encoder",
    library="open_clip",
    prompts=("text",),
    speed="medium",
    memory_gb=0.7,
)
_EMBED = replace(
    _CARD,
    name="pe-core-t-16-384-embed",
    try_order=3,
    advice="a small Perception Encoder: images and texts in one space",
    task="embed",
    summary="images and English texts in one space: search, grouping, duplicates",
    good_at="search by words, likeness of subject",
    score_kind="similarity",
)

UNITS = (
    ModelEntry(_CARD, lambda options: ContrastiveClassifier(OpenClip(_CARD, options), PHOTOS)),
    ModelEntry(_EMBED, lambda options: JointEmbedder(OpenClip(_EMBED, options))),
)
