"""EVA-CLIP: CLIP whose image network began as a strong one, so that little goes a long way."""

from dataclasses import replace

from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.open_clip_checkpoint import FILES, OpenClip
from ocella.models.embedding.joint_encoder import ContrastiveClassifier, JointEmbedder
from ocella.models.embedding.prompt_templates import PHOTOS
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="eva02-b-16-merged2b-s8b-b131k",
    try_order=3,
    advice="a stronger CLIP of its size",
    task="classify",
    summary="any classes in English words; the best of its size among networks of CLIP's form",
    checkpoint="hub: timm/eva02_base_patch16_clip_224.merged2b_s8b_b131k (revision main)",
    code_license="MIT (open_clip), Apache-2.0 (timm)",
    weights_license="MIT",
    commercial_use=True,
    parameters=149_691_137,
    megabytes=598.8,
    input_hw=(224, 224),
    open_vocabulary=True,
    threshold=0.0,
    extra="timm",
    accuracy=(
        Accuracy(
            "top-1",
            0.7472,
            "ImageNet val, zero-shot, 80 templates",
            "github.com/mlfoundations/open_clip docs/openclip_results.csv",
        ),
    ),
    good_at="kinds of things and scenes that the web has words for",
    bad_at="counting, where things are, text, medical and satellite images",
    run_here="small self-made checkpoints only",
    data={
        "hub": "timm/eva02_base_patch16_clip_224.merged2b_s8b_b131k",
        "revision": "main",
        "files": FILES,
        "family": "eva",
    },
    system="EVA-CLIP",
    library="open_clip",
    prompts=("text",),
    speed="medium",
    memory_gb=1,
)
_EMBED = replace(
    _CARD,
    name="eva02-b-16-merged2b-s8b-b131k-embed",
    try_order=6,
    advice="images and texts in one space, where CLIP's do not do well",
    task="embed",
    summary="images and English texts in one space: search, grouping, duplicates",
    accuracy=(),
    good_at="search by words, likeness of subject",
    score_kind="similarity",
)

UNITS = (
    ModelEntry(_CARD, lambda options: ContrastiveClassifier(OpenClip(_CARD, options), PHOTOS)),
    ModelEntry(_EMBED, lambda options: JointEmbedder(OpenClip(_EMBED, options))),
)
