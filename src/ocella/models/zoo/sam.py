"""SAM: masks of whatever a box or points show."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.sam_segmenter import SamSegmenter

__all__ = ["UNITS"]

_BASE = ModelCard(
    name="sam-vit-base",
    try_order=2,
    advice="the outline of whatever a box or a click shows; the SAM of Grounded SAM",
    task="segment",
    summary="a mask of whatever each box or point shows; the smallest of the first SAM",
    checkpoint="hub: facebook/sam-vit-base (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=93_735_728,
    megabytes=375,
    input_hw=(1024, 1024),
    threshold=0.5,
    extra="torch",
    aliases=("sam", "sam-b", "segment-anything"),
    good_at="clear outlines of things that a box or a click shows, of any kind; many prompts on one image",
    bad_at="naming what it masks; thin structures; speed without a graphics card",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/sam-vit-base", "revision": "main"},
    system="SAM",
    library="transformers",
    prompts=("box", "point"),
    score_kind="none",
    speed="slow",
    memory_gb=3,
)
_LARGE = replace(
    _BASE,
    name="sam-vit-large",
    summary="as sam-vit-base, larger",
    checkpoint="hub: facebook/sam-vit-large (revision main)",
    parameters=312_343_088,
    megabytes=1249.4,
    aliases=("sam-l",),
    data={"hub": "facebook/sam-vit-large", "revision": "main"},
    memory_gb=5,
)
_HUGE = replace(
    _BASE,
    name="sam-vit-huge",
    summary="as sam-vit-base, the largest; needs a graphics card to be of use",
    checkpoint="hub: facebook/sam-vit-huge (revision main)",
    parameters=641_090_864,
    megabytes=2564.4,
    aliases=("sam-h",),
    data={"hub": "facebook/sam-vit-huge", "revision": "main"},
    memory_gb=7,
)


def _open(card: ModelCard, options: LoadOptions) -> SamSegmenter:
    opened = open_checkpoint(card, options, "sam", "SamModel")
    return SamSegmenter(adopt_card(card, options, opened), opened, opened.image)


UNITS = tuple(ModelEntry(card, partial(_open, card), ("SamModel",)) for card in (_BASE, _LARGE, _HUGE))
