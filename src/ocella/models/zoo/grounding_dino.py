"""Grounding DINO: a detector that finds what a text names."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.grounding_detection import GroundingDetector
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_KIND, _NETWORK = "grounding-dino", "GroundingDinoForObjectDetection"
_README = "github.com/IDEA-Research/GroundingDINO README"

_TINY = ModelCard(
    name="grounding-dino-tiny",
    try_order=1,
    advice="the usual starting point for boxes from words: finds a wide range of things, from cars to record sleeves",
    task="detect",
    summary="finds whatever a short English text names; slow without a graphics card",
    checkpoint="hub: IDEA-Research/grounding-dino-tiny (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=172_250_626,
    megabytes=689.4,
    input_hw=(800, 1333),
    open_vocabulary=True,
    threshold=0.35,
    extra="torch",
    accuracy=(Accuracy("AP", 0.484, "COCO val2017, zero-shot", _README),),
    good_at="things with a plain English name, teaching a small model",
    bad_at="parts, defects and trade words; naming things that are not there (raise the threshold); speed",
    run_here="small self-made checkpoints only",
    data={"hub": "IDEA-Research/grounding-dino-tiny", "revision": "main"},
    system="Grounding DINO",
    library="transformers",
    prompts=("text",),
    prompts_per_pass=64,
    speed="slow",
    memory_gb=3,
)
_BASE = replace(
    _TINY,
    name="grounding-dino-base",
    try_order=3,
    advice="as grounding-dino-tiny, larger: where the small one misses",
    summary="as grounding-dino-tiny, larger; had COCO's images in its training",
    checkpoint="hub: IDEA-Research/grounding-dino-base (revision main)",
    parameters=232_315_264,
    megabytes=929.3,
    accuracy=(Accuracy("AP", 0.567, "COCO val2017, in its training data", _README),),
    data={"hub": "IDEA-Research/grounding-dino-base", "revision": "main"},
    memory_gb=4,
)

UNITS = tuple(
    ModelEntry(card, partial(GroundingDetector, card, kind=_KIND, network=_NETWORK), (_NETWORK,))
    for card in (_TINY, _BASE)
)
