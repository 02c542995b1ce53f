"""Grounded SAM: what a text names, with its outline. Any other detector and promptable segmenter join by `+`."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.compose import Grounded
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.load import load
from ocella.models.tasks import Detector, Segmenter

__all__ = ["UNITS"]

_FIRST = ModelCard(
    name="grounded-sam",
    try_order=1,
    advice="the usual starting point for outlines from words (Grounded SAM): Grounding DINO finds the boxes, SAM the outline in each",
    task="detect",
    summary="outlines of whatever a short English text names: grounding-dino-tiny and sam-vit-base",
    checkpoint="the weights of grounding-dino-tiny and sam-vit-base",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=265_986_354,
    megabytes=1064.4,
    input_hw=(800, 1333),
    open_vocabulary=True,
    threshold=0.35,
    extra="torch",
    good_at="things with a plain English name and a clear outline, teaching a small model",
    bad_at="parts, defects and trade words; naming things that are not there (raise the threshold); speed",
    run_here="small self-made checkpoints only",
    data={"parts": ["grounding-dino-tiny", "sam-vit-base"]},
    system="Grounded SAM",
    library="transformers",
    prompts=("text",),
    speed="slow",
    memory_gb=6,
    outlines=True,
    prompts_per_pass=64,
)
_SECOND = replace(
    _FIRST,
    name="grounded-sam-2",
    advice="outlines from words (Grounded SAM 2): as grounded-sam, with the smaller and newer SAM 2.1",
    try_order=2,
    summary="outlines of whatever a short English text names: grounding-dino-tiny and sam2.1-hiera-tiny",
    checkpoint="the weights of grounding-dino-tiny and sam2.1-hiera-tiny",
    parameters=211_213_347,
    megabytes=815.2,
    data={"parts": ["grounding-dino-tiny", "sam2.1-hiera-tiny"]},
    system="Grounded SAM 2",
    memory_gb=5,
)


def _open(card: ModelCard, options: LoadOptions) -> Grounded:
    """Both parts; weights that a person brings are a folder with one of each part's name."""
    detector, segmenter = (
        load(part, **{**vars(options), "card": None, "weights": options.weights and options.weights / part})
        for part in card.data["parts"]
    )
    assert isinstance(detector, Detector)
    assert isinstance(segmenter, Segmenter)
    return Grounded(detector, segmenter, shown=card.name)


UNITS = tuple(ModelEntry(card, partial(_open, card)) for card in (_FIRST, _SECOND))
